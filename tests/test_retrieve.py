import pytest
from llama_index.core.base.base_retriever import BaseRetriever

from ingest.library import Filters
from ingest.vectors import Hit
from rag.build import Ibid
from rag.nodes import PassageRetriever
from rag.question import ask
from rag.retrieve import convex_combination


def test_fusion_adds_scaled_scores() -> None:
    dense = [Hit("a", 0.9), Hit("b", 0.8), Hit("d", 0.5)]
    lexical = [Hit("b", 8.0), Hit("c", 2.0)]
    fused = convex_combination(dense, lexical, share=0.6)
    assert [hit.passage_id for hit in fused] == ["b", "a", "c", "d"]
    expected = [0.6 + 0.4 * 0.75, 0.4, 0.6 * 0.25, 0]
    assert [hit.score for hit in fused] == pytest.approx(expected)
    assert convex_combination([], []) == []
    assert [hit.score for hit in convex_combination([Hit("a", 0.5)], [])] == pytest.approx([0.5])


def test_it_is_a_llama_index_retriever(ibid: Ibid) -> None:
    retriever = PassageRetriever(ibid.engine)
    assert isinstance(retriever, BaseRetriever)
    nodes = retriever.retrieve("Which newspaper was closed in Minsk?")
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
    texts = [item.passage.text for item in ibid.engine.passages(asked, 3)]
    assert any(found in text for text in texts)


def test_filters_hold(ibid: Ibid) -> None:
    chosen = Filters(publishers=("PISM",))
    question = ask("integration programmes", ibid.embedding, ibid.library)
    found = ibid.retriever.find(question, 8, chosen)
    assert {item.passage.article_id for item in found} == {"001_6d0d470c36767c10"}
    nothing = Filters(published_from="2030-01-01")
    assert ibid.retriever.find(question, 8, nothing) == []


@pytest.mark.parametrize("query", ["the of and", "?!", "😀", '"NEAR(" OR *', "ж" * 3000, "AND -x"])
def test_no_query_breaks_the_search(ibid: Ibid, query: str) -> None:
    assert len(ibid.engine.passages(query, 3)) == 3


@pytest.mark.parametrize(
    "question",
    [
        "Was war das und wie kam es dazu?",
        "¿Qué pasó con ellos y por qué?",
        "Что это было и почему так вышло?",
    ],
)
def test_a_question_in_another_language_than_the_articles_is_known_as_such(
    ibid: Ibid, question: str
) -> None:
    own = ibid.engine.near("What was that and how did it come to this in Belarus?", 1)[0]
    other = ibid.engine.near(f"{question} (Belarus)", 1)[0]
    assert own.foreign < 0.5 < 0.7 < other.foreign
