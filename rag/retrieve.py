"""Dense and lexical retrieval, fused, as a llama-index retriever over a library."""

from collections.abc import Sequence
from typing import NamedTuple

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from rapidfuzz import fuzz, process

from ingest.embed import OnnxEmbedding
from ingest.library import Filters, Library
from ingest.types import Passage
from ingest.vectors import Hit
from ingest.words import terms

LEXICAL_SHARE = 0.7
"""How much BM25 counts in the fusion, the cosine having the rest. On the Chroma chunking set and
SQuAD the shares from .5 to .8 are within .02 of each other, and ahead of reciprocal rank fusion:
recall@1 .770 against .702 on SQuAD (python -m evals.bench.sweep)."""
CANDIDATES = 50
"""How many passages each ranking hands to the fusion."""
SPELLING_CUTOFF = 80
"""Least rapidfuzz ratio (0 to 100) at which a word of the corpus stands for an unknown one."""


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


class Retriever(BaseRetriever):
    """Finds passages for a question; usable in any llama-index program."""

    def __init__(self, library: Library, embedding: OnnxEmbedding, limit: int = 8) -> None:
        super().__init__()
        self._library = library
        self._embedding = embedding
        self._limit = limit

    def find(
        self, query: str, limit: int | None = None, filters: Filters | None = None
    ) -> list[Retrieved]:
        """Return the best passages, best first."""
        articles = self._library.articles_matching(filters) if filters else None
        vector = self._embedding.encode([query])[0].vector
        asked = terms(query)
        words = [*asked, *self.respelled(asked).values()]
        dense = self._library.search_vectors(vector, CANDIDATES, articles)
        lexical = self._library.search_words(words, CANDIDATES, articles)
        fused = convex_combination(dense, lexical)[: limit or self._limit]
        similarity = {hit.passage_id: hit.score for hit in dense}
        found = {p.id: p for p in self._library.passages([hit.passage_id for hit in fused])}
        return [
            Retrieved(found[hit.passage_id], hit.score, similarity.get(hit.passage_id))
            for hit in fused
            if hit.passage_id in found
        ]

    def respelled(self, words: Sequence[str]) -> dict[str, str]:
        """Map each term that the library does not have to the most similar one it has."""
        frequencies = self._library.document_frequencies(words)
        unknown = [word for word, count in frequencies.items() if not count and len(word) > 3]
        if not unknown:
            return {}
        vocabulary = self._library.vocabulary()
        found: dict[str, str] = {}
        for word in unknown:
            best = process.extractOne(
                word, vocabulary, scorer=fuzz.ratio, score_cutoff=SPELLING_CUTOFF
            )
            if best:
                found[word] = best[0]
        return found

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_as_node(item) for item in self.find(query_bundle.query_str)]


def _as_node(item: Retrieved) -> NodeWithScore:
    passage = item.passage
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        metadata={"article_id": passage.article_id, "header": passage.header},
        start_char_idx=passage.start,
        end_char_idx=passage.end,
    )
    return NodeWithScore(node=node, score=item.score)
