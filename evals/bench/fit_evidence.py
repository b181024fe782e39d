"""Fit the weights of rag/evidence.json on public question sets; report on held-out questions.

    python -m evals.bench.fit_evidence --data DIR [--cache DIR] [--write]

Ranking: logistic regression on differences between the sentence that holds the answer and others
of the same question (RankNet's pairwise loss, Burges et al. 2005, with a linear scorer); then a
bias and a scale that make the score a probability (Platt 1999). Answerability: logistic regression
on answerable questions, their near misses, and questions of the other sets, every set and kind
weighing the same. No weight may have the wrong sign (more overlap never speaks against a
sentence): that costs nothing on held-out questions and transfers better. Held out: three of the
eight SQuAD pages, every second question of the other sets.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.progress import track
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from evals.bench.collections import (
    COLLECTIONS,
    Collection,
    Question,
    folded,
    holds,
    training_groups,
)
from evals.bench.data import sha256
from ingest.embed import OnnxEmbedding, load_embedding
from ingest.library import Filters
from ingest.words import fold
from rag.evidence import Candidate, EvidenceFinder, Model
from rag.extract import MAX_OF_ONE_FACT
from rag.features import QUESTION_FEATURES, SENTENCE_FEATURES, Query
from rag.retrieve import Retrieved, Retriever

WEIGHTS = Path(__file__).parents[2] / "rag" / "evidence.json"
MAX_REFUSED = 0.03
"""Share of answerable training questions that the answer threshold may refuse."""
MAX_OUT_OF_SCOPE = 0.01
"""Share of questions about their collection that may be called out of scope."""
FOREIGN = 100
"""Questions taken from each other collection, as out of scope."""
NEGATIVES = 8
KIND_SHARE = {"answerable": 2, "near_miss": 1, "out_of_scope": 1}
"""How much the kinds of question weigh in the fit, in each collection."""
AGAINST = {
    "type_miss",
    "names_missing",
    "names_apart",
    "value_missing",
    "value_not_shown",
    "unknown",
}
"""Features that speak against an answer; all others speak for it."""

UNFITTED = Model(
    np.zeros(len(SENTENCE_FEATURES)), 0.0, np.zeros(len(QUESTION_FEATURES)), 0.0, 0.0, 0.0
)

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """A question's candidate sentences, which of them are right, and what kind it is."""

    collection: str
    training: bool
    answerable: bool
    foreign: bool
    query: Query
    passages: list[Retrieved]
    candidates: list[Candidate]
    right: npt.NDArray[np.bool_]
    finder: EvidenceFinder

    @property
    def features(self) -> Matrix:
        """The features of its candidates, shape (candidates, SENTENCE_FEATURES)."""
        return np.array([candidate.features for candidate in self.candidates])

    @property
    def kind(self) -> str:
        """Answerable, near miss or out of scope."""
        if self.foreign:
            return "out_of_scope"
        return "answerable" if self.answerable else "near_miss"


def main() -> None:
    """Fit, report, and with --write store the weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data")
    parser.add_argument("--cache", type=Path, default=Path("out/bench"), help="where libraries go")
    parser.add_argument("--write", action="store_true", help=f"replace {WEIGHTS.name}")
    options = parser.parse_args()
    embedding = load_embedding("minilm")
    collections = [make(options.data) for make in COLLECTIONS.values()]
    rows = [row for c in collections for row in ask(c, collections, options.cache, embedding)]
    sentence, bias = fit_ranking([row for row in rows if row.training])
    ranking = replace(UNFITTED, sentence=sentence, sentence_bias=bias)
    matrix = np.array([_question_features(row, ranking) for row in rows])
    result = fit_answerability(rows, matrix)
    weights = {
        "made_by": "python -m evals.bench.fit_evidence --data DIR --write",
        "data": {path.name: sha256(path) for path in _files(options.data)},
        "sentence": {"bias": round(bias, 4), "weights": _named(SENTENCE_FEATURES, sentence)},
        **result,
        "held_out": report(rows, matrix, result, sentence),
        "kept": {
            f"{ratio:.1f}": keeping(rows, ranking, ratio) for ratio in (0.3, 0.4, 0.5, 0.6, 0.8, 1)
        },
    }
    text = json.dumps(weights, indent=1)
    print(text)
    if options.write:
        WEIGHTS.write_text(text + "\n", "utf-8")


def ask(
    collection: Collection,
    collections: Sequence[Collection],
    cache: Path,
    embedding: OnnxEmbedding,
) -> list[Row]:
    """Return a collection's questions, and some of the others', with their candidates."""
    asked = [(question, False) for question in collection.questions]
    for other in collections:
        if other is not collection:
            step = max(1, len(other.questions) // FOREIGN)
            asked += [(question, True) for question in other.questions[::step]]
    fitted = training_groups(collection.questions)
    rows: list[Row] = []
    with collection.open(cache, embedding) as library:
        retriever = Retriever(library, embedding)
        finder = EvidenceFinder(library, embedding, retriever, UNFITTED)
        for n, (question, foreign) in enumerate(track(asked, collection.name)):
            training = n % 2 == 0 if foreign else question.group in fitted
            rows.append(_row(collection.name, question, training, foreign, retriever, finder))
    return rows


def _row(
    collection: str,
    question: Question,
    training: bool,
    foreign: bool,
    retriever: Retriever,
    finder: EvidenceFinder,
) -> Row:
    filters = Filters(articles=question.articles) if question.articles and not foreign else None
    query = finder.query(question.text)
    passages = retriever.find(question.text, filters=filters)
    candidates = finder.candidates(query, passages)
    answers = folded(question.answers)
    right = [not foreign and holds(fold(c.unit.sentence), answers) for c in candidates]
    answerable = question.answerable and not foreign
    return Row(
        collection,
        training,
        answerable,
        foreign,
        query,
        passages,
        candidates,
        np.array(right, dtype=np.bool_),
        finder,
    )


def _question_features(row: Row, model: Model) -> Matrix:
    finder = row.finder.with_model(model)
    return finder.weigh(row.query, row.candidates, row.passages).features


def fit_ranking(rows: Sequence[Row]) -> tuple[Matrix, float]:
    """Return weights and bias that make a right sentence outscore the others."""
    pairs = [
        good - bad
        for row in rows
        if row.answerable and row.right.any()
        for good in row.features[row.right][:2]
        for bad in row.features[~row.right][:NEGATIVES]
    ]
    differences = np.array(pairs)
    ones = np.ones(len(pairs))
    direction, _ = fit_signed(differences, ones, ones, _signs(SENTENCE_FEATURES), with_bias=False)
    scores = np.concatenate([row.features @ direction for row in rows if row.candidates])
    right = np.concatenate([row.right for row in rows if row.candidates]).astype(float)
    scale, bias = fit_signed(scores[:, None], right, np.ones(len(scores)), np.ones(1))
    return direction * scale[0], bias


def fit_answerability(rows: Sequence[Row], matrix: Matrix) -> dict[str, Any]:
    """Return the weights of the second model, and both thresholds, from the training rows."""
    training = np.array([row.training for row in rows])
    answerable = np.array([row.answerable for row in rows])
    foreign = np.array([row.foreign for row in rows])
    groups = Counter((row.collection, row.kind) for row in rows if row.training)
    share = np.array([KIND_SHARE[r.kind] / groups[r.collection, r.kind] for r in rows])[training]
    weights, bias = fit_signed(
        matrix[training],
        answerable[training].astype(float),
        share / share.mean(),
        _signs(QUESTION_FEATURES),
    )
    probability = 1 / (1 + np.exp(-(matrix @ weights + bias)))
    return {
        "question": {"bias": round(bias, 4), "weights": _named(QUESTION_FEATURES, weights)},
        "answer_threshold": _quantile(probability[training & answerable], MAX_REFUSED),
        "scope_threshold": _quantile(probability[training & ~foreign], MAX_OUT_OF_SCOPE),
    }


def fit_signed(
    matrix: Matrix, target: Matrix, share: Matrix, signs: Matrix, *, with_bias: bool = True
) -> tuple[Matrix, float]:
    """Logistic regression, L2-penalised, whose weights keep the given signs.

    `matrix` has shape (rows, features); `target` holds 0 or 1 and `share` a weight for each row.
    """

    def loss(packed: Matrix) -> tuple[float, Matrix]:
        logit = matrix @ packed[:-1] + packed[-1]
        value = share @ (np.logaddexp(0, logit) - target * logit) + packed[:-1] @ packed[:-1] / 2
        slope = share * (1 / (1 + np.exp(-logit)) - target)
        return float(value), np.append(matrix.T @ slope + packed[:-1], slope.sum() * with_bias)

    free = (None, None) if with_bias else (0, 0)
    bounds = [*((0, None) if sign > 0 else (None, 0) for sign in signs), free]
    found = minimize(loss, np.zeros(len(signs) + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])


def _signs(names: Sequence[str]) -> Matrix:
    return np.array([-1.0 if name in AGAINST else 1.0 for name in names])


def _quantile(values: Matrix, share: float) -> float:
    return round(float(np.quantile(values, share)), 4)


def report(
    rows: Sequence[Row], matrix: Matrix, result: dict[str, Any], sentence: Matrix
) -> dict[str, Any]:
    """Return figures on held-out rows: ranking by set, refusal by kind of question."""
    weights = np.array(list(result["question"]["weights"].values()))
    probability = 1 / (1 + np.exp(-(matrix @ weights + result["question"]["bias"])))
    held_out = [(row, p) for row, p in zip(rows, probability, strict=True) if not row.training]
    figures: dict[str, Any] = {}
    for name in dict.fromkeys(row.collection for row in rows):
        of_set = [(row, p) for row, p in held_out if row.collection == name and not row.foreign]
        places = [
            row.right[np.argsort(-(row.features @ sentence), kind="stable")].argmax()
            for row, _ in of_set
            if row.answerable and row.right.any()
        ]
        figures[name] = {
            "questions": len(of_set),
            "right_sentence_top_1": _mean([place < 1 for place in places]),
            "right_sentence_top_3": _mean([place < 3 for place in places]),
            "near_miss_auroc": round(
                roc_auc_score([row.answerable for row, _ in of_set], [p for _, p in of_set]), 3
            ),
        }
    for kind in KIND_SHARE:
        refused = [p < result["answer_threshold"] for row, p in held_out if row.kind == kind]
        figures[f"refused_{kind}"] = _mean(refused)
    return figures


def keeping(rows: Sequence[Row], model: Model, ratio: float) -> dict[str, float | None]:
    """Return what `extract.KEEP_RATIO` costs and gains, on held-out questions with an answer.

    The share of those whose right sentence is shown, and how many statements are.
    """
    shown: list[bool] = []
    counts: list[int] = []
    for row in rows:
        if row.training or not row.answerable or not row.right.any():
            continue
        scores = 1 / (1 + np.exp(-(row.features @ model.sentence + model.sentence_bias)))
        best = np.argsort(-scores, kind="stable")[:MAX_OF_ONE_FACT]
        kept = best[scores[best] >= ratio * scores[best[0]]]
        shown.append(bool(row.right[kept].any()))
        counts.append(len(kept))
    return {"right_sentence_shown": _mean(shown), "statements": _mean(counts)}


def _mean(values: Sequence[Any]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None


def _named(names: Sequence[str], values: Matrix) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def _files(data: Path) -> list[Path]:
    return [data / name for name in ("squad2_dev_A.json.gz", "nomiracl_en_test_A.jsonl.gz",
                                     "clapnq_dev_A.jsonl.gz")]  # fmt: skip


if __name__ == "__main__":
    main()
