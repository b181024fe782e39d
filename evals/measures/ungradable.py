"""Ungradable cases: how often the evaluation itself could not decide."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return ungradable cases / cases, over all of them: in no other measure do they count.

    Kept apart from wrong answers, as in inspect_ai's scores; the gate still takes one that was
    right before as a failure.
    """
    broken = sum(not case.graded for case in cases)
    return [proportion("ungradable", broken, len(cases), better="lower")]
