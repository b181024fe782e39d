"""A language model's choice: how often it could not be used."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return answers for which a model's choice was set aside / answers for which one was asked.

    Nothing where no model was asked.
    """
    made = [case.generation for case in cases if case.generation]
    if not made:
        return []
    aside = sum(item.problem is not None for item in made)
    return [proportion("set_aside", aside, len(made), better="lower")]
