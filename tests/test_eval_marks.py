"""What speaks against an answer: each kind of wrong answer gets its finding, a right one none."""

from dataclasses import replace
from typing import Any

import pytest

from evals.facts import Expectation, Fact, Sources
from evals.mark import MAX_WORDS, Code, mark
from evals.run import Case, Outcome, run
from evals.system import Reference
from ingest.types import Article, Passage, Span
from rag.engine import Trace
from rag.retrieve import Retrieved
from rag.types import Answer, Quote, Statement
from tests.eval_answers import (
    ARCHES,
    ARTICLES,
    BRIDGE,
    FACT,
    LASTS,
    OPENED,
    RED,
    SPEAKER,
    TEXT,
    Made,
    answer,
    article,
    quote,
    refused,
    statement,
)


def codes(given: Answer, fact: Fact = FACT) -> set[Code]:
    return {finding.code for finding in mark(fact, given, ARTICLES).findings}


def changed(**values: Any) -> Statement:
    return statement(quote(OPENED).model_copy(update=values))


def test_nothing_speaks_against_a_right_answer() -> None:
    marks = mark(FACT, answer(statement(OPENED, focus="in 1901"), statement(RED)), ARTICLES)
    assert marks.right
    assert (marks.first_right, marks.focus_right) == (True, True)
    assert [(s.supported, s.citations, s.exact) for s in marks.statements] == [(True, 1, 1)] * 2
    assert [s.expected for s in marks.statements] == [True, False]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (changed(start=13, end=43), Code.MISQUOTED),
        (changed(article_id="tunnel"), Code.MISQUOTED),
        (changed(title="Another"), Code.MISQUOTED),
        (changed(published="2020-01-01"), Code.MISQUOTED),
        (changed(quote="The bridge was opened in 1902, not 1901."), Code.MISQUOTED),
        (statement(quote(OPENED, article(text=f"Old.\n\n{TEXT}"))), Code.MISQUOTED),
        (statement("was opened in 1901."), Code.UNSUPPORTED),
        (statement(OPENED, RED), Code.UNSUPPORTED),
        (statement(ARCHES, OPENED), Code.UNSUPPORTED),
        (statement(OPENED, ARCHES, SPEAKER, LASTS, RED), None),
        (statement("The bridge", OPENED), None),
    ],
)
def test_a_wrong_statement_gets_its_finding(given: Statement, code: Code | None) -> None:
    assert codes(answer(given)) - {Code.LACKS_SOURCE} == ({code} if code else set())


def test_a_statement_is_unsupported_without_citation_and_without_who_says_it() -> None:
    assert codes(answer(statement(OPENED), statement())) >= {Code.UNSUPPORTED}
    assert codes(answer(statement(OPENED), statement(LASTS))) == {Code.UNSUPPORTED}
    assert codes(answer(statement(OPENED), statement(SPEAKER, LASTS))) == set()


@pytest.mark.parametrize(
    ("first", "second", "repeats"),
    [
        ((OPENED,), (OPENED,), True),
        ((OPENED, ARCHES), (ARCHES,), True),
        ((OPENED,), ("The bridge", OPENED), True),
        (("The bridge", OPENED), ("The bridge", RED), False),
        ((OPENED,), (ARCHES,), False),
    ],
)
def test_a_statement_that_adds_no_quote_repeats(
    first: tuple[str, ...], second: tuple[str, ...], repeats: bool
) -> None:
    found = codes(answer(statement(*first), statement(*second)))
    assert found == ({Code.REPEATED} if repeats else set())


def test_an_answer_that_quotes_everything_is_too_long() -> None:
    long = replace(BRIDGE, text="In 1901 it was so. " * MAX_WORDS)
    cited = statement(Quote.of(long, Span(0, len(long.text))))
    found = {finding.code for finding in mark(FACT, answer(cited), {"bridge": long}).findings}
    assert Code.TOO_LONG in found


def test_expectations() -> None:
    right, other = answer(statement(OPENED)), answer(statement(RED))
    abstain = FACT.model_copy(update={"expect": Expectation.ABSTAIN, "answers": ()})
    correct = FACT.model_copy(update={"expect": Expectation.ABSTAIN_OR_CORRECT})
    elsewhere = FACT.model_copy(update={"sources": Sources(all_of=("bridge", "tower"))})
    short = FACT.model_copy(update={"never": ("red",), "most": 1})
    assert codes(refused()) == {Code.NOT_ANSWERED}
    assert codes(answer()) == {Code.LACKS_ANSWER, Code.LACKS_SOURCE}
    assert codes(other) == {Code.LACKS_ANSWER}
    assert codes(right, elsewhere) == {Code.LACKS_SOURCE}
    assert codes(right, abstain) == {Code.NOT_REFUSED}
    assert codes(refused(), abstain) == codes(refused(), correct) == codes(right, correct) == set()
    assert codes(other, correct) == {Code.LACKS_ANSWER}
    assert codes(right, short) == set()
    assert codes(answer(*right.statements, *other.statements), short) == {
        Code.UNWANTED,
        Code.TOO_LONG,
    }


def test_the_first_statement_and_its_focus() -> None:
    def marked(*statements: Statement, **changes: Any) -> tuple[bool | None, bool | None]:
        fact = FACT.model_copy(update=changes)
        marks = mark(fact, answer(*statements), ARTICLES)
        return marks.first_right, marks.focus_right

    right, wrong = statement(OPENED, focus="1901"), statement(RED, focus="red")
    assert marked(right, wrong) == (True, True)
    assert marked(wrong, right) == (False, None)
    assert marked(statement(OPENED, focus="bridge")) == (True, False)
    assert marked(statement(OPENED)) == (True, False)
    assert marked() == (False, None)
    assert marked(right, answers=("1901", "bridge")) == (True, None)
    assert marked(right, expect=Expectation.SHOW_BOTH) == (None, None)
    assert marked(right, sources=Sources(all_of=("bridge", "tower"))) == (None, None)


PASSAGES = (
    Passage("p0", "bridge", 0, 0, 60, 0, 1, 9, "", ""),
    Passage("p1", "bridge", 1, 60, len(TEXT), 2, 4, 9, "", ""),
)


def examined(system: Made, fact: Fact = FACT, of: Article = BRIDGE) -> Case:
    (case,) = run([fact], "made", system, Reference({"bridge": of}, PASSAGES))
    return case


def test_a_case_keeps_what_was_found_and_what_should_be() -> None:
    trace = Trace(passages=tuple(Retrieved(p, 1, 1) for p in PASSAGES[::-1]), probability=0.8)
    case = examined(Made(answer(statement(OPENED)), trace))
    assert case.outcome is Outcome.PASSED
    assert (case.passages.found, case.passages.wanted) == (("p1", "p0"), ("p0",))
    assert (case.passages.rank, case.units.rank, case.units.wanted) == (2, None, ("bridge:0",))
    assert (case.probability, case.first_right) == (0.8, True)
    assert [item.text for item in case.expected] == [OPENED]


def test_earlier_questions_are_asked_with_ibids_own_answers() -> None:
    system = Made(answer(statement(OPENED)))
    case = examined(system, FACT.model_copy(update={"turns": ("One?", "Two?", FACT.question)}))
    assert [turn.content for turn in case.history] == ["One?", OPENED, "Two?", OPENED]
    assert system.asked[-1] == (FACT.question, case.history)
    assert system.asked[0] == ("One?", ())


def test_an_engine_that_raises_is_an_error_of_its_case_only() -> None:
    case = examined(Made(RuntimeError("broken")))
    assert case.outcome is Outcome.ERROR
    assert case.findings[0].text == "RuntimeError: broken"
    assert case.graded
    assert case.units.wanted


def test_a_marking_that_breaks_is_ungradable() -> None:
    unreadable: dict[str, Any] = {"metadata": None}
    fact = FACT.model_copy(update={"quotes": ()})
    case = examined(Made(answer(statement(OPENED))), fact, replace(BRIDGE, **unreadable))
    assert case.outcome is Outcome.UNGRADABLE
    assert case.answer is not None
    assert not case.graded


def test_several_jobs_keep_the_order() -> None:
    facts = [FACT.model_copy(update={"id": f"A-{number}"}) for number in range(9)]
    system = Made(answer(statement(OPENED)))
    cases = run(facts, "made", system, Reference(ARTICLES, PASSAGES), jobs=4)
    assert [case.id for case in cases] == [fact.id for fact in facts]
