"""Every measure against values worked out by hand."""

import pytest

from evals.compare import mcnemar
from evals.facts import Expectation, Kind
from evals.measures import MEASURES, measure_all, risk_coverage
from evals.measures.figure import Figure, bootstrapped, mean, proportion, ratio
from evals.run import Case, ExpectedQuote, Outcome, Ranking
from tests.eval_answers import case, generated, stated

ABSTAIN, BOTH = Expectation.ABSTAIN, Expectation.SHOW_BOTH
EITHER = Expectation.ABSTAIN_OR_CORRECT
QUOTE = (ExpectedQuote(article_id="a", text="words"),)


def measured(*cases: Case) -> dict[str, Figure]:
    return {figure.name: figure for figure in measure_all(cases)}


def value(name: str, *cases: Case) -> float | None:
    return measured(*cases)[name].value


def test_the_wilson_interval() -> None:
    figure = proportion("p", 8, 10)  # as R's binom::binom.wilson(8, 10) gives it
    assert (figure.value, figure.count) == (0.8, 10)
    assert figure.low == pytest.approx(0.4901625, abs=1e-6)
    assert figure.high == pytest.approx(0.9433178, abs=1e-6)
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
    assert bootstrapped("undefined", [(0.0, 0.0)], ratio).value is None
    assert bootstrapped("ratio", [(1.0, 2.0), (2.0, 2.0)], ratio).value == pytest.approx(0.75)


def test_mcnemars_exact_test() -> None:
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1
    assert mcnemar(5, 0) == pytest.approx(0.0625)
    assert mcnemar(1, 6) == mcnemar(6, 1) == pytest.approx(0.125)


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


def test_statements_and_citations() -> None:
    bad = stated(supported=False, exact=1)
    cases = (case("a", statements=(stated(), bad)), case("b", statements=(stated(citations=4),)))
    found = measured(*cases)
    assert found["citation_exactness"].value == pytest.approx(5 / 8)
    assert found["groundedness"].value == pytest.approx(2 / 3)
    assert found["answer_statements"].value == pytest.approx(1.5)
    assert found["answer_words"].value == pytest.approx(7.5)


def test_precision_is_of_statements_that_a_fact_can_tell() -> None:
    on, beside = stated(expected=True), stated(expected=False)
    cases = (
        case("a", statements=(on, beside, beside), expected=QUOTE),
        case("b", statements=(on,), expected=QUOTE, expect=BOTH, right=False),
        case("c", statements=(stated(),)),  # names no quote
        case("d", statements=(beside,), expected=QUOTE, expect=EITHER),  # may be refused
        case("e", status="refused", expected=QUOTE),
    )
    assert value("precision", *cases) == pytest.approx(2 / 4)
    assert measured(*cases)["precision"].count == 2


def test_first_statement_and_focus() -> None:
    cases = (
        case("a", first_right=True, focus_right=True),
        case("b", first_right=True, focus_right=False),
        case("c", first_right=False, kind=Kind.LIST),
        case("d", expect=ABSTAIN),
    )
    found = measured(*cases)
    assert (found["first_right"].value, found["first_right"].count) == (2 / 3, 3)
    assert found["first_right.single_fact"].value == 1
    assert found["first_right.list"].value == 0
    assert (found["focus_right"].value, found["focus_right"].count) == (0.5, 2)


def test_refusal() -> None:
    cases = (
        case("a", status="refused", expect=ABSTAIN),
        case("b", right=False, expect=ABSTAIN),
        case("c", expect=EITHER),
        case("d", status="refused", right=False),
        case("e", expect=BOTH),
        case("f", status="failed", right=False),
        case("g"),
    )
    found = measured(*cases)
    assert (found["refusals_right"].value, found["refusals_right"].count) == (2 / 3, 3)
    assert (found["wrong_declines"].value, found["wrong_declines"].count) == (0.25, 4)


def test_disagreements() -> None:
    named, wrongly = case("a", expect=BOTH), case("d")
    for item in (named, wrongly):
        assert item.answer is not None
        item.answer["disagreements"].append({"about": "where", "statements": [0, 1]})
    cases = (named, case("b", expect=BOTH), case("c", right=False, expect=BOTH), wrongly)
    assert value("disagreement_recall", *cases) == pytest.approx(2 / 3)
    assert value("disagreement_named", *cases) == pytest.approx(1 / 3)
    assert value("disagreement_precision", *cases) == 0.5


def test_retrieval() -> None:
    def found(*names: str, wanted: tuple[str, ...] = ("p",)) -> Ranking:
        return Ranking(found=names, wanted=wanted)

    cases = (
        case("a", expected=QUOTE, units=found("x", "p", "y", "q", wanted=("p", "q"))),
        case("b", expected=QUOTE, units=found("p"), passages=found("x", "p")),
        case("c", expected=QUOTE, units=found()),
        case("d", units=found("x", wanted=())),  # nothing is expected of it
    )
    figures = measured(*cases)
    assert figures["unit_hit@1"].value == pytest.approx(1 / 3)
    assert figures["unit_recall@1"].value == pytest.approx((0 + 1 + 0) / 3)
    assert figures["unit_recall@6"].value == pytest.approx((1 + 1 + 0) / 3)
    assert figures["unit_mrr"].value == pytest.approx((0.5 + 1 + 0) / 3)
    assert (figures["passage_mrr"].value, figures["passage_mrr"].count) == (0.5 / 3, 3)


def test_latency() -> None:
    cases = [case(f"c{n:03}", milliseconds=float(n)) for n in range(1, 102)]
    found = measured(*cases)
    assert found["latency_p50"].value == pytest.approx(51)
    assert found["latency_p95"].value == pytest.approx(96)


def test_what_a_model_costs_and_how_often_its_choice_is_set_aside() -> None:
    cases = (
        generated("a", cost=0.003),
        generated("b", problem="its reply named no unit"),  # its price is not known
        case("c", status="refused"),  # no model was asked
        case("d", right=False, status="failed"),
    )
    found = measured(*cases)
    assert (found["cost"].value, found["cost"].count) == (0.003 / 2, 2)
    assert (found["set_aside"].value, found["set_aside"].count) == (0.5, 2)
    assert not {"cost", "set_aside"} & measured(*cases[2:]).keys()


def test_risk_and_coverage() -> None:
    cases = (
        case("a", probability=0.9),
        case("b", probability=0.8, right=False),
        case("c", probability=0.8),
        case("d", probability=0.3, status="refused", expect=ABSTAIN),  # right, but not as an answer
        case("e", probability=0.2, status="refused", right=False),
        case("f", probability=0.7, expect=EITHER),
    )
    risks = [0, 1 / 2, 1 / 3, 2 / 4, 3 / 5]  # of the equally sure the wrong one first
    assert value("risk_coverage_area", *cases) == pytest.approx(sum(risks) / 5)
    points = [(0.9, 0.2, 0), (0.8, 0.6, 1 / 3), (0.3, 0.8, 0.5), (0.2, 1, 0.6)]
    found = risk_coverage.curve(risk_coverage.selections(cases))
    assert [tuple(point) for point in found] == [pytest.approx(point) for point in points]


def test_the_order_of_the_cases_changes_no_figure() -> None:
    cases = [
        case(f"c{n:02}", right=n % 3 == 0, milliseconds=n * 7.0 % 11, probability=n / 20,
             statements=(stated(expected=n % 2 == 0),), expected=QUOTE)
        for n in range(20)
    ]  # fmt: skip
    assert measure_all(cases) == measure_all(cases[::-1])


def test_every_measure_survives_an_empty_run_and_says_what_it_is() -> None:
    assert all((figure.value, figure.count) == (None, 0) for figure in measure_all([]))
    for module in MEASURES:
        assert str(module.measure.__doc__).startswith("Return ")


def test_worse_than_knows_which_way_is_good() -> None:
    high, low = proportion("p", 9, 10), proportion("p", 1, 10)
    assert low.worse_than(high)
    assert not high.worse_than(low)
    assert proportion("p", 9, 10, "lower").worse_than(proportion("p", 1, 10, "lower"))
    assert proportion("p", 0, 0).worse_than(low)
    assert not low.worse_than(proportion("p", 0, 0))
