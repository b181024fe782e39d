"""Is the question refused when it should be: the figures that several benchmarks share."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.progress import track

from evals.bench.collections import Question
from evals.bench.figures import Judged, Row, at_best_threshold, auroc, balanced_accuracy, row
from evals.bench.system import DENSE, IBID, WORDS, Measured
from evals.measures.figure import Figure, proportion
from rag.types import Answer

BASELINES = (WORDS, DENSE)
FITTED = f"{IBID}, threshold as below"
"""Ibid with a threshold chosen as those of the baselines are."""


class Asked(NamedTuple):
    """A question with its answer and how sure each system is that there is one."""

    question: Question
    answer: Answer
    scores: dict[str, float]


def ask_all(measured: Measured, questions: Sequence[Question]) -> list[Asked]:
    """Ask the engine every question, and take every system's confidence."""
    return [
        ask(measured, question)
        for question in track(questions, f"{measured.collection.name}: questions")
    ]


def ask(measured: Measured, question: Question) -> Asked:
    """Ask one question."""
    scores = {name: measured.best_score(name, question) for name in BASELINES}
    scores[IBID] = measured.evidence(question).probability
    return Asked(question, measured.ask(question), scores)


def refusal_rows(asked: Sequence[Asked]) -> list[Row]:
    """Return error rate, hallucination rate, balanced accuracy and AUROC of each system.

    Ibid refuses as it does for users. The baselines answer where the score of their best passage
    reaches the threshold that is best on the other half of the questions; a second row gives what
    Ibid's own probability would come to in that way.
    """
    ours = [
        Judged(item.question.answerable, item.scores[IBID], item.answer.status == "answered")
        for item in asked
    ]
    fitted = refusal_figures(at_best_threshold(ours), scored=False)
    rows = [row(IBID, refusal_figures(ours)), row(FITTED, fitted)]
    for name in BASELINES:
        theirs = [Judged(item.question.answerable, item.scores[name], said=True) for item in asked]
        rows.append(row(name, refusal_figures(at_best_threshold(theirs))))
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
