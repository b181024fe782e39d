"""JSON Lines (.jsonl, .ndjson): every line is an article, whose fields a map may name.

The map stands in `metadata.yaml` beside the file, from our names to those of the file's objects; a
dot goes into an object that is a field's value:

    news.jsonl:
      fields: {text: body, title: headline, author: byline.name, published: date}
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ingest.byline import find_date
from ingest.errors import UnreadableError
from ingest.types import Document, Place

SUFFIXES = (".jsonl", ".ndjson")
FIELDS = ("id", "text", "title", "author", "publisher", "published", "url")
KEY = "record"
"""Field of a record as `mapped` gives it that tells it from others of its file."""

_HTML = re.compile(r"</(?:p|div|h\d|li|td|a)>|<br\s*/?>", re.I)
_LOCATION = re.compile(rf"(.+(?:{'|'.join(map(re.escape, SUFFIXES))}))#(.+)", re.I | re.S)


class Line(NamedTuple):
    """Where a record stands in its file, in bytes, and what tells it: its id, or its number."""

    key: str
    start: int
    end: int


def is_records(file: Path) -> bool:
    """Whether a file holds many articles."""
    return file.suffix.lower() in SUFFIXES


def location_of(file: str, key: str) -> str:
    """Return the location of a record."""
    return f"{file}#{key}"


def split_location(location: str) -> tuple[str, str] | None:
    """Return the file and the key of a record's location; None for that of another thing."""
    found = _LOCATION.fullmatch(location)
    return (found[1], found[2]) if found else None


def lines(file: Path, fields: Mapping[str, str]) -> Iterator[Line]:
    """Yield the records of a file, in its order; empty lines are none."""
    start, seen = 0, set[str]()
    with file.open("rb") as opened:
        for number, line in enumerate(opened, 1):
            end = start + len(line)
            if line.strip():
                key = str(number)
                try:
                    given = _value(json.loads(line), fields.get("id", "id"))
                    key = str(given) if isinstance(given, str | int) and str(given) else key
                except (ValueError, RecursionError):
                    pass  # it is named when it is read
                key = f"{key}:{number}" if key in seen else key
                seen.add(key)
                yield Line(key, start, end)
            start = end


def mapped(data: bytes, fields: Mapping[str, str], key: str) -> bytes:
    """Return the record that a line holds under our names, as JSON; one that is none, as it is."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(record, dict):
        return data
    found = {name: _value(record, fields.get(name, name)) for name in FIELDS}
    if found["text"] is None:
        found["has"] = sorted(map(str, record))[:20]
    return json.dumps({**found, KEY: key}, ensure_ascii=False).encode()


def read(data: bytes) -> Document:
    """Return the article of one record.

    Raises:
        UnreadableError: it is no JSON object, or has no text.
    """
    try:
        record = json.loads(data)
    except RecursionError:
        raise UnreadableError("its JSON is nested too deep") from None
    except ValueError as error:
        several = data.strip().count(b"\n")
        told = "each of its lines is an article; give the file to 'ibid ingest'"
        raise UnreadableError(told if several else f"it is no JSON ({error})") from None
    text = record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        has = ", ".join(record.get("has", record)) if isinstance(record, dict) else "no fields"
        raise UnreadableError(
            f"it has no field 'text' that is a text (it has {has}); say in metadata.yaml beside it "
            "which it is, as {fields: {text: body}}"
        )
    said = {name: _said(name, record.get(name)) for name in FIELDS[2:]}
    key = record.get(KEY)
    return Document(
        _as_markdown(text) if _HTML.search(text) else text,
        {name: value for name, value in said.items() if value},
        (Place(0, f"record {key}"),) if key else (),
    )


def _as_markdown(html: str) -> str:
    from ingest.readers.markup import to_markdown  # heavy, and every command imports this file

    return to_markdown(html)


def _said(name: str, value: object) -> str:
    names = value if isinstance(value, list) else [value]
    said = ", ".join(" ".join(item.split()) for item in names if isinstance(item, str))
    if name == "published":
        found = find_date(said)
        return found[0] if found else ""
    return said


def _value(record: Any, path: str) -> Any:  # noqa: ANN401 any JSON
    """Return what stands in a record under a name, or under names joined by dots."""
    if not isinstance(record, dict):
        return None
    if path in record:
        return record[path]
    first, _, rest = path.partition(".")
    return _value(record.get(first), rest) if rest else None
