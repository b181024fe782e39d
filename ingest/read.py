"""A path to decoded text. A format is one function from bytes to text in `READERS`."""

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path

import chardet

from ingest.errors import NotFoundError, UnreadableError


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


READERS: dict[str, Callable[[bytes], str]] = {
    ".txt": decode,
    ".text": decode,
    ".md": decode,
    ".markdown": decode,
}


def read(name: str, data: bytes, limit_mb: int) -> str:
    """Return the text of a file of this name.

    Raises:
        UnreadableError: not a format Ibid reads, too large, empty, or not text.
    """
    reader = READERS.get(Path(name).suffix.lower())
    if reader is None:
        formats = ", ".join(READERS)
        raise UnreadableError(
            f"{Path(name).suffix or 'a file without suffix'} is not read ({formats})"
        )
    if len(data) > limit_mb * 1_000_000:
        raise UnreadableError(
            f"it has {len(data) / 1e6:.0f} MB, the limit is {limit_mb} MB (IBID_MAX_UPLOAD_MB)"
        )
    text = reader(data)
    if not text.strip():
        raise UnreadableError("it is empty")
    return text


def find_files(path: Path) -> Iterator[Path]:
    """Yield the files to ingest at a path: itself, or every file of a known format below it.

    In a folder, hidden files and READMEs are not articles.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            readme = file.stem.lower() == "readme"
            if file.suffix.lower() in READERS and not hidden and not readme and file.is_file():
                yield file
    elif path.exists():
        yield path
    else:
        raise NotFoundError(f"There is no file or folder {path}. Give a path that exists.")
