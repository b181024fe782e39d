"""What ingest hands on: articles, their sentences, and passages for retrieval."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from pydantic import BaseModel


class Span(NamedTuple):
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int


class BlockKind(StrEnum):
    """What a block of an article is. Furniture is not indexed; header is that of a table."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    HEADER = "header"
    ROW = "row"
    FURNITURE = "furniture"


class Block(NamedTuple):
    """A paragraph, heading (`level` 1 is the outermost), list item, table row or furniture."""

    start: int
    end: int
    kind: BlockKind
    level: int = 0


class Unit(NamedTuple):
    """The least that may be quoted: a sentence, a list item or a table row, whole.

    `block` numbers the block it stands in, from 0. `needs` is what it must not be shown without, in
    the article's order: the table's header, the list's introduction, who is speaking, a sentence
    that it goes on from. `headings` are those it stands under, the outermost first.
    """

    start: int
    end: int
    kind: BlockKind
    block: int
    needs: tuple[Span, ...] = ()
    headings: tuple[Span, ...] = ()

    @property
    def span(self) -> Span:
        """Its place in the article."""
        return Span(self.start, self.end)


class Place(NamedTuple):
    """Where in its file the text from `start` on stands: “page 3”, “chapter 2”, “sheet Prices”."""

    start: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader makes of a file: its text, and what the file says of itself beside it.

    Text of any other format than plain text is written as Markdown: headings `#`, items `-`,
    tables with bars and a ruled header. `metadata` maps title, author, publisher, published
    (YYYY-MM-DD) and url; what the file does not say is left out. `places` are in the text's order.
    """

    text: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself. Missing stays None; nothing is guessed.

    `modified` is the day on which a page says that it was changed last, None on most.
    `said_at` holds, by field name, where the article's text says it.
    """

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    modified: str | None = None
    said_at: dict[str, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Article:
    """A document as ingested. `text` is never edited, so every offset stays true.

    `sha256` is the hash of `text` in UTF-8; `location` is the absolute path it was read from.
    """

    id: str
    location: str
    sha256: str
    text: str
    metadata: Metadata
    units: tuple[Unit, ...] = ()
    places: tuple[Place, ...] = ()

    @property
    def title(self) -> str:
        """The article's title, or its id where the text has none."""
        return self.metadata.title or self.id

    @cached_property
    def numbers(self) -> Mapping[Span, int]:
        """The number of the unit at each place."""
        return {unit.span: number for number, unit in enumerate(self.units)}

    def place(self, span: Span) -> str | None:
        """Return where in its file a span begins, or None where the file has no such places."""
        number = bisect_right(self.places, span.start, key=lambda place: place.start)
        return self.places[number - 1].label if number else None


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive units of one article, `article.text[start:end]`, bounded in tokens.

    `first` and `last` number its first and last unit. `header` carries title, date and headings:
    it is embedded and indexed with the passage, never quoted.
    """

    id: str
    article_id: str
    number: int
    start: int
    end: int
    first: int
    last: int
    tokens: int
    header: str
    text: str

    @property
    def indexed_text(self) -> str:
        """What is embedded: the header, then the passage."""
        return f"{self.header}\n{self.text}"


class Status(StrEnum):
    """What became of one location; one skipped is no article, and `error` says why.

    One under way is being read or embedded; another outcome of it follows.
    """

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNDERWAY = "under way"


class Outcome(BaseModel):
    """One location's result; `done` of `total` locations are finished with it.

    Under way, `passages` of `of` are embedded. `found` counts the further locations that a feed
    names.
    """

    location: str
    status: Status
    article_id: str | None = None
    passages: int = 0
    of: int = 0
    found: int = 0
    error: str | None = None
    done: int = 0
    total: int = 0
