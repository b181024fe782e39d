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

RRF_K = 60
"""Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual
rank learning methods", SIGIR 2009."""
LEXICAL_WEIGHT = 2.0
"""How much the lexical ranking counts against the dense one: with 2, recall@1 is .702 and .504 on
SQuAD and the Chroma chunking set, with 1 .684 and .471 (python -m evals.bench.sweep)."""
CANDIDATES = 50
"""How many passages each ranking hands to the fusion."""
SPELLING_CUTOFF = 80
"""Least rapidfuzz ratio (0 to 100) at which a word of the corpus stands for an unknown one."""


class Retrieved(NamedTuple):
    """A passage with its fused score and its cosine to the question (None if lexical only)."""

    passage: Passage
    score: float
    similarity: float | None


def reciprocal_rank_fusion(rankings: Sequence[tuple[float, Sequence[Hit]]]) -> list[Hit]:
    """Fuse weighted rankings: a passage scores the sum of weight / (60 + rank), ranks from 1."""
    scores: dict[str, float] = {}
    for weight, ranking in rankings:
        for rank, hit in enumerate(ranking, 1):
            scores[hit.passage_id] = scores.get(hit.passage_id, 0) + weight / (RRF_K + rank)
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
        rankings = [(1.0, dense), (LEXICAL_WEIGHT, lexical)]
        fused = reciprocal_rank_fusion(rankings)[: limit or self._limit]
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
