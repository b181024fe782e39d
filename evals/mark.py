"""The mark of one answer: what speaks against it. It is right when nothing does.

Marking is a pure function of the fact, the answer and the articles, so that marks are the same in
any order and in parallel. Whether a statement is supported is said by `rag.verdict.judge` alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from evals.facts import Expectation, Fact
from ingest.types import Article, Span
from ingest.words import terms, words
from rag.types import Answer, Citation, Quote, Statement
from rag.verdict import judge, tidy

MAX_WORDS = 400
"""Longest answer, in words: one that quotes whole articles matches every answer group. The longest
expected quotes of one fact in evals/facts have 148 words."""


class Code(StrEnum):
    """What can speak against an answer."""

    FAILED = "failed"
    MISQUOTED = "misquoted"
    UNSUPPORTED = "unsupported"
    NEEDLESS_CITATION = "needless_citation"
    REPEATED = "repeated"
    TOO_LONG = "too_long"
    NOT_REFUSED = "not_refused"
    NOT_ANSWERED = "not_answered"
    LACKS_ANSWER = "lacks_answer"
    LACKS_SOURCE = "lacks_source"
    ONE_SIDED = "one_sided"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Part):
    """One thing that speaks against an answer."""

    code: Code
    text: str


class StatementMark(_Part):
    """A statement's verdict; of its citations, how many are exact and how many it needs."""

    supported: bool
    score: float
    citations: int
    exact: int
    needed: int
    repeats: bool


class Mark(_Part):
    """Everything found against an answer, and the marks of its statements."""

    findings: tuple[Finding, ...] = ()
    statements: tuple[StatementMark, ...] = ()

    @property
    def right(self) -> bool:
        """Whether nothing speaks against the answer."""
        return not self.findings


def mark(fact: Fact, answer: Answer, articles: Mapping[str, Article]) -> Mark:
    """Mark an answer against a fact and the articles, by id, as they are now."""
    findings: list[Finding] = []
    statements: list[StatementMark] = []
    for number, statement in enumerate(answer.statements):
        found, marked = _mark_statement(statement, answer.statements[:number], articles)
        findings += found
        statements.append(marked)
    findings += _against_length(answer)
    findings += _against_fact(fact, answer)
    return Mark(findings=tuple(dict.fromkeys(findings)), statements=tuple(statements))


def misquoted(quote: Quote, articles: Mapping[str, Article]) -> list[str]:
    """Say what of a quote is not as the article has it: its words, or the source it names."""
    broken = judge(tidy(quote.quote), [quote], articles).reasons
    if broken:
        return list(broken)
    true = Quote.of(articles[quote.article_id], Span(quote.start, quote.end))
    return [
        f"the {name} of {quote.article_id!r} is {value!r}, not {getattr(quote, name)!r}"
        for name, value in true.model_dump().items()
        if getattr(quote, name) != value
    ]


def _mark_statement(
    statement: Statement, before: Sequence[Statement], articles: Mapping[str, Article]
) -> tuple[list[Finding], StatementMark]:
    verdict = judge(statement.text, statement.citations, articles, derived=True)
    errors = [(item, misquoted(item, articles)) for item in statement.citations]
    needless = _needless(statement, articles) if verdict.supported else []
    repeats = _repeats(statement, before)
    findings = [
        _finding(Code.MISQUOTED, f"[{i.number}] {e}") for i, broken in errors for e in broken
    ]
    if not any(broken for _, broken in errors):
        findings += [_finding(Code.UNSUPPORTED, reason) for reason in verdict.reasons]
    findings += [
        _finding(Code.NEEDLESS_CITATION, f"[{item.number}] adds nothing to its statement")
        for item in needless
    ]
    if repeats:
        findings.append(_finding(Code.REPEATED, f"it repeats one before it: {statement.text[:60]}"))
    cited = len(statement.citations)
    return findings, StatementMark(
        supported=verdict.supported,
        score=verdict.score,
        citations=cited,
        exact=sum(not broken for _, broken in errors),
        needed=cited - len(needless) if verdict.supported else 0,
        repeats=repeats,
    )


def _needless(statement: Statement, articles: Mapping[str, Article]) -> list[Citation]:
    """Return the citations without which a supported statement stands as well.

    One that supports the statement all alone is needed though another does so too.
    """
    cited = statement.citations
    return [
        item
        for number, item in enumerate(cited)
        if len(cited) > 1
        and not judge(statement.text, [item], articles, derived=True).supported
        and judge(
            statement.text, [*cited[:number], *cited[number + 1 :]], articles, derived=True
        ).supported
    ]


def _repeats(statement: Statement, before: Sequence[Statement]) -> bool:
    """Whether it has the words of one before, or one of both has nothing that the other has not."""
    return any(
        _wording(statement.text) == _wording(other.text)
        or _covers(other, statement)
        or _covers(statement, other)
        for other in before
    )


def _covers(larger: Statement, smaller: Statement) -> bool:
    """Whether one has nothing that the other has not: its quotes, and its content words."""
    quoted = bool(smaller.citations) and all(
        any(_within(item, other) for other in larger.citations) for item in smaller.citations
    )
    return quoted and set(terms(smaller.text)) <= set(terms(larger.text))


@lru_cache(maxsize=4096)
def _wording(text: str) -> tuple[str, ...]:
    return tuple(words(text))


def _within(inner: Citation, outer: Citation) -> bool:
    same = inner.article_id == outer.article_id
    return same and outer.start <= inner.start and inner.end <= outer.end


def _against_length(answer: Answer) -> Iterator[Finding]:
    count = sum(len(statement.text.split()) for statement in answer.statements)
    if count > MAX_WORDS:
        yield _finding(Code.TOO_LONG, f"{count} words; at most {MAX_WORDS} are an answer")


def _against_fact(fact: Fact, answer: Answer) -> Iterator[Finding]:
    if fact.expect is Expectation.ABSTAIN:
        if answer.status != "refused":
            yield _finding(Code.NOT_REFUSED, "it should have refused")
        return
    if answer.status == "refused":
        if fact.expect is not Expectation.ABSTAIN_OR_CORRECT:
            yield _finding(Code.NOT_ANSWERED, "it should have answered")
        return
    both = fact.expect is Expectation.SHOW_BOTH
    for group in fact.unmatched(" ".join(statement.text for statement in answer.statements)):
        yield _finding(Code.ONE_SIDED if both else Code.LACKS_ANSWER, f"no statement has {group}")
    cited = {item.article_id for statement in answer.statements for item in statement.citations}
    if not fact.sources.satisfied_by(cited):
        asked = f"cited {', '.join(sorted(cited)) or 'nothing'}; asked for {_asked(fact)}"
        yield _finding(Code.ONE_SIDED if both else Code.LACKS_SOURCE, asked)


def _asked(fact: Fact) -> str:
    parts = {"all of": fact.sources.all_of, "one of": fact.sources.any_of}
    return " and ".join(f"{how} {', '.join(ids)}" for how, ids in parts.items() if ids)


def _finding(code: Code, text: str) -> Finding:
    return Finding(code=code, text=text)
