"""Groundedness: how many statements are whole units of an article with what they need."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return statements that pass the verdict / statements.

    The verdict is `rag.verdict.judge`, asked anew of the articles as they are now.
    """
    marks = [statement for case in cases for statement in case.statements]
    return [proportion("groundedness", sum(mark.supported for mark in marks), len(marks))]
