"""Does the right sentence come first: Ibid's order of units against that by cosine alone."""

from collections.abc import Sequence

from rich.progress import track

from evals.bench.collections import Question, folded, holds
from evals.bench.figures import Row, hit_figures, row
from evals.bench.system import DENSE, IBID, Measured
from ingest.words import fold
from rag.types import tidy

DEPTHS = (1, 3)


def sentence_rows(measured: Measured, questions: Sequence[Question], what: str = "") -> list[Row]:
    """Return how often a unit with the answer is among the first 1 and 3, by system.

    A question whose answer stands in no unit that a system ranks counts as a miss.
    """
    rows = []
    for system in (IBID, DENSE):
        ranks = [
            sentence_rank(measured, system, question)
            for question in track(questions, f"{measured.collection.name}: {system}")
        ]
        rows.append(row(system + what, hit_figures(ranks, DEPTHS, "top", reciprocal=False)))
    return rows


def sentence_rank(measured: Measured, system: str, question: Question) -> int | None:
    """Return the rank, from 1, of the first unit that holds an answer."""
    answers = folded(question.answers)
    for rank, sentence in enumerate(ranked_sentences(measured, system, question), 1):
        if holds(fold(sentence), answers):
            return rank
    return None


def ranked_sentences(measured: Measured, system: str, question: Question) -> list[str]:
    """Return the units of a question's articles, best first."""
    if system == IBID:
        return [tidy(item.text) for item in measured.traced(question)[1].evidence]
    library = measured.ibid.library
    vector = measured.ibid.embedding.question(question.text)
    scored: list[tuple[float, str]] = []
    for name in question.articles:
        article = library.article(name)
        cosines = library.unit_vectors(name) @ vector
        texts = [tidy(article.text[unit.start : unit.end]) for unit in article.units]
        scored += zip(map(float, cosines), texts, strict=True)
    return [text for _, text in sorted(scored, key=lambda item: -item[0])]
