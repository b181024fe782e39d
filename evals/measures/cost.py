"""Cost: what a question costs when a language model writes the answer."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped, mean
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the mean US dollars per question; nothing while no price is set.

    A question for which no model was asked cost nothing, one that failed is left out. The questions
    before a follow-up do not count. A replayed call costs what it cost when it was made.
    """
    asked = [case.generation for case in cases if case.answer]
    if not any(made and made.cost is not None for made in asked):
        return []
    known = [made.cost if made else 0.0 for made in asked]
    dollars = [cost for cost in known if cost is not None]
    return [bootstrapped("cost", dollars, mean, unit="USD", better="lower")]
