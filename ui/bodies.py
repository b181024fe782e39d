"""What the HTTP API takes and gives, apart from the answer itself."""

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from ingest.library import ArticleSummary, Filters, Version
from ingest.types import Article, Metadata
from rag.build import Ibid
from rag.check import MAX_DRAFT
from rag.engine import MAX_QUESTION
from rag.types import Text, Turn

MAX_TURNS = 100
"""Most messages of a conversation."""


# Told in the schema, and checked where every door asks: with an error that says what to do.
_SAID: JsonDict = {"minLength": 1, "pattern": r"\S"}
_DAY: JsonDict = {"format": "date", "examples": ["2021-12-01"]}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilterBody(_Body):
    """Which articles may answer; an article without a date passes no date filter."""

    articles: list[Text] = Field(
        [], max_length=1000, description="article ids, any of which may answer"
    )
    publishers: list[Text] = Field(
        [], max_length=1000, description="publishers, any of which may answer"
    )
    published_from: Text | None = Field(None, description="first day", json_schema_extra=_DAY)
    published_to: Text | None = Field(None, description="last day", json_schema_extra=_DAY)

    def filters(self) -> Filters:
        """Return these filters as the library takes them."""
        return Filters(
            tuple(self.articles), tuple(self.publishers), self.published_from, self.published_to
        )


class AskBody(_Body):
    """A question, with the conversation so far and filters."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "When was the treaty establishing the Union State signed?"},
                {
                    "question": "What did the Belarusian media call his proposals?",
                    "history": [{"role": "user", "content": "What did Dmitry Medvedev propose?"}],
                    "filters": {"published_from": "2021-12-01"},
                },
            ]
        }
    )

    question: Text = Field(json_schema_extra={**_SAID, "maxLength": MAX_QUESTION})
    history: list[Turn] = Field([], max_length=MAX_TURNS, description="the conversation so far")
    filters: FilterBody | None = None

    def chosen(self) -> Filters | None:
        """Return the filters as the library takes them, if there are any."""
        return self.filters.filters() if self.filters else None


class CheckBody(_Body):
    """A draft to check."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "Of the ten most popular TV channels watched in Belarus, six are Russian."}
            ]
        }
    )

    text: Text = Field(json_schema_extra={**_SAID, "maxLength": MAX_DRAFT})


class ArticleDescription(BaseModel):
    """What is known of an article; `sha256` is the hash of its text in UTF-8."""

    id: str
    title: str
    author: str | None
    publisher: str | None
    published: str | None
    url: str | None
    sha256: str


class ArticleEntry(ArticleDescription):
    """An article of the library, without its text."""

    characters: int
    passages: int

    @classmethod
    def of(cls, summary: ArticleSummary) -> Self:
        """Describe an article of the catalogue."""
        return cls(
            id=summary.id,
            **_described(summary.metadata, summary.id),
            sha256=summary.sha256,
            characters=summary.characters,
            passages=summary.passages,
        )


class EarlierText(BaseModel):
    """A text that an article had; times are UTC."""

    sha256: str
    ingested: str
    replaced: str


class ArticleText(ArticleDescription):
    """An article with its text: `text[start:end]` of a citation is its quote.

    `versions` tells the texts that it had before, the latest first.
    """

    text: str
    versions: list[EarlierText] = []

    @classmethod
    def of(cls, article: Article, versions: Sequence[Version]) -> Self:
        """Give a whole article."""
        return cls(
            id=article.id,
            **_described(article.metadata, article.id),
            sha256=article.sha256,
            text=article.text,
            versions=[EarlierText(**version._asdict()) for version in versions],
        )


class Found(BaseModel):
    """A passage that a search found."""

    article_id: str
    title: str
    start: int
    end: int
    text: str
    score: float


class Health(BaseModel):
    """Whether Ibid answers, and from how much."""

    status: Literal["ok"]
    articles: int
    passages: int


class IngestBody(_Body):
    """Paths on the server's machine, and addresses."""

    targets: list[str]


def find_passages(ibid: Ibid, query: str, limit: int) -> list[Found]:
    """Find passages, best first, without answering."""
    return [
        Found(
            article_id=item.passage.article_id,
            title=ibid.library.article(item.passage.article_id).title,
            start=item.passage.start,
            end=item.passage.end,
            text=item.passage.text,
            score=item.score,
        )
        for item in ibid.engine.passages(query, limit)
    ]


def _described(data: Metadata, article_id: str) -> dict[str, Any]:
    return {
        "title": data.title or article_id,
        "author": data.author,
        "publisher": data.publisher,
        "published": data.published,
        "url": data.url,
    }
