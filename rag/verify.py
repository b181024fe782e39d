"""A saved answer, checked again against the library as it is today.

Nothing of it is believed: not its verdicts, and not its text, which must be that of its quotes.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticSerializationError

from ingest.errors import BadInputError, NotFoundError
from ingest.types import Article
from rag.types import Quote, Verdict
from rag.verdict import judge, misquotes

NO_ANSWER = (
    "This is no saved answer: give the JSON that 'ibid ask --json' or POST /api/ask gave ({why})."
)


class Standing(StrEnum):
    """What became of a citation since the answer was saved."""

    HOLDS = "holds"
    CHANGED = "article changed"
    GONE = "article gone"
    MISQUOTED = "not the article's words"
    MISATTRIBUTED = "not the article's title, author, publisher, date or address"


class CitationStanding(BaseModel):
    """A citation's standing; `still_said` is whether the article has its words somewhere today.

    `kept` is whether the text that it quotes, the present one or an earlier one, is in the library.
    """

    number: int
    article_id: str
    standing: Standing
    still_said: bool
    kept: bool


class StatementStanding(BaseModel):
    """A statement with its citations, by number, and today's verdict on it.

    One that quotes an earlier text of its article may be supported by that; it does not hold.
    """

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    holds: bool


class Verification(BaseModel):
    """Whether every citation and statement of a saved answer holds, and what does not."""

    question: str
    holds: bool
    citations: list[CitationStanding]
    statements: list[StatementStanding]


class Articles(Protocol):
    """Gives an article by its id: a library does."""

    def article(self, article_id: str) -> Article:
        """Return an article; raise NotFoundError where there is none of this id."""

    def version(self, article_id: str, sha256: str) -> Article | None:
        """Return an article with the text that has this hash, today's or an earlier one."""


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SavedCitation(_Lenient, Quote):
    """A citation as it was saved."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    number: int = Field(ge=1)


class SavedStatement(_Lenient):
    """A statement as it was saved: its text, its citations by number, and what it marks."""

    text: str
    citations: tuple[int, ...]
    focus: tuple[int, int] | None = None


class SavedAnswer(_Lenient):
    """What of a saved answer is checked."""

    question: str = ""
    statements: tuple[SavedStatement, ...]
    citations: tuple[SavedCitation, ...]


def read_answer(data: Any) -> SavedAnswer:  # noqa: ANN401 any JSON
    """Return a saved answer from its JSON; raise BadInputError where it is none."""
    try:
        answer = SavedAnswer.model_validate(data)
        answer.model_dump_json()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        why = f"{place}: {first['msg'].lower()}"
        raise BadInputError(NO_ANSWER.format(why=why)) from None
    except PydanticSerializationError:  # half of a surrogate pair, which JSON can escape
        raise BadInputError(NO_ANSWER.format(why="it has characters that are none")) from None
    numbers = [citation.number for citation in answer.citations]
    if len(set(numbers)) < len(numbers):
        raise BadInputError(NO_ANSWER.format(why="two of its citations have one number"))
    return answer


def verify(answer: SavedAnswer, library: Articles) -> Verification:
    """Check a saved answer: each citation against its article, each statement by the verdict.

    What was quoted from an earlier text is judged by that, where it is kept; it does not hold.
    """
    today = _today(answer.citations, library)
    quoted = {
        citation.number: library.version(citation.article_id, citation.sha256)
        or today.get(citation.article_id)
        for citation in answer.citations
    }
    cited = {citation.number: citation for citation in answer.citations}
    citations = [
        _standing(citation, quoted[citation.number], today.get(citation.article_id))
        for citation in answer.citations
    ]
    holding = {item.number for item in citations if item.standing is Standing.HOLDS}
    statements = [
        _statement(item, _judged(item, cited, quoted), holding) for item in answer.statements
    ]
    return Verification(
        question=answer.question,
        holds=len(holding) == len(citations) and all(item.holds for item in statements),
        citations=citations,
        statements=statements,
    )


def _statement(
    statement: SavedStatement, verdict: Verdict, holding: Collection[int]
) -> StatementStanding:
    return StatementStanding(
        text=statement.text,
        citations=statement.citations,
        verdict=verdict,
        holds=verdict.supported and all(number in holding for number in statement.citations),
    )


def _judged(
    statement: SavedStatement,
    cited: Mapping[int, SavedCitation],
    quoted: Mapping[int, Article | None],
) -> Verdict:
    unknown = [number for number in statement.citations if number not in cited]
    if unknown:
        return _unsupported(f"it cites [{unknown[0]}], which the answer does not have")
    start, end = statement.focus or (0, 1)
    if not 0 <= start < end <= max(1, len(statement.text)):
        return _unsupported("what it marks is not in its text")
    articles = [quoted[number] for number in statement.citations]
    known = {article.id: article for article in articles if article is not None}
    quotes = [_as_quote(cited[number]) for number in statement.citations]
    return judge(quotes, known, statement.text)


def _unsupported(reason: str) -> Verdict:
    return Verdict(supported=False, score=0, reasons=(reason,))


def _as_quote(citation: SavedCitation) -> Quote:
    return Quote.model_validate(citation.model_dump(exclude={"number"}))


def _today(citations: Sequence[SavedCitation], library: Articles) -> dict[str, Article]:
    """Return the cited articles as they are today, by id; those that are gone are left out."""
    found: dict[str, Article] = {}
    for citation in citations:
        with suppress(NotFoundError):
            found[citation.article_id] = library.article(citation.article_id)
    return found


def _standing(
    citation: SavedCitation, quoted: Article | None, today: Article | None
) -> CitationStanding:
    return CitationStanding(
        number=citation.number,
        article_id=citation.article_id,
        standing=_stands(citation, quoted, today),
        still_said=today is not None and citation.quote in today.text,
        kept=quoted is not None and quoted.sha256 == citation.sha256,
    )


def _stands(citation: SavedCitation, quoted: Article | None, today: Article | None) -> Standing:
    if quoted is None or today is None:
        return Standing.GONE
    if quoted.sha256 != citation.sha256:
        return Standing.CHANGED
    beyond = citation.end > len(quoted.text)
    if beyond or quoted.text[citation.start : citation.end] != citation.quote:
        return Standing.MISQUOTED
    if misquotes(_as_quote(citation), {quoted.id: quoted}):
        return Standing.MISATTRIBUTED
    return Standing.HOLDS if quoted.sha256 == today.sha256 else Standing.CHANGED
