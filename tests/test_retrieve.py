import pytest
from llama_index.core.base.base_retriever import BaseRetriever

from ingest.library import Filters
from ingest.vectors import Hit
from rag.build import Ibid
from rag.retrieve import reciprocal_rank_fusion


def test_fusion_adds_reciprocal_ranks() -> None:
    dense = [Hit("a", 0.9), Hit("b", 0.8)]
    lexical = [Hit("b", 7.0), Hit("c", 3.0)]
    fused = reciprocal_rank_fusion([(1.0, dense), (2.0, lexical)])
    assert [hit.passage_id for hit in fused] == ["b", "c", "a"]
    assert fused[0].score == pytest.approx(1 / 62 + 2 / 61)
    assert fused[1].score == pytest.approx(2 / 62)


def test_it_is_a_llama_index_retriever(ibid: Ibid) -> None:
    assert isinstance(ibid.retriever, BaseRetriever)
    nodes = ibid.retriever.retrieve("Which newspaper was closed in Minsk?")
    assert "Komsomolskaya Pravda" in nodes[0].get_content()
    first = nodes[0].node
    article = ibid.library.article(first.metadata["article_id"])
    start, end = first.start_char_idx, first.end_char_idx  # type: ignore[attr-defined]
    assert article.text[start:end] == first.get_content()
    assert nodes == sorted(nodes, key=lambda node: -(node.score or 0))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("playing tennis to get closer", "tennis"),
        ("the military doctrine of December 2001", "adopted in December 2001"),
        ("embasador Vladimir Semashkо", "Semashko"),
        ("Komsomolskaja Prawda", "Komsomolskaya"),
        ("weakness of the army of Belarus", "under-equipped"),
    ],
)
def test_words_meaning_and_misspellings_find_the_passage(
    ibid: Ibid, asked: str, found: str
) -> None:
    texts = [item.passage.text for item in ibid.retriever.find(asked, limit=3)]
    assert any(found in text for text in texts)


def test_filters_hold(ibid: Ibid) -> None:
    chosen = Filters(publishers=("PISM",))
    found = ibid.retriever.find("integration programmes", filters=chosen)
    assert {item.passage.article_id for item in found} == {"001_6d0d470c36767c10"}
    nothing = Filters(published_from="2030-01-01")
    assert ibid.retriever.find("integration programmes", filters=nothing) == []


@pytest.mark.parametrize("query", ["the of and", "?!", "😀", '"NEAR(" OR *', "ж" * 3000, "AND -x"])
def test_no_query_breaks_the_search(ibid: Ibid, query: str) -> None:
    assert len(ibid.retriever.find(query, limit=3)) == 3
