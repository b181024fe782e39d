"""What speaks against an answer: each kind of wrong answer gets its finding, a right one none."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from evals.facts import Expectation, Fact, FactQuote, Kind, Sources, load_facts
from evals.mark import MAX_WORDS, Code, mark, misquoted
from evals.run import Case, Outcome, run
from evals.system import IbidSystem, Look, Reference
from ingest.pipeline import make_article
from ingest.types import Article, Metadata, Span
from rag.build import Ibid
from rag.types import Answer, Citation, Quote, Reason, Refusal, Statement, Turn, Verdict
from tests.conftest import REPOSITORY

TEXT = (
    "The bridge was opened in 1901. Ann Lee said that it may not last. It has 12 arches.\n\n"
    "The tower is red. The tower was never finished.\n"
)
BRIDGE = replace(
    make_article("bridge", "/bridge.txt", TEXT), metadata=Metadata("The bridge", "Ann Lee")
)
ARTICLES = {"bridge": BRIDGE}
GOOD = Verdict(supported=True, score=1)
OPENED, LASTS, ARCHES, RED = (
    "The bridge was opened in 1901.",
    "Ann Lee said that it may not last.",
    "It has 12 arches.",
    "The tower is red.",
)
FACT = Fact(
    id="A-1",
    kind=Kind.SINGLE_FACT,
    fact="opened",
    expect=Expectation.ANSWER,
    question="When was the bridge opened?",
    answers=("1901",),
    sources=Sources(any_of=("bridge",)),
    quotes=(FactQuote(file="bridge", text=OPENED),),
)


def quote(words: str, article: Article = BRIDGE) -> Quote:
    start = article.text.index(words)
    return Quote.of(article, Span(start, start + len(words)))


def statement(text: str, *quotes: Quote, first: int = 1) -> Statement:
    cited = tuple(Citation.numbered(n, item) for n, item in enumerate(quotes, first))
    return Statement.model_construct(text=text, citations=cited, verdict=GOOD)


def answer(*statements: Statement, **others: Any) -> Answer:
    given: dict[str, Any] = {"question": FACT.question, "status": "answered", "engine": "made"}
    return Answer.model_construct(**{**given, "statements": statements, **others})


def refusal() -> Answer:
    refused = Refusal(reason=Reason.WEAK_EVIDENCE, message="no")
    return answer(status="refused", refusal=refused)


def codes(given: Answer, fact: Fact = FACT) -> set[Code]:
    return {finding.code for finding in mark(fact, given, ARTICLES).findings}


def changed(item: Quote, **values: Any) -> Quote:
    return item.model_copy(update=values)


def test_nothing_speaks_against_a_right_answer() -> None:
    marks = mark(FACT, answer(statement(OPENED, quote(OPENED))), ARTICLES)
    assert marks.right
    (found,) = marks.statements
    assert (found.supported, found.citations, found.exact, found.needed) == (True, 1, 1, 1)


OLD = replace(
    BRIDGE, text=f"Old. {TEXT}", sha256=hashlib.sha256(f"Old. {TEXT}".encode()).hexdigest()
)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (statement(OPENED, changed(quote(OPENED), start=1, end=31)), Code.MISQUOTED),
        (statement(OPENED, changed(quote(OPENED), article_id="tunnel")), Code.MISQUOTED),
        (statement(OPENED, changed(quote(OPENED), title="Another")), Code.MISQUOTED),
        (statement(OPENED, changed(quote(OPENED), published="2020-01-01")), Code.MISQUOTED),
        (statement(OPENED, quote(OPENED, OLD)), Code.MISQUOTED),
        (
            statement("It was 1901, 1902.", changed(quote(OPENED), quote="It was 1901, 1902.")),
            Code.MISQUOTED,
        ),
        (statement("The bridge was opened in 1901, 1902.", quote(OPENED)), Code.UNSUPPORTED),
        (statement(OPENED, quote(RED)), Code.UNSUPPORTED),
        (statement(OPENED), Code.UNSUPPORTED),
        (statement("It may not last. 1901", quote(LASTS), quote(OPENED)), Code.UNSUPPORTED),
        (statement(OPENED, quote(OPENED), quote(RED)), Code.NEEDLESS_CITATION),
    ],
)
def test_a_wrong_statement_gets_its_finding(given: Statement, code: Code) -> None:
    assert codes(answer(given)) - {Code.LACKS_SOURCE} == {code}


def test_swapped_citations_are_unsupported() -> None:
    first = statement(OPENED, quote(ARCHES))
    second = statement(ARCHES, quote(OPENED), first=2)
    marks = mark(FACT, answer(first, second), ARTICLES)
    assert {finding.code for finding in marks.findings} == {Code.UNSUPPORTED}
    assert [(item.supported, item.exact) for item in marks.statements] == [(False, 1), (False, 1)]


def test_what_a_dropped_speaker_or_a_dropped_negation_leaves_is_unsupported() -> None:
    for text in ("It may not last in 1901", "Ann Lee said that it may last in 1901"):
        assert codes(answer(statement(text, quote(LASTS), quote(OPENED)))) == {Code.UNSUPPORTED}


WHOLE = "The tower is red. The tower was never finished."


@pytest.mark.parametrize(
    ("first", "second"),
    [(RED, RED), (RED, "The tower is"), (RED, WHOLE), (WHOLE, RED)],
)
def test_a_repetition_is_found_once(first: str, second: str) -> None:
    statements = [
        statement(OPENED, quote(OPENED)),
        statement(first, quote(first), first=2),
        statement(second, quote(second), first=3),
    ]
    marks = mark(FACT, answer(*statements), ARTICLES)
    assert [item.repeats for item in marks.statements] == [False, False, True]
    assert {finding.code for finding in marks.findings} == {Code.REPEATED}


def test_neighbours_repeat_nothing() -> None:
    rest = "The tower was never finished."
    given = answer(statement(OPENED, quote(OPENED)), statement(RED, quote(RED), first=2),
                   statement(rest, quote(rest), first=3))  # fmt: skip
    assert codes(given) == set()


def test_an_answer_that_quotes_everything_is_too_long() -> None:
    long = make_article("bridge", "/b.txt", "In 1901 it was so. " * MAX_WORDS)
    cited = Quote.of(long, Span(0, len(long.text.strip())))
    marks = mark(FACT, answer(statement(long.text.strip(), cited)), {"bridge": long})
    assert {finding.code for finding in marks.findings} == {Code.TOO_LONG}


def test_expectations() -> None:
    right, other = statement(OPENED, quote(OPENED)), statement(RED, quote(RED))
    abstain = FACT.model_copy(update={"expect": Expectation.ABSTAIN, "answers": ()})
    correct = FACT.model_copy(update={"expect": Expectation.ABSTAIN_OR_CORRECT})
    both = FACT.model_copy(update={"expect": Expectation.SHOW_BOTH, "answers": ("1901", "red")})
    elsewhere = FACT.model_copy(update={"sources": Sources(all_of=("bridge", "tower"))})
    assert codes(refusal()) == {Code.NOT_ANSWERED}
    assert codes(answer()) >= {Code.LACKS_ANSWER}
    assert codes(answer(other)) == {Code.LACKS_ANSWER}
    assert codes(answer(right), elsewhere) == {Code.LACKS_SOURCE}
    assert codes(answer(right), abstain) == {Code.NOT_REFUSED}
    assert codes(refusal(), abstain) == set()
    assert codes(refusal(), correct) == set()
    assert codes(answer(right), correct) == set()
    assert codes(answer(other), correct) == {Code.LACKS_ANSWER}
    assert codes(answer(right), both) == {Code.ONE_SIDED}
    assert codes(answer(right, statement(RED, quote(RED), first=2)), both) == set()


def test_a_misquotation_names_what_differs() -> None:
    assert misquoted(quote(OPENED), ARTICLES) == []
    (reason,) = misquoted(changed(quote(OPENED), author="Bob"), ARTICLES)
    assert "author" in reason
    assert "'Ann Lee'" in reason


class Made:
    """A system that gives one answer, or raises."""

    def __init__(self, given: Answer | Exception) -> None:
        self._given = given

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:  # noqa: ARG002
        if isinstance(self._given, Exception):
            raise self._given
        return self._given

    def look(self, question: str, history: Sequence[Turn]) -> Look:  # noqa: ARG002
        return Look((), 0.5)


def examined(given: Answer | Exception, article: Article = BRIDGE) -> Case:
    fact = FACT.model_copy(update={"quotes": ()})
    (case,) = run([fact], "made", Made(given), Reference({"bridge": article}, ()))
    return case


def test_an_engine_that_raises_is_an_error_of_its_case_only() -> None:
    case = examined(RuntimeError("broken"))
    assert case.outcome is Outcome.ERROR
    assert case.findings[0].text == "RuntimeError: broken"
    assert not case.right
    assert case.graded


def test_a_marking_that_breaks_is_ungradable() -> None:
    unreadable: dict[str, Any] = {"text": None}
    case = examined(answer(statement(OPENED, quote(OPENED))), replace(BRIDGE, **unreadable))
    assert case.outcome is Outcome.UNGRADABLE
    assert case.answer is not None
    assert not case.right
    assert not case.graded


def test_marks_are_the_same_in_any_order_and_in_parallel(ibid: Ibid) -> None:
    reference = Reference.of(ibid.library)
    facts = load_facts(REPOSITORY / "evals/facts/belarus.yaml", reference.articles)[::3]
    system = IbidSystem(ibid)

    def marks(cases: Sequence[Case]) -> dict[str, Any]:
        timed = {"milliseconds", "answer"}
        return {case.id: case.model_dump(exclude=timed) for case in cases}

    forward = marks(list(run(facts, "f", system, reference)))
    backward = marks(list(run(facts[::-1], "f", system, reference)))
    parallel = marks(list(run(facts, "f", system, reference, jobs=4)))
    assert forward == backward == parallel
    assert {case["outcome"] for case in forward.values()} >= {Outcome.PASSED, Outcome.FAILED}
