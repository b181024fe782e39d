"""Does the right sentence come first: Ibid's order of sentences against two plain ones."""

import math
from collections import Counter
from collections.abc import Sequence

from rich.progress import track

from evals.bench.collections import Question, folded, holds
from evals.bench.figures import Row, hit_figures, row
from evals.bench.system import DENSE, IBID, SYSTEMS, WORDS, Measured
from ingest.words import fold, terms
from rag.verdict import tidy

DEPTHS = (1, 3)
K1, B = 1.2, 0.75


def sentence_rows(measured: Measured, questions: Sequence[Question]) -> list[Row]:
    """Return how often a sentence with the answer is among the first 1 and 3, by system.

    A question whose answer stands in no sentence that a system ranks counts as a miss.
    """
    ranks: dict[str, list[int | None]] = {system: [] for system in SYSTEMS}
    for question in track(questions, f"{measured.collection.name}: sentences"):
        for system in SYSTEMS:
            ranks[system].append(sentence_rank(measured, system, question))
    return [
        row(system, hit_figures(found, DEPTHS, "top", reciprocal=False))
        for system, found in ranks.items()
    ]


def sentence_rank(measured: Measured, system: str, question: Question) -> int | None:
    """Return the rank, from 1, of the first sentence that holds an answer."""
    answers = folded(question.answers)
    for rank, sentence in enumerate(ranked_sentences(measured, system, question), 1):
        if holds(fold(sentence), answers):
            return rank
    return None


def ranked_sentences(measured: Measured, system: str, question: Question) -> list[str]:
    """Return the sentences of a question's articles, best first."""
    if system == IBID:
        return [item.unit.sentence for item in measured.evidence(question).candidates]
    articles = [measured.library.article(name) for name in question.articles]
    sentences = [
        tidy(article.text[sentence.start : sentence.end])
        for article in articles
        for sentence in article.sentences
    ]
    if system == DENSE:
        scores = _cosines(measured, question.text, sentences)
    elif system == WORDS:
        scores = bm25(measured, question.text, sentences)
    order = sorted(range(len(sentences)), key=lambda number: -scores[number])
    return [sentences[number] for number in order]


def bm25(measured: Measured, question: str, sentences: Sequence[str]) -> list[float]:
    """Return Okapi BM25 of each sentence, k1 = 1.2 and b = 0.75 as SQLite's FTS5 has them.

    S. Robertson and H. Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009;
    document frequencies are those of the library's passages.
    """
    wanted = set(terms(question))
    frequencies = measured.library.document_frequencies(wanted)
    total = measured.library.count_passages()
    held = [Counter(terms(sentence)) for sentence in sentences]
    mean = sum(map(Counter.total, held)) / max(len(held), 1) or 1.0
    scores = []
    for counts in held:
        norm = K1 * (1 - B + B * counts.total() / mean)
        scores.append(
            sum(
                math.log(1 + (total - frequencies[term] + 0.5) / (frequencies[term] + 0.5))
                * counts[term] * (K1 + 1) / (counts[term] + norm)
                for term in wanted
            )
        )  # fmt: skip
    return scores


def _cosines(measured: Measured, question: str, sentences: Sequence[str]) -> list[float]:
    if not sentences:
        return []
    vectors = measured.vectors([question, *sentences])
    return [float(score) for score in vectors[1:] @ vectors[0]]
