"""Dense and lexical retrieval of passages, fused (rag/nodes.py is it in llama-index)."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.library import Filters, Library
from ingest.types import Passage
from ingest.vectors import Hit
from rag.question import Question

LEXICAL_SHARE = 0.5
"""How much BM25 counts in the fusion, the cosine having the rest."""
CANDIDATES = 60
"""How many passages each ranking hands to the fusion."""


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
        """Return the best passages, best first."""
        articles = self._library.articles_matching(filters) if filters else None
        dense = self._library.search_vectors(question.vector, CANDIDATES, articles)
        lexical = self._library.search_words(_asked(question), CANDIDATES, articles)
        fused = convex_combination(dense, lexical)[:limit]
        similarity = {hit.passage_id: hit.score for hit in dense}
        found = {p.id: p for p in self._library.passages([hit.passage_id for hit in fused])}
        return [
            Retrieved(found[hit.passage_id], hit.score, similarity.get(hit.passage_id))
            for hit in fused
            if hit.passage_id in found
        ]


def _asked(question: Question) -> list[str]:
    """Return the words to look for: those that say something, as the library spells them."""
    return [term.spelling for term in question.terms if term.weight > 0 and term.spelling]
