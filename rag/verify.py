"""A saved answer, checked again against the library as it is today."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from ingest.errors import BadInputError, NotFoundError
from ingest.library import Library
from ingest.types import Article
from rag.types import Answer, Citation, Verdict
from rag.verdict import judge


class Standing(StrEnum):
    """What became of a citation since the answer was saved."""

    HOLDS = "holds"
    CHANGED = "article changed"
    GONE = "article gone"
    MISQUOTED = "not the article's words"


class CitationStanding(BaseModel):
    """A citation's standing; `still_said` is whether the article has its words somewhere today."""

    number: int
    article_id: str
    standing: Standing
    still_said: bool


class StatementStanding(BaseModel):
    """A statement with today's verdict on it."""

    text: str
    verdict: Verdict


class Verification(BaseModel):
    """Whether every citation and statement of a saved answer holds, and what does not."""

    question: str
    holds: bool
    citations: list[CitationStanding]
    statements: list[StatementStanding]


def read_answer(data: Any) -> Answer:  # noqa: ANN401 any JSON
    """Return a saved answer from its JSON; raise BadInputError where it is none."""
    try:
        cited = {item["number"]: item for item in data["citations"]}
        statements = [
            {**item, "citations": [cited[number] for number in item["citations"]]}
            for item in data["statements"]
        ]
        kept = {name: value for name, value in data.items() if name != "citations"}
        return Answer.model_validate({**kept, "statements": statements})
    except (KeyError, TypeError, AttributeError):
        raise BadInputError(
            "This is no saved answer: give the JSON that 'ibid ask --json' or POST /api/ask gave."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadInputError(f"This is no saved answer: {place}: {first['msg']}.") from None


def verify(answer: Answer, library: Library) -> Verification:
    """Check a saved answer: each citation against its article, each statement by the verdict."""
    articles = _articles(answer, library)
    citations = [_standing(citation, articles) for citation in answer.citations]
    statements = [
        StatementStanding(
            text=item.text, verdict=judge(item.text, item.citations, articles, derived=True)
        )
        for item in answer.statements
    ]
    return Verification(
        question=answer.question,
        holds=all(item.standing is Standing.HOLDS for item in citations)
        and all(item.verdict.supported for item in statements),
        citations=citations,
        statements=statements,
    )


def _articles(answer: Answer, library: Library) -> dict[str, Article]:
    found: dict[str, Article] = {}
    for citation in answer.citations:
        try:
            found[citation.article_id] = library.article(citation.article_id)
        except NotFoundError:
            continue
    return found


def _standing(citation: Citation, articles: Mapping[str, Article]) -> CitationStanding:
    article = articles.get(citation.article_id)
    if article is None:
        standing = Standing.GONE
    elif article.sha256 != citation.sha256:
        standing = Standing.CHANGED
    elif article.text[citation.start : citation.end] != citation.quote:
        standing = Standing.MISQUOTED
    else:
        standing = Standing.HOLDS
    return CitationStanding(
        number=citation.number,
        article_id=citation.article_id,
        standing=standing,
        still_said=article is not None and citation.quote in article.text,
    )
