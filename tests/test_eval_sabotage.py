"""Every broken engine turns the run red through its measure; an engine that is whole does not."""

from collections.abc import Iterator

import pytest

from evals.cases import library_of, load_cases
from evals.cli import CASES, FACTS
from evals.facts import Kind, load_facts
from evals.sabotage import SABOTAGES, Trial, run_sabotages
from evals.sabotage.base import Ground, SpoiledAnswers
from evals.sabotage.engines import Crashes, HistoryIgnored
from rag.build import Ibid

pytestmark = pytest.mark.slow


class Whole(SpoiledAnswers):
    """Nothing is wrong with this one."""

    figure = "correctness"


@pytest.fixture(scope="module")
def trials(ibid: Ibid) -> Iterator[dict[str, Trial]]:
    given = load_facts(FACTS / "belarus.yaml")
    facts = [fact for fact in given[::2] if fact.kind is not Kind.CONFLICT]
    both = [*given, *load_facts(FACTS / "belarus_more.yaml")]
    more = [fact for fact in both if fact.kind is Kind.CONFLICT]
    cases = load_cases([CASES / "handed.yaml"])[CASES / "handed.yaml"]
    asked = [fact for case in cases for fact in case.facts()]
    with library_of(cases, ibid.settings) as own:
        grounds = [
            Ground.of({"belarus": facts, "more": more}, ibid),
            Ground.of({"handed": asked}, own),
        ]
        found = run_sabotages(grounds, [*SABOTAGES, Whole()])
        yield {trial.name: trial for trial in found}


@pytest.mark.parametrize("name", [type(sabotage).__name__ for sabotage in SABOTAGES])
def test_a_broken_engine_turns_the_run_red_through_its_measure(
    name: str, trials: dict[str, Trial]
) -> None:
    trial = trials[name]
    assert trial.tried
    assert trial.regressed, trial.what
    assert trial.red, (trial.intact, trial.broken)


def test_an_engine_that_is_whole_stays_green(trials: dict[str, Trial]) -> None:
    whole = trials["Whole"]
    assert not whole.failed
    assert not whole.regressed
    assert not whole.red
    assert whole.broken == whole.intact


def test_facts_without_a_kind_cannot_try_what_it_catches(ibid: Ibid) -> None:
    facts = [f for f in load_facts(FACTS / "belarus.yaml") if f.kind is Kind.SINGLE_FACT][:6]
    ground = Ground.of({"some": facts}, ibid)
    crashed, forgetful = run_sabotages([ground], [Crashes(), HistoryIgnored()])
    assert crashed.tried
    assert not forgetful.tried
    assert not forgetful.red


def test_each_says_what_it_breaks() -> None:
    names = [type(sabotage).__name__ for sabotage in SABOTAGES]
    assert len(set(names)) == len(names)
    assert all(type(sabotage).__doc__ for sabotage in SABOTAGES)
