"""The answer, as every door gives it. A statement without a citation is not a value of the type."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
    field_serializer,
    model_validator,
)

from ingest.types import Article, Span

BESIDE = 4
"""Characters up to which two quotes stand side by side: a space, or the break of a paragraph. That
there is no word among them is for the verdict to see to."""

MAX_TURN = 200_000
"""Longest message of a conversation, in characters."""

_UNSPACED = "[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]"
_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)"
)
_MARK = re.compile(r"^\s*(?:[-*+•▪◦‣·–]|#{1,6})\s+")
_PIPED = re.compile(r"^\s*\|(.*)\|\s*$", re.DOTALL)
_WRAPPED = re.compile(rf"(?<={_UNSPACED})[^\S\n]*\n\s*(?={_UNSPACED})")
_ROW = re.compile(r"\s*\||[^\n]*\t")
_ITEM = re.compile(
    r"\s*(?:[-*+•▪◦‣·–]\s|\(?(?:\d{1,3}|[a-z])[.)]\s|\(?[A-Z]\)\s"
    r"|[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[、）．])"
)
_ENDED = re.compile(r"[^\w\s\"'”’»」』）)\]*][\s\"'”’»」』）)\]*_]*$")


def whole(text: str) -> str:
    """Return a text as it is; raise ValueError where it has half of a character.

    JSON can escape one half of a surrogate pair, which no encoding can write.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"character {error.start} is half of one; send whole characters") from None
    return text


Text = Annotated[str, AfterValidator(whole)]
"""A text from outside."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quote(_Frozen):
    """Words of an article: `text[start:end] == quote` of the article whose text has this hash.

    `place` is where in its file they stand (“page 3”), None where a file has no such places.
    """

    article_id: str
    sha256: str
    title: str
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    place: str | None = None
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    quote: str = Field(min_length=1)

    @classmethod
    def of(cls, article: Article, span: Span) -> Self:
        """Cut a quote out of an article; the only way quotes are made."""
        return cls(
            **_named(article),
            sha256=article.sha256,
            place=article.place(span),
            start=span.start,
            end=span.end,
            quote=article.text[span.start : span.end],
        )


class _Numbered(_Frozen):
    number: int = Field(ge=1)


class Citation(Quote, _Numbered):
    """A quote under the number by which an answer's statements refer to it, from 1."""

    @classmethod
    def numbered(cls, number: int, quote: Quote) -> Self:
        """Give a quote its number."""
        return cls(number=number, **quote.model_dump())


class Source(_Frozen):
    """An article as it is named where no words of it are quoted."""

    article_id: str
    title: str
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None

    @classmethod
    def of(cls, article: Article) -> Self:
        """Name an article."""
        return cls(**_named(article))


def _named(article: Article) -> dict[str, Any]:
    """Return what names an article wherever it is shown."""
    data = article.metadata
    return {
        "article_id": article.id,
        "title": article.title,
        "author": data.author,
        "publisher": data.publisher,
        "published": data.published,
        "url": data.url,
    }


class Verdict(_Frozen):
    """Whether a statement is whole units of an article with what they need; else, why not."""

    supported: bool
    score: float = Field(ge=0, le=1)
    reasons: tuple[str, ...] = ()


class Statement(_Frozen):
    """Whole units of one article with the context they need, in the article's order.

    `text` follows from the quotes, so no other wording can be built. `focus` is the range of
    characters in it that answers; it is display only. `also_in` names the other articles that say
    it in the same words: copies of one text are one source.
    """

    citations: Annotated[tuple[Citation, ...], Field(min_length=1)]
    focus: tuple[int, int] | None = None
    verdict: Verdict
    also_in: tuple[Source, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text(self) -> str:
        """The quotes, tidied and joined (see `joined`)."""
        return joined(self.citations)

    @model_validator(mode="after")
    def _focused(self) -> Self:
        if self.focus and not 0 <= self.focus[0] < self.focus[1] <= len(self.text):
            raise ValueError("the focus is outside the statement's text")
        return self

    @field_serializer("citations")
    def _numbers(self, citations: tuple[Citation, ...]) -> list[int]:
        return [citation.number for citation in citations]


def tidy(text: str) -> str:
    """Return text for display, in single spaces: no link targets, bullets and heading marks.

    The cells of a table's row stand between bars.
    """
    text = _MARK.sub("", _WRAPPED.sub("", _LINK.sub(r"\1", text)).strip())
    piped = _PIPED.match(text)
    if piped:
        text = " | ".join(piped.group(1).split("|"))
    elif not _ITEM.match(text):
        text = text.replace("\t", " | ")
    return " ".join(text.split())


def joined(quotes: Sequence[Quote]) -> str:
    """Return quotes as a statement's text, each tidied.

    Those side by side are joined as they stand, by a space or by nothing; a row, a list's item and
    what follows an unfinished line start a line. Where the article says something between them
    stands an ellipsis, but for a row under its header.
    """
    text = "".join(
        f"{tidy(before.quote)}{_between(before, after)}" for before, after in pairwise(quotes)
    )
    return text + tidy(quotes[-1].quote) if quotes else ""


def _between(before: Quote, after: Quote) -> str:
    """Return what joins two quotes."""
    gap = after.start - before.end
    beside = before.article_id == after.article_id and 0 <= gap <= BESIDE
    if _ITEM.match(after.quote):
        return "\n" if beside else "\n… "
    if _ROW.match(after.quote):
        return "\n"
    if not beside:
        return " … "
    if gap == 0:
        return ""
    return " " if _ENDED.search(before.quote) else "\n"


class Reason(StrEnum):
    """Why a question is refused."""

    NO_EVIDENCE = "no_evidence"
    WEAK_EVIDENCE = "weak_evidence"
    FALSE_PREMISE = "false_premise"
    OUT_OF_SCOPE = "out_of_scope"
    UNSUPPORTED = "unsupported"


MESSAGES = {
    Reason.NO_EVIDENCE: "The library holds nothing on this question.",
    Reason.WEAK_EVIDENCE: "The articles come near this question but do not answer it.",
    Reason.FALSE_PREMISE: "The articles contradict what this question takes for granted.",
    Reason.OUT_OF_SCOPE: "This is not a question that these articles can answer.",
    Reason.UNSUPPORTED: "No statement found for this question is supported by the articles' words.",
}


class Refusal(_Frozen):
    """Why there is no answer, as a code and in words, and what the nearest evidence lacks."""

    reason: Reason
    message: str
    missing: tuple[str, ...] = ()


def refusal(reason: Reason, missing: Sequence[str] = ()) -> Refusal:
    """Return a refusal in the words of its reason; `missing` is what the nearest evidence lacks."""
    return Refusal(reason=reason, message=MESSAGES[reason], missing=tuple(missing))


class Disagreement(_Frozen):
    """Statements, by their index from 0, that give different values for the same thing."""

    about: str
    statements: tuple[int, ...]


class Working(_Frozen):
    """Nothing to show yet: a language model is choosing. Comes several times a second.

    Whoever reads a stream may close it here; that stops the model.
    """

    stage: Literal["reading", "choosing", "summarizing"] = "choosing"


class Generation(_Frozen):
    """What a language model was asked for an answer, and what became of its choice.

    `proposed` counts the units that it chose, `shown` those of them among the statements. `problem`
    says why its choice was set aside. `cost` is in US dollars, None while no price is set.
    """

    model: str
    prompts: str
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    proposed: int = 0
    shown: int = 0
    problem: str | None = None


class SummarySentence(_Frozen):
    """A sentence in a language model's own words, and the statements, by index, it stands on.

    It is not checked, no statement, and has no citation.
    """

    text: str
    statements: Annotated[tuple[int, ...], Field(min_length=1)]


class Answer(_Frozen):
    """Statements with citations, or a refusal; never both, never neither.

    `rewritten` is the question that was answered, where the conversation made it another one.
    `generation` is None where no language model was asked. Where it was and `engine` is
    "extractive" all the same, its choice was set aside: `generation.problem` says why.
    """

    question: str
    rewritten: str | None = None
    status: Literal["answered", "refused"]
    engine: str
    refusal: Refusal | None = None
    statements: tuple[Statement, ...] = ()
    summary: tuple[SummarySentence, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    nearest: tuple[Quote, ...] = ()
    generation: Generation | None = None
    timings_ms: dict[str, float] = Field(default_factory=dict)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of all statements, each once, by number."""
        found = {item.number: item for item in _cited(self.statements)}
        return tuple(found[number] for number in sorted(found))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        answered = self.status == "answered"
        if answered != bool(self.statements) or answered != (self.refusal is None):
            raise ValueError("an answer has either statements or a refusal")
        numbers: dict[int, Citation] = {}
        for item in _cited(self.statements):
            if numbers.setdefault(item.number, item) != item:
                raise ValueError(f"citation number {item.number} stands for two quotes")
        if list(numbers) != list(range(1, len(numbers) + 1)):
            raise ValueError("citations are numbered from 1 in the order of their first use")
        return self


def _cited(statements: tuple[Statement, ...]) -> Iterator[Citation]:
    for statement in statements:
        yield from statement.citations


class Turn(_Frozen):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Text = Field(max_length=MAX_TURN)
