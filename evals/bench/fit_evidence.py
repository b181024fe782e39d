"""Fit the weights of rag/evidence.json on public question sets; report on held-out questions.

    python -m evals.bench.fit_evidence --data DIR [--cache DIR] [--write]

Ranking: logistic regression on differences between a unit that holds the answer and others of the
same question (RankNet's pairwise loss, Burges et al. 2005, with a linear scorer); then a bias and a
scale that make the score a probability (Platt 1999). Answerability: logistic regression on
answerable questions, their near misses, and questions of the other sets, every set and kind
weighing the same. No weight may have the wrong sign (more overlap never speaks against a unit):
that costs nothing on held-out questions and transfers better. Held out: three of the eight
SQuAD pages, every second question of the other sets, every second case.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.progress import track
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from evals.bench.case_questions import case_libraries
from evals.bench.collections import COLLECTIONS, Question, folded, holds, training_groups
from evals.bench.data import sha256
from ingest.embed import Embedding, load_embedding
from ingest.library import Filters, Library
from ingest.words import fold
from rag.engine import PASSAGES
from rag.evidence import (
    QUESTION_FEATURES,
    UNIT_FEATURES,
    Evidence,
    EvidenceFinder,
    Model,
    question_features,
)
from rag.question import Question as Asked
from rag.question import ask
from rag.retrieve import Retriever

CASES = Path(__file__).parents[1] / "cases" / "own.yaml"
WEIGHTS = Path(__file__).parents[2] / "rag" / "evidence.json"
MAX_REFUSED = 0.03
"""Share of answerable training questions that the threshold may refuse."""
MOST = 1000
"""Questions taken from one collection, evenly spread."""
FOREIGN = 60
"""Questions taken from each other collection, as out of scope."""
NEGATIVES = 12
KIND_SHARE = {"answerable": 2, "near_miss": 1, "out_of_scope": 0.5}
"""How much the kinds of question weigh in the fit, in each collection."""
AGAINST = {"exact_missing", "rival", "names_unknown", "fragment", "valued"}
"""Features that speak against an answer; all others speak for it."""
UNFITTED = Model(np.zeros(len(UNIT_FEATURES)), 0.0, np.zeros(len(QUESTION_FEATURES)), 0.0, 0.0)

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """A question's candidate units, which of them are right, and what kind of question it is."""

    collection: str
    training: bool
    kind: str
    asked: Asked
    candidates: list[Evidence]
    right: npt.NDArray[np.bool_]

    @property
    def answerable(self) -> bool:
        """Whether its articles answer it."""
        return self.kind == "answerable"

    @property
    def features(self) -> Matrix:
        """The features of its candidates, shape (candidates, UNIT_FEATURES)."""
        return np.array([candidate.features for candidate in self.candidates])


def main() -> None:
    """Fit, report, and with --write store the weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data")
    parser.add_argument("--cache", type=Path, default=Path("out/bench"), help="where libraries go")
    parser.add_argument("--cases", type=Path, default=CASES, help="cases to fit on too")
    parser.add_argument("--write", action="store_true", help=f"replace {WEIGHTS.name}")
    parser.add_argument("--ablation", action="store_true", help="also fit without each feature")
    options = parser.parse_args()
    embedding = load_embedding("e5-small")
    rows = list(all_rows(options.data, options.cache, options.cases, embedding))
    model, question_matrix = fit(rows, frozenset())
    probability = _sigmoid(question_matrix @ model.question + model.question_bias)
    answerable = np.array([row.training and row.answerable for row in rows])
    threshold = round(float(np.quantile(probability[answerable], MAX_REFUSED)), 4)
    stored = {
        "made_by": "python -m evals.bench.fit_evidence --data DIR --write",
        "data": {path.name: sha256(path) for path in _files(options.data)},
        **_named(model),
        "threshold": threshold,
        "held_out": report(rows, model, probability, threshold),
    }
    text = json.dumps(stored, indent=1)
    print(text)
    for name in UNIT_FEATURES if options.ablation else ():
        without, matrix = fit(rows, frozenset({name}))
        print(
            "without",
            name,
            report(
                rows,
                without,
                _sigmoid(matrix @ without.question + without.question_bias),
                threshold,
            ),
        )
    if options.write:
        WEIGHTS.write_text(text + "\n", "utf-8")


def all_rows(data: Path, cache: Path, cases: Path, embedding: Embedding) -> Iterator[Row]:
    """Yield every question with its candidates: of the public sets, and of the cases."""
    collections = [make(data) for make in COLLECTIONS.values()]
    for collection in collections:
        step = max(1, len(collection.questions) // MOST)
        asked = [(question, False) for question in collection.questions[::step]]
        for other in collections:
            if other is not collection:
                step = max(1, len(other.questions) // FOREIGN)
                asked += [(question, True) for question in other.questions[::step]]
        fitted = training_groups(collection.questions)
        with collection.open(cache, embedding) as library:
            for n, (question, foreign) in enumerate(track(asked, collection.name)):
                training = n % 2 == 0 if foreign else question.group in fitted
                yield make_row(collection.name, question, training, foreign, library, embedding)
    for number, (library, questions) in enumerate(case_libraries(cases, embedding)):
        for question in questions:
            yield make_row("cases", question, number % 2 == 0, False, library, embedding)


def make_row(
    collection: str,
    question: Question,
    training: bool,
    foreign: bool,
    library: Library,
    embedding: Embedding,
) -> Row:
    """Return a question with its candidates."""
    filters = Filters(articles=question.articles) if question.articles and not foreign else None
    asked = ask(question.text, embedding, library)
    passages = Retriever(library).find(asked, PASSAGES, filters)
    candidates = EvidenceFinder(library, UNFITTED).candidates(asked, passages)
    right = [not foreign and _answers(question, c) for c in candidates]
    kind = "near_miss" if not question.answerable else "answerable"
    return Row(
        collection,
        training,
        "out_of_scope" if foreign else kind,
        asked,
        candidates,
        np.array(right, dtype=np.bool_),
    )


def _answers(question: Question, candidate: Evidence) -> bool:
    if question.pattern:
        return bool(question.pattern.search(candidate.text))
    return holds(fold(candidate.text), folded(question.answers))


def fit(rows: Sequence[Row], left_out: frozenset[str]) -> tuple[Model, Matrix]:
    """Return weights without some features, and the question features that go with them."""
    unit, unit_bias = fit_ranking([row for row in rows if row.training], left_out)
    ranked = [_ranked(row, unit, unit_bias) for row in rows]
    matrix = np.array(
        [
            question_features(row.asked, found) if found else np.zeros(len(QUESTION_FEATURES))
            for row, found in zip(rows, ranked, strict=True)
        ]
    )
    question, bias = fit_answerability(rows, matrix, left_out)
    return Model(unit, unit_bias, question, bias, 0.0), matrix


def _ranked(row: Row, weights: Matrix, bias: float) -> list[Evidence]:
    if not row.candidates:
        return []
    scores = _sigmoid(row.features @ weights + bias)
    order = np.argsort(-scores, kind="stable")
    return [replace(row.candidates[n], score=float(scores[n])) for n in order]


def fit_ranking(rows: Sequence[Row], left_out: frozenset[str]) -> tuple[Matrix, float]:
    """Return weights and bias that make a right unit outscore the others."""
    pairs, shares = [], []
    counts = Counter(row.collection for row in rows if row.answerable and row.right.any())
    for row in rows:
        if not row.answerable or not row.right.any() or row.right.all():
            continue
        features, wrong = row.features, np.flatnonzero(~row.right)
        nearest = wrong[np.argsort(-features[wrong, 0])[:NEGATIVES]]
        best = np.flatnonzero(row.right)
        best = best[np.argsort(-features[best, 0])[:2]]
        for good in best:
            for bad in nearest:
                pairs.append(features[good] - features[bad])
                shares.append(1 / counts[row.collection] / len(best) / len(nearest))
    weight = np.array(shares) / np.mean(shares)
    signs = _signs(UNIT_FEATURES, left_out)
    direction, _ = fit_signed(np.array(pairs), np.ones(len(pairs)), weight, signs, with_bias=False)
    usable = [row for row in rows if row.candidates]
    scores = np.concatenate([row.features @ direction for row in usable])
    right = np.concatenate([row.right for row in usable]).astype(float)
    scale, bias = fit_signed(scores[:, None], right, np.ones(len(scores)), np.ones(1))
    return direction * scale[0], bias


def fit_answerability(
    rows: Sequence[Row], matrix: Matrix, left_out: frozenset[str]
) -> tuple[Matrix, float]:
    """Return the weights of the second model, from the training rows."""
    training = np.array([row.training for row in rows])
    answerable = np.array([row.answerable for row in rows])
    groups = Counter((row.collection, row.kind) for row in rows if row.training)
    share = np.array(
        [KIND_SHARE[r.kind] / groups[r.collection, r.kind] for r in rows if r.training]
    )
    return fit_signed(
        matrix[training],
        answerable[training].astype(float),
        share / share.mean(),
        _signs(QUESTION_FEATURES, left_out),
    )


def fit_signed(
    matrix: Matrix, target: Matrix, share: Matrix, signs: Matrix, *, with_bias: bool = True
) -> tuple[Matrix, float]:
    """Logistic regression, L2-penalised, whose weights keep the given signs; 0 leaves one out.

    `matrix` has shape (rows, features); `target` holds 0 or 1 and `share` a weight for each row.
    """
    width = matrix.std(axis=0) + 1e-9
    scaled = matrix / width

    def loss(packed: Matrix) -> tuple[float, Matrix]:
        logit = scaled @ packed[:-1] + packed[-1]
        value = share @ (np.logaddexp(0, logit) - target * logit) + packed[:-1] @ packed[:-1] / 2
        slope = share * (1 / (1 + np.exp(-logit)) - target)
        return float(value), np.append(scaled.T @ slope + packed[:-1], slope.sum() * with_bias)

    ranges = {1: (0, None), -1: (None, 0), 0: (0, 0)}
    bounds = [*(ranges[int(sign)] for sign in signs), (None, None) if with_bias else (0, 0)]
    found = minimize(loss, np.zeros(len(signs) + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x[:-1] / width, float(found.x[-1])


def _signs(names: Sequence[str], left_out: frozenset[str]) -> Matrix:
    return np.array(
        [0.0 if name in left_out else -1.0 if name in AGAINST else 1.0 for name in names]
    )


def report(
    rows: Sequence[Row], weights: Model, probability: Matrix, threshold: float
) -> dict[str, Any]:
    """Return figures on held-out rows: ranking by set, refusal by kind of question."""
    held_out = [(row, p) for row, p in zip(rows, probability, strict=True) if not row.training]
    figures: dict[str, Any] = {}
    for name in dict.fromkeys(row.collection for row in rows):
        of_set = [(r, p) for r, p in held_out if r.collection == name and r.kind != "out_of_scope"]
        places = [
            row.right[np.argsort(-(row.features @ weights.unit), kind="stable")].argmax()
            for row, _ in of_set
            if row.answerable and row.right.any()
        ]
        answerable = [row.answerable for row, _ in of_set]
        figures[name] = {
            "questions": len(of_set),
            "right_unit_first": _mean([place < 1 for place in places]),
            "right_unit_in_3": _mean([place < 3 for place in places]),
            "near_miss_auroc": round(float(roc_auc_score(answerable, [p for _, p in of_set])), 3),
        }
    for kind in KIND_SHARE:
        figures[f"refused_{kind}"] = _mean([p < threshold for r, p in held_out if r.kind == kind])
    return figures


def _sigmoid(logit: Matrix) -> Matrix:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def _mean(values: Sequence[Any]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None


def _named(weights: Model) -> dict[str, dict[str, float]]:
    unit = {"bias": weights.unit_bias, **dict(zip(UNIT_FEATURES, weights.unit, strict=True))}
    question = {
        "bias": weights.question_bias,
        **dict(zip(QUESTION_FEATURES, weights.question, strict=True)),
    }
    return {
        kind: {name: round(float(value), 4) for name, value in named.items()}
        for kind, named in (("unit", unit), ("question", question))
    }


def _files(data: Path) -> list[Path]:
    names = ("squad2_dev_A.json.gz", "nomiracl_en_test_A.jsonl.gz", "clapnq_dev_A.jsonl.gz")
    return [*(data / name for name in names), CASES]


if __name__ == "__main__":
    main()
