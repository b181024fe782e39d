"""Fit rag/shape.npz: what shape of answer a question wants, what kind of value, and follow-ups.

    python -m evals.bench.fit_shape [--write]

Multinomial logistic regression on the question's vector. The questions (shapes.jsonl) were written
for this by a language model, in fifteen languages and many domains, none of them on the articles of
`corpus/`. Reported: accuracy on questions of languages that the fit has not seen, each in turn.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict

from ingest.embed import load_embedding
from rag.question import Asks, Shape

QUESTIONS = Path(__file__).parent / "shapes.jsonl"
WEIGHTS = Path(__file__).parents[2] / "rag" / "shape.npz"
INVERSE_PENALTY = 30.0
"""Chosen among 3, 10, 30, 100 by accuracy on unseen languages."""

Matrix = npt.NDArray[np.float64]


def main() -> None:
    """Fit, report, and with --write store the weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--write", action="store_true", help=f"replace {WEIGHTS.name}")
    options = parser.parse_args()
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    embedding = load_embedding("e5-small")
    vectors = np.stack([embedding.question(row["q"]) for row in rows]).astype(float)
    languages = [row["lang"] for row in rows]
    weights: dict[str, Matrix] = {}
    for name, classes in (
        ("shape", list(Shape)),
        ("asks", list(Asks)),
        ("follow_up", [False, True]),
    ):
        chosen = [n for n, row in enumerate(rows) if name != "asks" or _has_value(row)]
        labels = [rows[n][name] for n in chosen]
        weights[name] = fit(
            vectors[chosen], labels, [str(c) if name != "follow_up" else c for c in classes]
        )
        report(name, vectors[chosen], labels, [languages[n] for n in chosen])
    if options.write:
        store(weights)


def store(weights: dict[str, Matrix]) -> None:
    """Write the weights, in half precision."""
    shape, asks, follow_up = (weights[n].astype(np.float16) for n in ("shape", "asks", "follow_up"))
    np.savez_compressed(WEIGHTS, shape=shape, asks=asks, follow_up=follow_up)


def _has_value(row: dict[str, Any]) -> bool:
    return row["shape"] in ("fact", "list", "yes_no", "comparison", "explanation", "source")


def fit(vectors: Matrix, labels: Sequence[Any], classes: Sequence[Any]) -> Matrix:
    """Return a row of weights and a bias for each class, shape (classes, dimensions + 1)."""
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=2000, class_weight="balanced")
    model.fit(vectors, labels)
    rows = np.hstack([model.coef_, model.intercept_[:, None]])
    if len(classes) == 2:
        rows = np.vstack([np.zeros_like(rows), rows])
    found = dict(zip(model.classes_, rows, strict=True))
    return np.stack([found[item] for item in classes])


def report(name: str, vectors: Matrix, labels: Sequence[Any], languages: Sequence[str]) -> None:
    """Print the accuracy on languages that were not fitted, and by class."""
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=2000, class_weight="balanced")
    found = cross_val_predict(model, vectors, labels, groups=languages, cv=LeaveOneGroupOut())
    right = np.array([a == b for a, b in zip(found, labels, strict=True)])
    print(f"{name}: {right.mean():.3f} of {len(right)} on unseen languages")
    for label in sorted(set(labels), key=str):
        of_class = np.array([item == label for item in labels])
        print(f"  {label}: {right[of_class].mean():.3f} of {of_class.sum()}")


if __name__ == "__main__":
    main()
