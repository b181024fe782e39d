"""Selective prediction: how often answers are wrong when only the surest questions are answered."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evals.facts import Expectation
from evals.measures.figure import Figure, Values, bootstrapped
from evals.run import Case


class Selection(NamedTuple):
    """How sure the system was of a question, and whether answering it is wrong."""

    probability: float
    wrong: bool


class Point(NamedTuple):
    """What becomes of the questions when those of at least this probability are answered.

    `coverage` is the share of the questions that is answered, `risk` the share of these that is
    wrong.
    """

    probability: float
    coverage: float
    risk: float


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the area under the risk-coverage curve; 0 is best, the share of wrong ones is chance.

    The curve is that of Y. Geifman and R. El-Yaniv, "Selective classification for deep neural
    networks" (NeurIPS 2017): over the n questions, the surest first, the risk at coverage k / n is
    the share of wrong ones among the first k; the area is its mean over k = 1..n. Of equally sure
    ones the wrong come first, so that order does not matter.
    """
    return [bootstrapped("risk_coverage_area", selections(cases), _area, better="lower")]


def selections(cases: Sequence[Case]) -> list[Selection]:
    """Return the questions of a run; one with a false premise has no clear outcome.

    An answer that was not given counts as wrong: beyond the coverage of the run, risk is an upper
    bound.
    """
    return [
        Selection(case.probability, not (case.right and _is_answered(case)))
        for case in cases
        if case.probability is not None and case.expect is not Expectation.ABSTAIN_OR_CORRECT
    ]


def curve(found: Sequence[Selection]) -> list[Point]:
    """Return the point of every threshold that makes a difference, the surest first."""
    points = []
    for probability in sorted({item.probability for item in found}, reverse=True):
        answered = [item for item in found if item.probability >= probability]
        risk = sum(item.wrong for item in answered) / len(answered)
        points.append(Point(probability, len(answered) / len(found), risk))
    return points


def _is_answered(case: Case) -> bool:
    return case.status == "answered" and case.to_be_answered


def _area(samples: Values) -> Values:
    order = np.lexsort((-samples[..., 1], -samples[..., 0]), axis=-1)
    wrong = np.take_along_axis(samples[..., 1], order, axis=-1)
    risks = wrong.cumsum(axis=-1) / np.arange(1, wrong.shape[-1] + 1)
    return np.asarray(risks.mean(axis=-1))
