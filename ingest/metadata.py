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
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from ingest.byline import DATE_WORDS, LONGEST, find_author, find_name, find_publication
from ingest.errors import BadInputError
from ingest.lines import length_in_words
from ingest.types import Block, BlockKind, Document, Metadata, Span

FILE_NAME = "metadata.yaml"
FIELDS = ("title", "author", "publisher", "published", "url")

NEAR = 6
"""So many blocks from the title on are near it."""

# What a document's own labels say of it, in common languages: closed classes.
_LABEL = re.compile(
    r"(?:(?P<title>title|titel|titre|título|tytuł|titolo|название|заголовок|标题|題名)"
    r"|(?P<publisher>publisher|herausgeber|verlag|éditeur|editorial|wydawca|editore|издатель|издательство|出版社)"
    r"|(?P<url>url|link))\s?[:：]\s*(?P<value>\S.*)",
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
        unknown = set(entry) - {*FIELDS, "quotes", "fields"} if isinstance(entry, dict) else {"?"}
        if unknown:
            raise BadInputError(
                f"{path}: {name!r} must map to {', '.join(FIELDS)}, quotes or fields; "
                f"got {sorted(unknown)}"
            )
    return dict(entries)


def describe(document: Document, blocks: Sequence[Block], entry: dict[str, Any] | None) -> Metadata:
    """Return the metadata that `entry` gives, or else what the file says of itself.

    That is what its format has a place for, and then what its text says at its top.

    Raises:
        BadInputError: a quote of the entry is not in the text, or its date is no date.
    """
    text = document.text
    if entry is None:
        said, given = _from_text(text, blocks), dict(document.metadata)
        same = {n for n in said.said_at if given.get(n, getattr(said, n)) == getattr(said, n)}
        places = {name: span for name, span in said.said_at.items() if name in same}
        return replace(said, **given, said_at=places)
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
    """Read the title, and from the lines near it labels, a date and a byline."""
    found = {"title": _title(text, blocks)}
    names: list[tuple[str, Span]] = []
    for span in _lines_near_title(text, blocks):
        line = text[span.start : span.end]
        label = _LABEL.match(line)
        if label:
            field = next(name for name in ("title", "publisher", "url") if label[name])
            found[field] = _moved((label["value"], Span(*label.span("value"))), span)
            continue
        found["published"] = found.get("published") or _moved(find_publication(line), span)
        found["author"] = found.get("author") or _moved(find_author(line), span)
        name = _moved(find_name(line), span)
        names += [name] if name else []
    if len(names) == 1 and not found.get("author") and _is_a_name(text, names[0][0]):
        found["author"] = names[0]
    known = {name: value for name, value in found.items() if value is not None}
    return Metadata(
        **{name: value for name, (value, _) in known.items()},
        said_at={name: span for name, (_, span) in known.items()},
    )


def _title(text: str, blocks: Sequence[Block]) -> tuple[str, Span] | None:
    """Return the heading of level 1 that stands over the text, without its Markdown."""
    title = next((block for block in blocks if block.kind is not BlockKind.FURNITURE), None)
    if title is not None and title.kind is not BlockKind.HEADING:
        near = blocks[: blocks.index(title) + NEAR]
        title = next((block for block in near if block.kind is BlockKind.HEADING), None)
    if title is None or title.level != 1:
        return None
    line = text[title.start : title.end]
    said = line.strip("#*_ \t")
    start = title.start + line.index(said)
    return said, Span(start, start + len(said))


def _lines_near_title(text: str, blocks: Sequence[Block]) -> Iterator[Span]:
    """Yield the lines over the first paragraph, and those short ones that come right after it.

    Lines beside a title in the same block count too.
    """
    paragraphs = 0
    for number, block in enumerate(blocks):
        if block.kind in (BlockKind.FURNITURE, BlockKind.HEADING) and block.level <= 1:
            continue
        if block.kind is not BlockKind.TEXT or number > 2 * NEAR or paragraphs > 1:
            return
        long = block.end - block.start > LONGEST
        if long or length_in_words(text[block.start : block.end]) > DATE_WORDS:
            paragraphs += 1
        elif paragraphs <= 1:
            yield Span(block.start, block.end)


def _moved(found: tuple[str, Span] | None, line: Span) -> tuple[str, Span] | None:
    """Return what was found in a line with its place in the text."""
    if found is None:
        return None
    value, span = found
    return value, Span(line.start + span.start, line.start + span.end)


def _is_a_name(text: str, name: str) -> bool:
    """Whether the words of a bare name are never written small: “Press Release” may be."""
    return not any(re.search(rf"\b{re.escape(word.lower())}\b", text) for word in name.split())
