"""Redundancy: how many statements repeat one before them."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return repeating statements / statements.

    A statement repeats one before it when it has the same words, or when one of the two has
    no quote and no content word that the other has not. Our own definition: it needs no threshold.
    """
    marks = [statement for case in cases for statement in case.statements]
    repeats = sum(mark.repeats for mark in marks)
    return [proportion("redundancy", repeats, len(marks), better="lower")]
