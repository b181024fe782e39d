"""Is the right article found: the ranks that several benchmarks share."""

from collections.abc import Sequence

from rich.progress import track

from evals.bench.collections import Question
from evals.bench.figures import Row, first_rank, hit_figures, row
from evals.bench.system import SYSTEMS, Measured

DEPTHS = (1, 5, 10)
PASSAGES = 24
"""How far down the passages of ten different articles are looked for: as far as the engine does."""


def article_rows(measured: Measured, questions: Sequence[Question], what: str = "") -> list[Row]:
    """Return recall and reciprocal rank of the questions' gold articles, by system."""
    return [
        row(system + what, hit_figures(article_ranks(measured, system, questions), DEPTHS))
        for system in SYSTEMS
    ]


def article_ranks(
    measured: Measured, system: str, questions: Sequence[Question]
) -> list[int | None]:
    """Return the rank of each question's gold article, None where it is not found.

    An article's rank is that of its best passage.
    """
    ranks = []
    for question in track(questions, f"{measured.collection.name}: {system}"):
        passages = measured.rank(system, question, PASSAGES)
        ranks.append(first_rank([passage.article_id for passage in passages], question.gold))
    return ranks
