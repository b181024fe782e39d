"""Ibid's retrieval as a llama-index retriever, for anyone's llama-index program."""

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.engine import Engine
from rag.retrieve import Retrieved

LIMIT = 8
"""Passages returned when no other number is given."""


class PassageRetriever(BaseRetriever):
    """Finds passages for a question, best first, as nodes with their places in the article."""

    def __init__(self, engine: Engine, limit: int = LIMIT) -> None:
        super().__init__()
        self._engine = engine
        self._limit = limit

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._engine.passages(query_bundle.query_str, self._limit)
        return [_as_node(item) for item in found]


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
