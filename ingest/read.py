"""A file to a `Document`. A format is one function from bytes, by suffix, in `READERS`."""

import codecs
import os
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import chardet
import webencodings

from ingest.errors import NotFoundError, UnreadableError
from ingest.metadata import FILE_NAME
from ingest.types import Document

BROKEN = 0.01
"""Part of the characters that may be broken in the encoding that a page names."""
_WIDER = {"big5": "big5hkscs", "euc-kr": "cp949", "gbk": "gb18030", "shift_jis": "cp932"}
"""Python's decoders of what browsers read under these names; those of the same names have less."""

_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)

Reader = Callable[[bytes], Document]


def decode(data: bytes) -> str:
    """Decode text, detecting its encoding when it is not UTF-8; line ends stay as they are."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as(data, "utf-16")
    if b"\0" in data:
        raise UnreadableError("it is a binary file (it holds NUL bytes)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _detect(data)


def decode_labelled(data: bytes, label: str) -> str | None:
    """Decode text as browsers read a label of its page or server; None where it is not in that.

    https://encoding.spec.whatwg.org/#names-and-labels; no other name reaches Python's decoders.
    """
    found = webencodings.lookup(label)
    if found is None or b"\0" in data:
        return None
    text = data.decode(_WIDER.get(found.name, found.codec_info.name), "replace")
    return None if text.count("\ufffd") > BROKEN * len(text) else text.removeprefix("\ufeff")


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"it starts as {encoding} but is broken at byte {error.start}"
        ) from None


def _detect(data: bytes) -> str:
    encoding = chardet.detect(data)["encoding"]
    if encoding is None:
        raise UnreadableError("its text encoding cannot be told; save it as UTF-8")
    text = _decode_as(data, encoding)
    controls = sum(character < " " and character not in "\t\n\r\f" for character in text)
    if controls > len(text) / 100:
        raise UnreadableError("it is a binary file (it is full of control characters)")
    return text


def _text(data: bytes) -> Document:
    """Read text; a page that was saved under a text's name is still a page."""
    text = decode(data)
    return READERS[".html"](data) if _PAGE.match(text) else Document(text)


def _reader(module: str, function: str = "read") -> Reader:
    """Return a reader of `ingest.readers`, imported when the first such file is read."""

    def read(data: bytes) -> Document:
        document = getattr(import_module(f"ingest.readers.{module}"), function)(data)
        assert isinstance(document, Document)  # noqa: S101 every reader returns one
        return document

    return read


READERS: dict[str, Reader] = {
    **dict.fromkeys((".txt", ".text", ".md", ".markdown", ".rst"), _text),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _reader("html")),
    ".pdf": _reader("pdf"),
    ".docx": _reader("docx"),
    ".epub": _reader("epub"),
    ".eml": _reader("mail"),
    **dict.fromkeys((".csv", ".tsv"), _reader("sheets", "read_csv")),
    **dict.fromkeys((".jsonl", ".ndjson"), _reader("records")),
    **dict.fromkeys((".xlsx", ".xlsm"), _reader("sheets", "read_xlsx")),
}
FORMATS = ", ".join(READERS)


def read(name: str, data: bytes, limit_mb: int) -> Document:
    """Return what the file of this name says.

    Raises:
        UnreadableError: not a format Ibid reads, too large, empty, or damaged.
    """
    reader = READERS.get(Path(name).suffix.lower())
    if reader is None:
        raise UnreadableError(not_read(name))
    check_size(len(data), limit_mb)
    if not data.strip():
        raise UnreadableError("it is empty")
    document = reader(data)
    if not document.text.strip():
        raise UnreadableError("it is empty")
    return document


def check_size(size: int, limit_mb: int) -> None:
    """Raise UnreadableError where so many bytes are more than an article may have."""
    if size > limit_mb * 1_000_000:
        raise UnreadableError(
            f"it has {size / 1e6:.0f} MB, the limit is {limit_mb} MB (IBID_MAX_UPLOAD_MB)"
        )


def not_read(name: str) -> str:
    """Say that files of this kind are not read, and which are."""
    return f"{Path(name).suffix or 'a file without suffix'} is not read ({FORMATS})"


def find_files(path: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield the files at a path, itself or all below it, and why one is not to be ingested.

    In a folder, READMEs and `metadata.yaml` are no articles, nor is a file of an unknown format;
    hidden files are not looked at. A file that is named itself is always to be ingested.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if not hidden and not file.is_dir():
                yield file, _no_article(file) or _leads_out(file, path)
    elif path.exists():
        yield path, None
    else:
        raise NotFoundError(f"There is no file or folder {path}. Give a path that exists.")


def _leads_out(file: Path, folder: Path) -> str | None:
    if file.is_symlink() and not file.resolve().is_relative_to(folder.resolve()):
        return "it is a link out of the folder; name it itself to ingest it"
    return None


def _no_article(file: Path) -> str | None:
    if shown(file) != str(file):
        return "its name is not UTF-8; rename it"
    if not file.is_file():
        return "it is a link to nothing" if file.is_symlink() else "it is no regular file"
    if file.name == FILE_NAME:
        return "it describes the other files"
    if file.stem.lower() == "readme":
        return "a README is no article; name it itself to ingest it"
    return None if file.suffix.lower() in READERS else not_read(file.name)


def shown(file: Path) -> str:
    """Return a path as text; what of it is not UTF-8 is replaced."""
    return os.fsencode(file).decode("utf-8", "replace")
