"""The mark of one answer: what speaks against it. It is right when nothing does.

Marking is a pure function of the fact, the answer and the articles, so that marks are the same in
any order and in parallel. Whether a statement may be said is decided by `rag.verdict.judge` alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from evals.facts import Expectation, Fact, Place, matches
from ingest.types import Article
from rag.types import Answer, Statement
from rag.verdict import judge, misquotes

MAX_WORDS = 400
"""Longest answer, in words: one that quotes whole articles matches every answer group. The longest
expected quotes of one fact in evals/facts have 148 words."""


class Code(StrEnum):
    """What can speak against an answer."""

    FAILED = "failed"
    MISQUOTED = "misquoted"
    UNSUPPORTED = "unsupported"
    REPEATED = "repeated"
    TOO_LONG = "too_long"
    NOT_REFUSED = "not_refused"
    NOT_ANSWERED = "not_answered"
    LACKS_ANSWER = "lacks_answer"
    LACKS_SOURCE = "lacks_source"
    UNWANTED = "unwanted"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Part):
    """One thing that speaks against an answer."""

    code: Code
    text: str


class StatementMark(_Part):
    """Whether a statement passes the verdict, and how many of its citations are exact.

    `expected` is whether one of them overlaps an expected quote, None where the fact has none.
    """

    supported: bool
    citations: int
    exact: int
    expected: bool | None = None


class Mark(_Part):
    """Everything found against an answer, and the marks of its statements.

    `first_right` is whether the first statement alone has every answer group, None where none is
    to be given or several articles must be heard; `focus_right` whether its focus has the one
    group, None where there are more or the statement has it not.
    """

    findings: tuple[Finding, ...] = ()
    statements: tuple[StatementMark, ...] = ()
    first_right: bool | None = None
    focus_right: bool | None = None

    @property
    def right(self) -> bool:
        """Whether nothing speaks against the answer."""
        return not self.findings


def mark(fact: Fact, answer: Answer, articles: Mapping[str, Article]) -> Mark:
    """Mark an answer against a fact and the articles, by id, as they are now."""
    places = fact.places(articles)
    findings = [
        *(found for item in answer.statements for found in _against_statement(item, articles)),
        *_against_length(fact, answer.statements),
        *_against_fact(fact, answer),
    ]
    first = _first_right(fact, answer.statements)
    return Mark(
        findings=tuple(dict.fromkeys(findings)),
        statements=tuple(_statement_mark(s, articles, places) for s in answer.statements),
        first_right=first,
        focus_right=_focus_right(fact, answer.statements[0]) if first else None,
    )


def _statement_mark(
    statement: Statement, articles: Mapping[str, Article], places: Sequence[Place]
) -> StatementMark:
    cited = statement.citations
    expected = any(
        place.overlaps(item.article_id, item.start, item.end) for item in cited for place in places
    )
    return StatementMark(
        supported=judge(cited, articles, statement.text).supported,
        citations=len(cited),
        exact=sum(not misquotes(item, articles) for item in cited),
        expected=expected if places else None,
    )


def _first_right(fact: Fact, statements: Sequence[Statement]) -> bool | None:
    if fact.expect is not Expectation.ANSWER or len(fact.sources.all_of) > 1:
        return None
    return bool(statements) and not fact.unmatched(statements[0].text)


def _focus_right(fact: Fact, first: Statement) -> bool | None:
    if len(fact.answers) != 1:
        return None
    start, end = first.focus or (0, 0)
    return matches(fact.answers[0], first.text[start:end])


def _against_statement(statement: Statement, articles: Mapping[str, Article]) -> Iterator[Finding]:
    broken = [(item, why) for item in statement.citations for why in misquotes(item, articles)]
    for item, why in broken:
        yield _finding(Code.MISQUOTED, f"[{item.number}] {why}")
    if not broken:
        for reason in judge(statement.citations, articles, statement.text).reasons:
            yield _finding(Code.UNSUPPORTED, f"{reason}: {statement.text[:60]}")


def _against_length(fact: Fact, statements: Sequence[Statement]) -> Iterator[Finding]:
    words = sum(len(statement.text.split()) for statement in statements)
    if words > MAX_WORDS:
        yield _finding(Code.TOO_LONG, f"{words} words; at most {MAX_WORDS} are an answer")
    if fact.most and len(statements) > fact.most:
        yield _finding(Code.TOO_LONG, f"{len(statements)} statements; at most {fact.most} are due")
    for number, statement in enumerate(statements):
        if any(_says_the_same(statement, other) for other in statements[:number]):
            yield _finding(Code.REPEATED, f"it repeats one before it: {statement.text[:60]}")


def _says_the_same(one: Statement, other: Statement) -> bool:
    """Whether one of two statements has no quote that the other has not."""
    first, second = (
        {(item.article_id, item.start, item.end) for item in statement.citations}
        for statement in (one, other)
    )
    return first <= second or second <= first


def _against_fact(fact: Fact, answer: Answer) -> Iterator[Finding]:
    if fact.expect is Expectation.ABSTAIN:
        if answer.status != "refused":
            yield _finding(Code.NOT_REFUSED, "it should have refused")
        return
    if answer.status == "refused":
        if fact.expect is not Expectation.ABSTAIN_OR_CORRECT:
            yield _finding(Code.NOT_ANSWERED, "it should have answered")
        return
    text = " ".join(statement.text for statement in answer.statements)
    for group in fact.unmatched(text):
        yield _finding(Code.LACKS_ANSWER, f"no statement has {group}")
    for pattern in fact.never:
        if matches(pattern, text):
            yield _finding(Code.UNWANTED, f"a statement has {pattern}")
    cited = {item.article_id for statement in answer.statements for item in statement.citations}
    if not fact.sources.satisfied_by(cited):
        said = ", ".join(sorted(cited)) or "nothing"
        yield _finding(Code.LACKS_SOURCE, f"cited {said}; asked for {_asked(fact)}")


def _asked(fact: Fact) -> str:
    parts = {"all of": fact.sources.all_of, "one of": fact.sources.any_of}
    return " and ".join(f"{how} {', '.join(ids)}" for how, ids in parts.items() if ids)


def _finding(code: Code, text: str) -> Finding:
    return Finding(code=code, text=text)
