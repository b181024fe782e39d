"""Word documents (.docx): their paragraphs, lists, tables and notes, as Markdown."""

import re
import zlib
from io import BytesIO
from xml.parsers.expat import ExpatError
from xml.sax import SAXException
from zipfile import BadZipFile, ZipFile

import mammoth
from lxml import etree

from ingest.errors import UnreadableError
from ingest.readers.markup import to_markdown
from ingest.readers.office import check_size, refuse_container
from ingest.types import Document

UNPACKED_MB = 100
WRITTEN_MB = 15
"""Of that, what may be XML: the text of some thousand pages, which takes a minute."""
STYLES = "p[style-name='Title'] => h1:fresh"

_BACK = re.compile(r'\s*<a href="#[^"]*">↑</a>')
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_DAMAGES = (
    BadZipFile, zlib.error, ExpatError, SAXException, etree.XMLSyntaxError, EOFError, OSError,
    LookupError, ValueError, AttributeError, RuntimeError,
)  # fmt: skip


def read(data: bytes) -> Document:
    """Return the text of a Word document: notes stand at its end, pictures are left out.

    Raises:
        UnreadableError: an old .doc, protected by a password, damaged, or too large unpacked.
    """
    refuse_container(data, "Word document (.doc)", ".docx")
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            check_size(parts, UNPACKED_MB)
            written = (part for part in parts if part.filename.endswith((".xml", ".rels")))
            check_size(written, WRITTEN_MB)
            metadata = _metadata(archive)
        html = mammoth.convert_to_html(
            BytesIO(data),
            style_map=STYLES,
            include_embedded_style_map=False,
            convert_image=lambda _: [],
        ).value
    except _DAMAGES:
        raise UnreadableError("it is a damaged Word document, or none; save it again") from None
    return Document(to_markdown(_BACK.sub("", html)), metadata)


def _metadata(archive: ZipFile) -> dict[str, str]:
    """Return the title and author that the file's properties say."""
    if "docProps/core.xml" not in archive.namelist():
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(archive.read("docProps/core.xml"), parser)
    said = {
        "title": root.findtext(f"{_DUBLIN_CORE}title"),
        "author": root.findtext(f"{_DUBLIN_CORE}creator"),
    }
    return {key: value.strip() for key, value in said.items() if value and value.strip()}
