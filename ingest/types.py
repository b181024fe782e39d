"""What ingest hands on: articles, their sentences, and passages for retrieval."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel


class Span(NamedTuple):
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int


class BlockKind(StrEnum):
    """What a block of an article is. Furniture is not indexed."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    FURNITURE = "furniture"


class Block(NamedTuple):
    """A paragraph, heading, list item or piece of page furniture."""

    start: int
    end: int
    kind: BlockKind


class Sentence(NamedTuple):
    """A sentence of an article; `block` numbers the block it stands in, from 0."""

    start: int
    end: int
    block: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself. Missing stays None; nothing is guessed.

    `said_at` holds, by field name, where the article's text says it.
    """

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    said_at: dict[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Article:
    """A document as ingested. `text` is never edited, so every offset stays true.

    `sha256` is the hash of `text` in UTF-8; `location` is the absolute path it was read from.
    """

    id: str
    location: str
    sha256: str
    text: str
    metadata: Metadata
    sentences: tuple[Sentence, ...] = ()

    @property
    def title(self) -> str:
        """The article's title, or its id where the text has none."""
        return self.metadata.title or self.id


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences of one article, `article.text[start:end]`, bounded in tokens.

    `first` and `last` number its first and last sentence. `header` carries title and date:
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
    """What became of one location."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"


class Outcome(BaseModel):
    """One location's result; `done` of `total` locations are finished with it."""

    location: str
    status: Status
    article_id: str | None = None
    passages: int = 0
    error: str | None = None
    done: int = 0
    total: int = 0
