"""Refusal: whether the system refuses what it should, and only that."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return two shares; an error is no refusal.

    `refusals_right`: of the questions that no article answers, those that are refused; one with a
    false premise may be corrected instead. `wrong_declines`: of those that the articles answer,
    those that are refused.
    """
    answerable = [case for case in cases if case.to_be_answered]
    others = [case for case in cases if not case.to_be_answered]
    declined = sum(case.status == "refused" for case in answerable)
    return [
        proportion("refusals_right", sum(case.right for case in others), len(others)),
        proportion("wrong_declines", declined, len(answerable), better="lower"),
    ]
