"""Fallback: how often nothing that a language model wrote could be shown."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case
from rag.engine import EXTRACTIVE


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return answers made of the articles' own sentences / answers for which a model was asked.

    The answer falls back when no statement of the model's is supported, or the model did not
    answer. Nothing where no model was asked.
    """
    asked = [case for case in cases if case.generation and case.status == "answered"]
    if not asked:
        return []
    fallen = sum(case.engine == EXTRACTIVE for case in asked)
    return [proportion("fallback", fallen, len(asked), better="lower")]
