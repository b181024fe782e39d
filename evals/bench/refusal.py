"""Is the question refused when it should be: the figures that several benchmarks share."""

from collections.abc import Sequence

from rich.progress import track

from evals.bench.collections import Question
from evals.bench.figures import Judged, Row, at_best_threshold, auroc, balanced_accuracy, row
from evals.bench.system import DENSE, IBID, WORDS, Measured
from evals.measures.figure import Figure, proportion

FITTED = f"{IBID}, threshold as below"
"""Ibid with a threshold chosen as those of the baselines are."""


def refusal_rows(measured: Measured, questions: Sequence[Question]) -> list[Row]:
    """Return error rate, hallucination rate, balanced accuracy and AUROC of each system.

    Ibid refuses as it does for users. The baselines answer where the score of their best passage
    reaches the threshold that is best on the other half of the questions; a second row gives what
    Ibid's own probability would come to in that way.
    """
    ours = [
        Judged(
            question.answerable,
            measured.best_score(IBID, question),
            measured.traced(question)[0].status == "answered",
        )
        for question in track(questions, f"{measured.collection.name}: questions")
    ]
    fitted = refusal_figures(at_best_threshold(ours), scored=False)
    rows = [row(IBID, refusal_figures(ours)), row(FITTED, fitted)]
    for system in (WORDS, DENSE):
        theirs = [
            Judged(q.answerable, measured.best_score(system, q), said=True) for q in questions
        ]
        rows.append(row(system, refusal_figures(at_best_threshold(theirs))))
    return rows


def refusal_figures(judged: Sequence[Judged], *, scored: bool = True) -> list[Figure]:
    """Return the figures of NoMIRACL (N. Thakur et al., arXiv 2312.11361), and the AUROC.

    Error rate: the share of answerable questions that are refused. Hallucination rate: the share
    of unanswerable ones that are answered. Balanced accuracy: 1 - the mean of both.
    """
    answerable = [item for item in judged if item.true]
    others = [item for item in judged if not item.true]
    figures = [
        proportion("error", sum(not i.said for i in answerable), len(answerable), "lower"),
        proportion("hallucination", sum(i.said for i in others), len(others), "lower"),
        balanced_accuracy("balanced accuracy", judged),
    ]
    return [*figures, auroc("AUROC", judged)] if scored else figures
