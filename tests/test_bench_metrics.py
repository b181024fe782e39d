"""The benchmarks' metrics, against values worked out by hand or by their authors."""

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

import ingest.split
from evals.bench.chunking import Excerpt, merged, overlap
from evals.bench.cleaning import overlap as overlap_of_words
from evals.bench.collections import Question, holds, training_groups
from evals.bench.figures import (
    Judged,
    at_best_threshold,
    auroc,
    balanced_accuracy,
    best_threshold,
    first_rank,
    hit_figures,
)
from evals.bench.multihoprag import score
from evals.bench.nomiracl import refuses
from evals.bench.results import cell
from evals.bench.rouge import rouge_l
from evals.bench.sweep import Variant, passages_of
from evals.measures.figure import proportion
from ingest.split import PASSAGE_TOKENS
from ingest.types import Passage, Span


def passage(article: str, start: int, end: int) -> Passage:
    return Passage(f"{article}:{start}", article, 0, start, end, 0, 0, 1, "", "x" * (end - start))


def judged(scores: Sequence[float], true: Sequence[bool], cut: float = 0.5) -> list[Judged]:
    return [Judged(t, score, score >= cut) for t, score in zip(true, scores, strict=True)]


def test_chunking_counts_characters() -> None:
    excerpts = [Excerpt("a", Span(0, 10)), Excerpt("a", Span(20, 30))]
    passages = [passage("c-a", 5, 25), passage("c-a", 0, 8), passage("c-b", 0, 12)]
    found = overlap(excerpts, passages, "c")
    assert found.recall == 15 / 20  # 0 to 10 and 20 to 25
    assert found.precision == 15 / 40  # 20 + 8 + 12 retrieved
    assert found.union == 15 / 45  # 5 missed


def test_nothing_retrieved_is_no_error() -> None:
    assert overlap([Excerpt("a", Span(0, 10))], [], "c") == (0, 0, 0)


def test_spans_are_merged() -> None:
    spans = [Span(4, 6), Span(0, 2), Span(2, 3), Span(9, 9), Span(5, 8)]
    assert merged(spans) == [(0, 3), (4, 8)]


def test_rank_counts_articles_not_passages() -> None:
    assert first_rank(["x", "x", "y", "z"], ["z", "y"]) == 2
    assert first_rank(["x"], ["y"]) is None


def test_hits_and_reciprocal_rank() -> None:
    figures = {figure.name: figure.value for figure in hit_figures([1, 4, None, 12], (1, 5))}
    assert figures == {"R@1": 0.25, "R@5": 0.5, "MRR@10": pytest.approx((1 + 1 / 4) / 4)}


def test_auroc_and_balanced_accuracy_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    true = [bool(value) for value in generator.integers(0, 2, 60)]
    scores = [float(value) for value in generator.integers(0, 8, 60) / 8]  # with ties
    items = judged(scores, true)
    assert auroc("a", items).value == pytest.approx(roc_auc_score(true, scores))
    said = [item.said for item in items]
    expected = balanced_accuracy_score(true, said)
    assert balanced_accuracy("b", items).value == pytest.approx(expected)


def test_one_sided_questions_have_no_auroc() -> None:
    assert auroc("a", judged([0.1, 0.9], [True, True])).value is None
    assert balanced_accuracy("b", []).value is None


def test_threshold_comes_from_the_other_half() -> None:
    items = judged([0.2, 0.3, 0.9, 0.8], [False, False, True, True])
    assert best_threshold(items) == 0.8
    # the even cases are cut at the odd ones' 0.8, the odd ones at the even ones' 0.9
    assert [item.said for item in at_best_threshold(items)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("output", "refused"),
    [
        ("I don't know.", True),
        ("\nI Don't\nKnow. None of the contexts", True),
        ("Yes, answer is present in [1].\nI don't know in context 2.", False),
        ("The answer is not present in them", True),
        ("Answer is present", False),
        ("I don't know whether an answer is present", True),
        ("78", False),
    ],
)
def test_stored_outputs_are_read_as_their_authors_do(output: str, refused: bool) -> None:
    assert refuses(output) is refused


def test_rouge_l() -> None:
    # rouge-score 0.1.2, rougeL without stemmer: 5 of 6 and 5 of 7 words
    value = rouge_l("The cat sat on the mat.", ["the big cat sat down on mat"])
    assert value == pytest.approx(2 * 5 / 13)
    assert rouge_l("", ["something"]) == 0
    assert rouge_l("same words", ["others", "Same words!"]) == 1


def test_multihop_scores_one_query() -> None:
    passages = ["nothing", "a fact one here", "fact\none and fact two", "fact two"]
    found = score(passages, ["fact one", "fact two", "fact three"])
    assert found.hits_at_10
    assert found.hits_at_4
    assert found.reciprocal_rank == 1 / 2
    assert found.average_precision == pytest.approx((1 / 2 + 1 / 3) / 3)
    assert score(["Fact one"], ["fact one"]) == (False, False, 0, 0)  # case counts


def test_holds_takes_an_answer_or_a_part_of_a_long_one() -> None:
    assert holds("it was tampa, florida", ["tampa"])
    assert not holds("short", ["a short answer"])
    assert not holds("anything", [""])
    assert holds("x" * 41, ["y" + "x" * 41])


def test_half_of_a_set_is_for_training() -> None:
    pages = [Question(str(n), "?", True, f"page {n}") for n in range(8)]
    assert training_groups(pages) == {f"page {n}" for n in range(5)}
    halves = [Question(str(n), "?", True, str(n % 2)) for n in range(8)]
    assert training_groups(halves) == {"0"}


def test_a_variant_lasts_as_long_as_it_is_measured() -> None:
    with passages_of(Variant(100, 0)):
        assert ingest.split.PASSAGE_TOKENS == 100
    assert ingest.split.PASSAGE_TOKENS == PASSAGE_TOKENS


def test_cells() -> None:
    assert cell(None) == ""
    assert cell(proportion("x", 0, 0)) == "-"
    assert cell(proportion("x", 1, 2)) == "50.0 [9.5, 90.5]"


def test_words_of_a_page_are_counted_four_at_a_time() -> None:
    assert overlap_of_words("a b c d e", "a b c d") == (1.0, 0.5)
    assert overlap_of_words("a b c d", "a b c d x") == (0.5, 1.0)
    assert overlap_of_words("a b", "a b") == (1.0, 1.0)
    precision, recall = overlap_of_words("a b", "")
    assert (np.isnan(precision), recall) == (True, 0.0)
