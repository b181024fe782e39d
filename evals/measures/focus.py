"""Focus: whether the words marked in a statement are those that answer."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return first statements whose focus has the answer / first statements that have it.

    Over the questions with one answer group; a statement without a focus counts as wrong.
    """
    marked = [case.focus_right for case in cases if case.focus_right is not None]
    return [proportion("focus_right", sum(marked), len(marked))]
