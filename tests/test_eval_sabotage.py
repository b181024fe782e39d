"""Every broken engine turns the run red through its measure; an engine that is whole does not."""

from collections.abc import Iterator

import pytest

from evals.cli import own_facts
from evals.sabotage import SABOTAGES, Trial, run_sabotages
from evals.sabotage.base import SpoiledAnswers
from rag.build import Ibid


class Whole(SpoiledAnswers):
    """Nothing is wrong with this one."""

    figure = "correctness"


@pytest.fixture(scope="module")
def trials(ibid: Ibid) -> dict[str, Trial]:
    found: Iterator[Trial] = run_sabotages(ibid, own_facts(), [*SABOTAGES, Whole()])
    return {trial.name: trial for trial in found}


@pytest.mark.parametrize("name", [type(sabotage).__name__ for sabotage in SABOTAGES])
def test_a_broken_engine_turns_the_run_red_through_its_measure(
    name: str, trials: dict[str, Trial]
) -> None:
    trial = trials[name]
    assert trial.failed, trial.what
    assert trial.broken.worse_than(trial.intact), (trial.intact, trial.broken)
    assert trial.red


def test_an_engine_that_is_whole_stays_green(trials: dict[str, Trial]) -> None:
    assert not trials["Whole"].failed
    assert trials["Whole"].broken == trials["Whole"].intact
    assert not trials["Whole"].red


def test_there_are_enough_of_them_and_each_says_what_it_breaks() -> None:
    names = [type(sabotage).__name__ for sabotage in SABOTAGES]
    assert len(set(names)) == len(names) >= 15
    assert all(type(sabotage).__doc__ for sabotage in SABOTAGES)
