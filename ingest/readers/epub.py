"""EPUB: the chapters of the book's spine in order, without its cover and contents."""

import posixpath
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from lxml import etree

from ingest.errors import UnreadableError
from ingest.lines import markdown_level
from ingest.read import decode
from ingest.readers.markup import to_markdown
from ingest.types import Document, Place

LIMIT_MB = 100
"""What a book may hold, unpacked."""
SMALL_MB = 1
RATIO = 100
"""How many times its size a book of more than `SMALL_MB` may unpack to; text does 3 to 10."""
FIRST_YEAR = 1450
"""Before that, a date is a placeholder: nothing was printed."""

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=True
)
_BROKEN = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises for archives that are broken, encrypted or packed in an unknown way."""
_TEXT = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


class _Item(NamedTuple):
    path: str
    media_type: str
    properties: str


def read(data: bytes) -> Document:
    """Return a book as Markdown, with a place for each document of its spine that has text.

    Raises:
        UnreadableError: no EPUB, a broken, an encrypted or an empty one, or too large unpacked.
    """
    try:
        book = ZipFile(BytesIO(data))
    except _BROKEN as error:
        raise UnreadableError(f"it is no EPUB, or a broken one ({error}); export it anew") from None
    with book:
        return _read(book, len(data))


def _read(book: ZipFile, packed: int) -> Document:
    _check_size(book, packed)
    root = _opf_path(book)
    opf = _xml(book, root)
    folder = posixpath.dirname(root)
    items = {
        node.get("id", ""): _Item(
            _path(folder, node.get("href", "")),
            node.get("media-type", ""),
            node.get("properties", ""),
        )
        for node in opf.iterfind("{*}manifest/{*}item")
    }
    chapters = list(_chapters(opf, items, folder))
    _check_readable(book, chapters)
    titles = _titles(book, opf, items)
    texts: list[str] = []
    places: list[Place] = []
    start = 0
    for path in chapters:
        text = to_markdown(decode(_bytes(book, path)))
        if not any(map(str.isalnum, text)):
            continue
        title = titles.get(path) or _first_heading(text)
        places.append(Place(start, f"chapter {len(places) + 1}{': ' * bool(title)}{title}"))
        texts.append(text)
        start += len(text) + 2
    if not texts:
        raise UnreadableError(
            f"none of its {len(chapters)} chapters has text, it may be a book of pictures: "
            "run OCR on it first"
        )
    return Document("\n\n".join(texts), _describe(opf), tuple(places))


# The archive ----------------------------------------------------------------------------------


def _check_size(book: ZipFile, packed: int) -> None:
    """Refuse what unpacks to too much, before anything is unpacked."""
    size = sum(info.file_size for info in book.infolist())
    bomb = size > SMALL_MB * 1_000_000 and size > RATIO * packed
    if bomb or size > LIMIT_MB * 1_000_000:
        raise UnreadableError(
            f"it unpacks to {size / 1e6:,.0f} MB, {size / max(packed, 1):,.0f} times its size; the "
            f"limits are {LIMIT_MB} MB and {RATIO} times. Convert the book to text, or split it"
        )


def _bytes(book: ZipFile, path: str) -> bytes:
    """Return a file of the book; no more is unpacked than its entry says."""
    try:
        with book.open(path) as file:
            return file.read(book.getinfo(path).file_size)
    except KeyError:
        raise UnreadableError(f"it is no EPUB, or a broken one: it has no {path}") from None
    except _BROKEN as error:
        raise UnreadableError(f"it is a broken EPUB: {path}: {error}; export it anew") from None


def _xml(book: ZipFile, path: str) -> Any:  # noqa: ANN401
    data = _bytes(book, path)
    with suppress(etree.XMLSyntaxError):
        root = etree.fromstring(data, _PARSER)
        if root is not None:
            return root
    raise UnreadableError(f"it is a broken EPUB: {path} is not XML; export it anew")


def _path(folder: str, href: str) -> str:
    """Return the path in the archive of what a file in a folder refers to."""
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _opf_path(book: ZipFile) -> str:
    container = _xml(book, "META-INF/container.xml")
    path = container.find(".//{*}rootfile[@full-path]")
    if path is None:
        raise UnreadableError("it is a broken EPUB: it names no package (OPF); export it anew")
    return str(path.get("full-path"))


def _check_readable(book: ZipFile, chapters: list[str]) -> None:
    """Refuse a book whose chapters are encrypted; that its fonts are is usual."""
    with suppress(KeyError):
        book.getinfo("META-INF/encryption.xml")
        uris = _xml(book, "META-INF/encryption.xml").iterfind(".//{*}CipherReference[@URI]")
        if not {_path("", node.get("URI")) for node in uris}.isdisjoint(chapters):
            raise UnreadableError(
                "its chapters are encrypted (DRM): they can be read in the shop's own reader only. "
                "Get the book without DRM"
            )


# The package ----------------------------------------------------------------------------------


def _chapters(opf: Any, items: dict[str, _Item], folder: str) -> Iterator[str]:  # noqa: ANN401
    """Yield the paths of the spine, each once, without the cover and the contents."""
    seen = {
        _path(folder, node.get("href", ""))
        for node in opf.iterfind("{*}guide/{*}reference")
        if node.get("type") in ("cover", "toc")
    }
    for node in opf.iterfind("{*}spine/{*}itemref"):
        item = items.get(node.get("idref", ""))
        if item is None or item.media_type not in _TEXT or "nav" in item.properties.split():
            continue
        name = posixpath.splitext(posixpath.basename(item.path))[0].lower()
        if item.path not in seen and name not in ("cover", "coverpage"):
            seen.add(item.path)
            yield item.path


def _titles(book: ZipFile, opf: Any, items: dict[str, _Item]) -> dict[str, str]:  # noqa: ANN401
    """Return the titles that the contents give to chapters: the first of each."""
    spine = opf.find("{*}spine")
    contents = [item for item in items.values() if "nav" in item.properties.split()]
    contents += filter(None, [items.get(spine.get("toc", "")) if spine is not None else None])
    found: dict[str, str] = {}
    for item in contents:
        with suppress(UnreadableError):
            tree = _xml(book, item.path)
            links = [(node.get("href"), node) for node in tree.iterfind(".//{*}nav//{*}a[@href]")]
            links += [
                (node.find("{*}content").get("src", ""), node.find("{*}navLabel"))
                for node in tree.iterfind(".//{*}navPoint[{*}content][{*}navLabel]")
            ]
            for href, label in links:
                title = " ".join(str(label.xpath("string()")).split())
                found.setdefault(_path(posixpath.dirname(item.path), href), title)
    return found


def _first_heading(text: str) -> str:
    headings = (line for line in text.splitlines() if markdown_level(line))
    return next(headings, "").lstrip("# ")


def _describe(opf: Any) -> dict[str, str]:  # noqa: ANN401
    """Return what the package says of the book."""
    said: dict[str, list[str]] = {"title": [], "creator": [], "publisher": [], "date": []}
    for node in opf.iterfind("{*}metadata//{http://purl.org/dc/elements/1.1/}*"):
        name, value = etree.QName(node).localname, " ".join((node.text or "").split())
        marks = {etree.QName(key).localname: mark for key, mark in node.attrib.items()}
        of_book = marks.get("role", "aut") == "aut" and marks.get("event") in (None, "publication")
        if name in said and value and of_book:
            said[name].append(value)
    found = {
        "title": "".join(said["title"][:1]),
        "author": ", ".join(dict.fromkeys(said["creator"])),
        "publisher": "".join(said["publisher"][:1]),
        "published": next(filter(None, map(_day, said["date"])), ""),
    }
    return {name: value for name, value in found.items() if value}


def _day(value: str) -> str:
    """Return the day of a date, or "" where it is none in full."""
    with suppress(ValueError):
        day = date.fromisoformat(value.partition("T")[0])
        return day.isoformat() if day.year >= FIRST_YEAR and value.count("-") >= 2 else ""
    return ""
