"""Correctness: how many of the known facts are answered, or refused, rightly."""

from collections.abc import Sequence

from evals.facts import Kind
from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return right cases / cases, in all and by kind.

    Accuracy over questions with regular expressions as answers, as in TREC question answering
    (Voorhees and Tice, SIGIR 2000), made stricter: the sources must be cited, and nothing else may
    speak against the answer (evals/mark.py). An error counts as wrong.
    """
    figures = [_share("correctness", cases)]
    for kind in Kind:
        chosen = [case for case in cases if case.kind is kind]
        if chosen:
            figures.append(_share(f"correctness.{kind}", chosen))
    return figures


def _share(name: str, cases: Sequence[Case]) -> Figure:
    return proportion(name, sum(case.right for case in cases), len(cases))
