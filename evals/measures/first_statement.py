"""First statement: whether who reads no further has the answer."""

from collections.abc import Sequence

from evals.facts import Kind
from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return answers whose first statement alone is right / questions, in all and by kind.

    Right: it matches every answer group. Over the questions that one article answers; one that is
    refused counts as wrong.
    """
    asked = [case for case in cases if case.first_right is not None]
    figures = [_share("first_right", asked)]
    for kind in Kind:
        chosen = [case for case in asked if case.kind is kind]
        if chosen:
            figures.append(_share(f"first_right.{kind}", chosen))
    return figures


def _share(name: str, cases: Sequence[Case]) -> Figure:
    return proportion(name, sum(bool(case.first_right) for case in cases), len(cases))
