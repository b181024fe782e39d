"""Precision: how much of what is shown is what answers, not what is near."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped, ratio
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return statements that stand on an expected quote / statements.

    Over the questions that the articles answer and whose fact names quotes. A statement stands on
    one when a citation of it overlaps it. A quote that answers too and is not named counts against
    the system, so that it is a lower bound. Resampled by answer: statements of one answer are not
    independent.
    """
    answers = [
        (float(sum(bool(item.expected) for item in case.statements)), float(len(case.statements)))
        for case in cases
        if case.to_be_answered and case.expected and case.statements
    ]
    return [bootstrapped("precision", answers, ratio)]
