"""Disagreement: whether both sides are shown where the articles differ, and only there."""

from collections.abc import Sequence

from evals.facts import Expectation
from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return three shares; on these questions `expect` is `show_both`.

    `disagreement_recall`: both sides are shown, each from its source; all or nothing, since half of
    a disagreement misleads. `disagreement_named`: and the answer says itself, in `disagreements`,
    that they differ. `disagreement_precision`: of the answers that say so, those on these
    questions.
    """
    differing = [case for case in cases if case.expect is Expectation.SHOW_BOTH]
    shown = [case for case in differing if case.right]
    named = [case for case in cases if case.answer and case.answer["disagreements"]]
    rightly = sum(case.expect is Expectation.SHOW_BOTH for case in named)
    return [
        proportion("disagreement_recall", len(shown), len(differing)),
        proportion("disagreement_named", sum(case in named for case in shown), len(differing)),
        proportion("disagreement_precision", rightly, len(named)),
    ]
