"""What a document says of itself: from `metadata.yaml` beside it, or from its own first lines.

`metadata.yaml` maps file names to title, author, publisher, published (a date) and url. `quotes`
gives the words of the text that say so, where they are not the value itself:

    article.txt:
      title: A title
      published: 2021-11-08
      quotes:
        published: "Date: 8 November 2021"
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from dateutil import parser as dates

from ingest.errors import BadInputError
from ingest.types import Block, BlockKind, Metadata, Span

FILE_NAME = "metadata.yaml"
FIELDS = ("title", "author", "publisher", "published", "url")

_LABEL = re.compile(
    r"^[ \t]*(?P<label>title|by|author|publisher|date|published(?: on)?|url)\s*(?P<colon>:)?\s+"
    r"(?P<value>\S[^\r\n]*?)[ \t]*\r?$",
    re.I | re.M,
)
_LABELLED_FIELDS = {"by": "author", "date": "published", "published on": "published"}
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTHS},?\s+\d{{4}}\b"
    rf"|\b{_MONTHS}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b",
    re.I,
)


def load_metadata(folder: Path) -> dict[str, dict[str, Any]]:
    """Read `metadata.yaml` of a folder; {} where there is none."""
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    try:
        entries = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not YAML: {error}") from None
    for name, entry in entries.items() if isinstance(entries, dict) else [("", None)]:
        unknown = set(entry) - {*FIELDS, "quotes"} if isinstance(entry, dict) else {"?"}
        if unknown:
            raise BadInputError(
                f"{path}: {name!r} must map to {', '.join(FIELDS)} or quotes; got {sorted(unknown)}"
            )
    return dict(entries)


def describe(text: str, blocks: Sequence[Block], entry: dict[str, Any] | None) -> Metadata:
    """Return the metadata that `entry` gives, or else what the text itself says at its top.

    Raises:
        BadInputError: a quote of the entry is not in the text, or its date is no date.
    """
    if entry is None:
        return _from_text(text, blocks)
    values = {name: _value(name, entry[name]) for name in FIELDS if entry.get(name)}
    quotes = entry.get("quotes") or {}
    said_at: dict[str, Span] = {}
    for name, value in values.items():
        quote = str(quotes.get(name, value))
        start = text.find(quote)
        if start >= 0:
            said_at[name] = Span(start, start + len(quote))
        elif name in quotes:
            raise BadInputError(f"{FILE_NAME}: the text does not say {quote!r} (quote of {name})")
    return Metadata(**values, said_at=said_at)


def _value(name: str, value: object) -> str:
    if name != "published":
        return str(value)
    if isinstance(value, datetime):
        value = value.date()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise BadInputError(
            f"{FILE_NAME}: published: {value!r} is not a date (YYYY-MM-DD)"
        ) from None


def _from_text(text: str, blocks: Sequence[Block]) -> Metadata:
    """Labelled lines above the first paragraph, a line that is a date, and the first heading."""
    values: dict[str, str] = {}
    said_at: dict[str, Span] = {}

    def say(field: str, value: str, start: int, end: int) -> None:
        if field not in values:
            values[field] = value
            said_at[field] = Span(start, end)

    head = _head(blocks)
    for block in head:
        for match in _LABEL.finditer(text, block.start, block.end):
            label = match["label"].lower()
            if match["colon"] or label == "by":
                field = _LABELLED_FIELDS.get(label, label)
                value = _parse_date(match["value"]) if field == "published" else match["value"]
                if value:
                    say(field, value, *match.span())
    for block in head:
        line = text[block.start : block.end]
        found = _DATE.search(line)
        parsed = _parse_date(line)
        if parsed and found:
            say("published", parsed, block.start + found.start(), block.start + found.end())
        elif block.kind is BlockKind.HEADING and not _LABEL.match(line):
            marks = len(line) - len(line.lstrip("# "))
            say("title", line[marks:].rstrip("# "), block.start + marks, block.end)
    return Metadata(**values, said_at=said_at)


def _head(blocks: Sequence[Block]) -> list[Block]:
    head: list[Block] = []
    for block in blocks:
        if block.kind in (BlockKind.TEXT, BlockKind.ITEM):
            break
        if block.kind is BlockKind.HEADING:
            head.append(block)
    return head


def _parse_date(line: str) -> str | None:
    """Return the full date that a line gives, in ISO form; None when it gives none."""
    found = _DATE.search(line)
    try:
        return dates.parse(found.group()).date().isoformat() if found else None
    except (ValueError, OverflowError):
        return None
