"""Every measure against values worked out by hand."""

from typing import Any

import pytest

from evals.compare import mcnemar
from evals.facts import Expectation, Kind
from evals.mark import StatementMark
from evals.measures import MEASURES, calibration, measure_all, risk_coverage
from evals.measures.figure import Figure, bootstrapped, mean, proportion, ratio
from evals.run import Case, Outcome

KIND, ABSTAIN = Kind.SINGLE_FACT, Expectation.ABSTAIN
EXACT = {"supported": True, "score": 1.0, "citations": 2, "exact": 2, "needed": 2, "repeats": False}


def stated(**values: Any) -> StatementMark:
    return StatementMark(**{**EXACT, **values})


def case(name: str, right: bool = True, status: str = "answered", **values: Any) -> Case:
    answer = {
        "status": status,
        "statements": [{"text": "five words are said here"}] * len(values.get("statements", ())),
        "refusal": {"reason": "weak_evidence", "message": "no"} if status == "refused" else None,
        "disagreements": [],
        "citations": [],
        "engine": "extractive",
        "timings_ms": {},
    }
    given: dict[str, Any] = {
        "id": name,
        "file": "f",
        "kind": KIND,
        "expect": Expectation.ANSWER,
        "question": "?",
        "outcome": Outcome.PASSED if right else Outcome.FAILED,
        "answer": answer if status != "failed" else None,
    }
    return Case(**{**given, **values})


def generated(name: str, engine: str = "model", **values: Any) -> Case:
    """A case whose answer a language model was asked for."""
    timings = values.pop("timings_ms", {})
    own = {key: values.pop(key) for key in ("replayed", "status") if key in values}
    made = case(name, **own)
    assert made.answer is not None
    made.answer["generation"] = {"model": "model", "prompts": "1", **values}
    made.answer["engine"] = engine
    made.answer["timings_ms"] = timings
    return made


def measured(*cases: Case) -> dict[str, Figure]:
    return {figure.name: figure for figure in measure_all(cases)}


def value(name: str, *cases: Case) -> float | None:
    return measured(*cases)[name].value


def test_the_wilson_interval() -> None:
    figure = proportion("p", 8, 10)  # as R's binom::binom.wilson(8, 10) gives it
    assert (figure.value, figure.count) == (0.8, 10)
    assert figure.low == pytest.approx(0.4901625, abs=1e-6)
    assert figure.high == pytest.approx(0.9433178, abs=1e-6)
    assert proportion("p", 0, 10).low == pytest.approx(0)
    assert proportion("p", 10, 10).low == pytest.approx(0.7224672, abs=1e-6)
    assert proportion("p", 0, 0).value is None


def test_the_bootstrap_interval() -> None:
    values = [float(n) for n in range(1, 101)]
    figure = bootstrapped("mean", values, mean)
    assert figure == bootstrapped("mean", values, mean)
    assert figure.value == pytest.approx(50.5)
    # about 1.96 standard errors, 28.87 / 10, either way
    assert figure.low == pytest.approx(50.5 - 5.66, abs=0.6)
    assert figure.high == pytest.approx(50.5 + 5.66, abs=0.6)
    assert bootstrapped("none", [], mean).value is None
    assert bootstrapped("undefined", [(0.0, 0.0)], ratio).value is None
    assert bootstrapped("ratio", [(1.0, 2.0), (2.0, 2.0)], ratio).value == pytest.approx(0.75)


def test_mcnemars_exact_test() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(5, 0) == pytest.approx(0.0625)
    assert mcnemar(1, 6) == pytest.approx(0.125)
    assert mcnemar(6, 1) == mcnemar(1, 6)
    assert mcnemar(3, 3) == 1


def test_correctness_by_kind_counts_errors_as_wrong() -> None:
    error = case("c", kind=Kind.LIST, outcome=Outcome.ERROR, status="failed")
    found = measured(case("a"), case("b", right=False), error)
    assert found["correctness"].value == pytest.approx(1 / 3)
    assert found["correctness.single_fact"].value == 0.5
    assert found["correctness.list"].value == 0
    assert "correctness.conflict" not in found


def test_an_ungradable_case_counts_in_no_other_measure() -> None:
    found = measured(
        case("a"), case("b", outcome=Outcome.UNGRADABLE, statements=(stated(exact=0),))
    )
    assert (found["correctness"].value, found["correctness"].count) == (1, 1)
    assert (found["ungradable"].value, found["ungradable"].count) == (0.5, 2)
    assert found["citation_exactness"].value is None


def test_citations_and_statements() -> None:
    bad = stated(supported=False, score=0.25, exact=1, needed=0, repeats=True)
    cases = (case("a", statements=(stated(), bad)), case("b", statements=(stated(citations=4),)))
    found = measured(*cases)
    assert found["citation_exactness"].value == pytest.approx(5 / 8)
    assert found["citation_precision"].value == pytest.approx(4 / 8)
    assert found["citation_recall"].value == pytest.approx(2 / 3)
    assert found["groundedness"].value == pytest.approx(2.25 / 3)
    assert found["redundancy"].value == pytest.approx(1 / 3)
    assert found["answer_statements"].value == pytest.approx(1.5)
    assert found["answer_words"].value == pytest.approx(7.5)


def test_refusal() -> None:
    maybe = Expectation.ABSTAIN_OR_CORRECT
    cases = (
        case("a", status="refused", expect=ABSTAIN),
        case("b", right=False, expect=ABSTAIN),
        case("c", right=False, status="refused"),
        case("d", status="refused", expect=maybe),
        case("e", expect=maybe),  # rightly corrected: neither
        case("f", right=False, expect=maybe),
        case("g", right=False, status="failed", expect=ABSTAIN),
    )
    found = measured(*cases)
    assert found["refusal_precision"].value == pytest.approx(2 / 3)
    assert found["refusal_recall"].value == pytest.approx(2 / 5)
    assert found["refusal_f1"].value == pytest.approx(4 / 8)
    assert value("refusal_f1", case("x")) is None


def test_disagreements() -> None:
    named = case("a", expect=Expectation.SHOW_BOTH)
    assert named.answer is not None
    named.answer["disagreements"].append({"about": "where", "statements": [0, 1]})
    cases = (named, case("b", expect=Expectation.SHOW_BOTH),
             case("c", right=False, expect=Expectation.SHOW_BOTH), case("d"))  # fmt: skip
    assert value("disagreement_recall", *cases) == pytest.approx(2 / 3)
    assert value("disagreement_named", *cases) == pytest.approx(1 / 3)


def test_retrieval() -> None:
    cases = (
        case("a", relevant=("p1", "p2"), retrieved=("x", "p1", "y", "p2")),
        case("b", relevant=("p3",), retrieved=("p3",)),
        case("c", relevant=("p4",), retrieved=()),
        case("d", retrieved=("x",)),  # nothing is expected of it
    )
    found = measured(*cases)
    assert {name: found[name].value for name in ("hit@1", "hit@3", "hit@10")} == pytest.approx(
        {"hit@1": 1 / 3, "hit@3": 2 / 3, "hit@10": 2 / 3}
    )
    assert found["recall@3"].value == pytest.approx((0.5 + 1 + 0) / 3)
    assert found["mrr@10"].value == pytest.approx((0.5 + 1 + 0) / 3)
    assert found["map@10"].value == pytest.approx(((1 / 2 + 2 / 4) / 2 + 1 + 0) / 3)
    assert found["map@10"].count == 3


def test_latency() -> None:
    cases = [case(f"c{n:03}", milliseconds=float(n)) for n in range(1, 102)]
    found = measured(*cases)
    assert found["latency_p50"].value == pytest.approx(51)
    assert found["latency_p95"].value == pytest.approx(96)
    assert found["latency_p95"].unit == "ms"


def test_what_a_model_costs_is_over_all_questions() -> None:
    cases = (
        generated("a", prompt_tokens=900, completion_tokens=100, cost=0.003),
        generated("b", prompt_tokens=500, completion_tokens=40),  # its price is not known
        case("c", status="refused"),  # no model was asked
        case("d", right=False, status="failed"),
    )
    found = measured(*cases)
    assert found["cost"].value == pytest.approx(0.003 / 2)
    assert (found["cost"].unit, found["cost"].count) == ("USD", 2)
    assert found["prompt_tokens"].value == pytest.approx(1400 / 3)
    assert found["completion_tokens"].value == pytest.approx(140 / 3)
    assert "cost" not in measured(*cases[1:])
    assert "prompt_tokens" not in measured(*cases[2:])


def test_what_became_of_proposed_statements() -> None:
    found = measured(
        generated("a", proposed=5, supported=4, repaired=1, dropped=1),
        generated("b", proposed=3, supported=0, dropped=3, engine="extractive"),
        generated("c", status="refused"),
        case("d"),
    )
    assert found["supported_at_once"].value == pytest.approx(3 / 8)
    assert found["repaired"].value == pytest.approx(1 / 8)
    assert found["dropped"].value == pytest.approx(4 / 8)
    assert (found["fallback"].value, found["fallback"].count) == (0.5, 2)
    assert not {"repaired", "fallback", "dropped"} & measured(case("d")).keys()


def test_a_run_with_replayed_calls_does_not_say_when_first_statements_came() -> None:
    live = (
        generated("a", timings_ms={"first_statement": 250.0, "total": 900.0}),
        generated("b", timings_ms={"first_statement": 350.0, "total": 900.0}),
        generated("c", timings_ms={"total": 12.0}),
    )
    found = measured(*live)
    assert (found["first_statement_p50"].value, found["first_statement_p95"].count) == (300, 2)
    replayed = generated("d", timings_ms={"first_statement": 5.0, "total": 6.0}, replayed=900.0)
    assert "first_statement_p50" not in measured(*live, replayed)
    assert "first_statement_p50" not in measured(case("d"))


def test_calibration() -> None:
    cases = (
        case("a", probability=0.9),
        case("b", probability=0.95, expect=ABSTAIN),
        case("c", probability=0.2, expect=ABSTAIN),
        case("d", probability=0.5, expect=Expectation.ABSTAIN_OR_CORRECT),
    )
    assert value("brier_score", *cases) == pytest.approx((0.01 + 0.9025 + 0.04) / 3)
    # the upper bin: mean 0.925, half of it true; the lower: mean 0.2, none true
    assert value("calibration_error", *cases) == pytest.approx((2 * 0.425 + 1 * 0.2) / 3)
    found = calibration.forecasts(cases)
    assert [(item.size, item.true) for item in calibration.bins(found)] == [(1, 0), (2, 1)]


def test_risk_and_coverage() -> None:
    cases = (
        case("a", probability=0.9),
        case("b", probability=0.8, right=False),
        case("c", probability=0.8),
        case("d", probability=0.3, status="refused", expect=ABSTAIN),  # right, but not as an answer
        case("e", probability=0.2, status="refused", right=False),
        case("f", probability=0.7, expect=Expectation.ABSTAIN_OR_CORRECT),
    )
    risks = [0, 1 / 2, 1 / 3, 2 / 4, 3 / 5]  # of the equally sure the wrong one first
    assert value("risk_coverage_area", *cases) == pytest.approx(sum(risks) / 5)
    found = risk_coverage.selections(cases)
    points = [(0.9, 0.2, 0), (0.8, 0.6, 1 / 3), (0.3, 0.8, 0.5), (0.2, 1, 0.6)]
    assert [tuple(point) for point in risk_coverage.curve(found)] == [
        pytest.approx(point) for point in points
    ]
    assert risk_coverage.at(found, 0.5) == risk_coverage.curve(found)[1]
    assert risk_coverage.at(found, 0.95) is None
    right = [case(f"r{n}", probability=n / 9) for n in range(9)]
    assert value("risk_coverage_area", *right) == 0


def test_the_order_of_the_cases_changes_no_figure() -> None:
    cases = [
        case(f"c{n:02}", right=n % 3 == 0, milliseconds=n * 7.0 % 11, probability=n / 20,
             statements=(stated(score=n / 20),))
        for n in range(20)
    ]  # fmt: skip
    assert measure_all(cases) == measure_all(cases[::-1])


def test_every_measure_survives_an_empty_run_and_names_its_source() -> None:
    for figure in measure_all([]):
        assert figure.value is None
        assert figure.count == 0
    for module in MEASURES:
        assert module.measure.__doc__
        assert module.measure.__doc__.startswith("Return ")


def test_worse_than_knows_which_way_is_good() -> None:
    high, low = proportion("p", 9, 10), proportion("p", 1, 10)
    assert low.worse_than(high)
    assert not high.worse_than(low)
    flipped = proportion("p", 9, 10, better="lower")
    assert flipped.worse_than(proportion("p", 1, 10, better="lower"))
    assert proportion("p", 0, 0).worse_than(low)
    assert not low.worse_than(proportion("p", 0, 0))
