"""Proposed statements: what became of what a language model wrote."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the shares of the proposed statements; nothing where a model proposed none.

    Supported at once: passed the verdict as first written. Repaired: passed it only after the model
    was told what was wrong. Dropped: never passed it, and no reader saw it.
    """
    made = [case.generation for case in cases if case.generation]
    proposed = sum(item.proposed for item in made)
    if not proposed:
        return []
    at_once = sum(item.supported - item.repaired for item in made)
    return [
        proportion("supported_at_once", at_once, proposed),
        proportion("repaired", sum(item.repaired for item in made), proposed, better="lower"),
        proportion("dropped", sum(item.dropped for item in made), proposed, better="lower"),
    ]
