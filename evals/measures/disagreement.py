"""Disagreement recall: whether both sides are shown where the articles differ."""

from collections.abc import Sequence

from evals.facts import Expectation
from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return two shares of the questions on which the articles differ (`expect: show_both`).

    `disagreement_recall`: both sides are shown, each from its source. `disagreement_named`: and the
    answer says itself, in `disagreements`, that they differ. Our own definition: all or nothing,
    since half of a disagreement misleads.
    """
    differing = [case for case in cases if case.expect is Expectation.SHOW_BOTH]
    shown = [case for case in differing if case.right]
    named = [case for case in shown if case.answer and case.answer["disagreements"]]
    return [
        proportion("disagreement_recall", len(shown), len(differing)),
        proportion("disagreement_named", len(named), len(differing)),
    ]
