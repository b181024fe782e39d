"""Refusal precision, recall and F1: whether the system refuses what it should, and only that."""

from collections.abc import Sequence

from evals.facts import Expectation
from evals.measures.figure import Figure, bootstrapped, proportion, ratio
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return precision, recall and F1 of refusing (C. J. van Rijsbergen, Information Retrieval).

    Precision: of the refused questions, how many should be or may be. Recall: of those that should
    be, how many are; one with a false premise that is rightly corrected counts as neither. An error
    is no refusal.
    """
    refused = [case for case in cases if case.status == "refused"]
    wanted = [case for case in cases if _should_refuse(case)]
    return [
        proportion("refusal_precision", sum(map(_should_refuse, refused)), len(refused)),
        proportion("refusal_recall", sum(case.status == "refused" for case in wanted), len(wanted)),
        bootstrapped("refusal_f1", [_f1_parts(case) for case in cases], ratio),
    ]


def _should_refuse(case: Case) -> bool:
    if case.expect is Expectation.ABSTAIN_OR_CORRECT:
        return case.status == "refused" or not case.right
    return case.expect is Expectation.ABSTAIN


def _f1_parts(case: Case) -> tuple[float, float]:
    """F1 = 2 tp / (2 tp + fp + fn), a ratio of sums over the cases; fp + tp are refused."""
    refused, wanted = case.status == "refused", _should_refuse(case)
    return 2.0 * (refused and wanted), float(refused) + float(wanted)
