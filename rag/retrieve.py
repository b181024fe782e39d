"""Dense and lexical retrieval of passages, fused (rag/nodes.py is it in llama-index)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ingest.library import Filters, Library
from ingest.types import Passage
from ingest.vectors import Hit
from rag.question import Question

LEXICAL_SHARE = 0.5
"""How much BM25 counts in the fusion, the cosine having the rest."""
CANDIDATES = 60
"""How many passages each ranking hands to the fusion."""
COPIES = 2
"""How many passages of the same lines are handed on: where one text stands in many articles."""
_LINE = re.compile(r"(?<=[.!?…。！？])\s+|\n")
"""What is between the lines and sentences of a passage, near enough to tell copies by them."""


class Retrieved(NamedTuple):
    """A passage with its fused score and its cosine to the question (None if lexical only)."""

    passage: Passage
    score: float
    similarity: float | None


def convex_combination(
    dense: Sequence[Hit], lexical: Sequence[Hit], share: float = LEXICAL_SHARE
) -> list[Hit]:
    """Fuse two rankings by their scores: `share` of BM25's, the rest of the cosine, best first.

    S. Bruch, S. Gai and A. Ingber, "An analysis of fusion functions for hybrid retrieval", ACM
    TOIS 42 (2023). Scores are scaled to 0..1 over the candidates, BM25 from 0 and the cosine from
    the least; a passage that a ranking does not have scores 0 there.
    """
    nearest = min((hit.score for hit in dense), default=0.0)
    scores: dict[str, float] = {}
    for weight, ranking, least in ((1 - share, dense, nearest), (share, lexical, 0.0)):
        width = max((hit.score for hit in ranking), default=0.0) - least
        for hit in ranking:
            scaled = (hit.score - least) / width if width > 0 else 1.0
            scores[hit.passage_id] = scores.get(hit.passage_id, 0) + weight * scaled
    return [Hit(*item) for item in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]


class Retriever:
    """Finds passages for a question."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def find(
        self, question: Question, limit: int, filters: Filters | None = None
    ) -> list[Retrieved]:
        """Return the best passages, best first; of those with the same text, `COPIES`."""
        articles = self._library.articles_matching(filters) if filters else None
        candidates = CANDIDATES
        while True:
            ranked, more = self._ranked(question, candidates, articles)
            found = list(islice(_few_copies(ranked), limit))
            if len(found) == limit or not more:
                return found
            candidates *= 2

    def _ranked(
        self, question: Question, candidates: int, articles: Sequence[str] | None
    ) -> tuple[list[Retrieved], bool]:
        """Return the passages of both rankings, best first, and whether there may be more."""
        dense = self._library.search_vectors(question.vector, candidates, articles)
        lexical = self._library.search_words(_asked(question), candidates, articles)
        fused = convex_combination(dense, lexical)
        similarity = {hit.passage_id: hit.score for hit in dense}
        found = {p.id: p for p in self._library.passages([hit.passage_id for hit in fused])}
        ranked = [
            Retrieved(found[hit.passage_id], hit.score, similarity.get(hit.passage_id))
            for hit in fused
            if hit.passage_id in found
        ]
        return ranked, candidates in (len(dense), len(lexical))


def _few_copies(ranked: Sequence[Retrieved]) -> Iterator[Retrieved]:
    """Yield passages, without those whose every line others before them have often enough."""
    lines: Counter[str] = Counter()
    for item in ranked:
        own = _LINE.split(item.passage.text)
        if any(lines[line] < COPIES for line in own):
            lines.update(own)
            yield item


def _asked(question: Question) -> list[str]:
    """Return the words to look for: those that say something, as the library spells them."""
    return [term.spelling for term in question.terms if term.weight > 0 and term.spelling]
