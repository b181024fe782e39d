"""Fit the weights of rag/verdict.json on half of WiCE's claims; report on the other half.

    python -m evals.bench.fit_verdict --data DIR [--write]

Logistic regression on the four shares of `rag.compare.FEATURES`, supported claims and others
weighing the same, no weight negative; the threshold is the score with the best balanced accuracy
on the same half, among claims with which the checks of `rag.compare` find no fault. A record's
half is that of the hash of its evidence. "exchanged" fits on the other half, to show how much the
figures owe to the split.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import rag.align
from evals.bench.data import read_json_lines, sha256
from evals.bench.figures import Judged, best_threshold
from evals.bench.fit_evidence import fit_signed
from rag.compare import FEATURES, About, Comparison, Quoted
from rag.verdict import Model

WEIGHTS = Path(__file__).parents[2] / "rag" / "verdict.json"
FOLLOWS = (0.4, 0.5, 0.6, 0.7, 0.8)
DATA = "wice_claim_dev.jsonl.gz"


class Row(NamedTuple):
    """A claim's features, what the checks find against it, and its half."""

    supported: bool
    features: list[float]
    about: frozenset[About]
    training: bool


def main() -> None:
    """Fit, report, and with --write store the weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data")
    parser.add_argument("--write", action="store_true", help=f"replace {WEIGHTS.name}")
    options = parser.parse_args()
    rows = [make_row(record) for record in read_json_lines(options.data, DATA)]
    first = [row for row in rows if row.training]
    second = [row for row in rows if not row.training]
    model = fit(first)
    weights = {
        "made_by": "python -m evals.bench.fit_verdict --data DIR --write",
        "data": {DATA: sha256(options.data / DATA)},
        "weights": dict(zip(FEATURES, model.weights, strict=True)),
        "bias": model.bias,
        "threshold": model.threshold,
        "fitted_on": report(model, first),
        "held_out": report(model, second),
        "exchanged": report(fit(second), first),
        "checks_find_fault": faults(rows),
        "follows": {f"{share:.1f}": following(options.data, model, share) for share in FOLLOWS},
    }
    text = json.dumps(weights, indent=1)
    print(text)
    if options.write:
        WEIGHTS.write_text(text + "\n", "utf-8")


def following(data: Path, model: Model, share: float) -> dict[str, Any]:
    """Return how all claims do with another `rag.align.FOLLOWS`."""
    before, rag.align.FOLLOWS = rag.align.FOLLOWS, share
    try:
        return report(model, [make_row(record) for record in read_json_lines(data, DATA)])
    finally:
        rag.align.FOLLOWS = before


def is_training(record: dict[str, Any]) -> bool:
    """Whether a record of WiCE is of the half that the weights are fitted on."""
    digest = hashlib.sha256("\n".join(record["evidence"]).encode()).digest()
    return digest[-1] % 2 == 0


def make_row(record: dict[str, Any]) -> Row:
    """Compare a claim with all its evidence."""
    quoted = tuple(Quoted(text, text) for text in record["evidence"] if text.strip())
    comparison = Comparison(record["claim"], quoted)
    about = frozenset(difference.about for difference in comparison.differences)
    supported = record["label"] == "supported"
    return Row(supported, comparison.features(), about, is_training(record))


def fit(rows: Sequence[Row]) -> Model:
    """Return weights and threshold from these rows."""
    target = np.array([float(row.supported) for row in rows])
    share = np.where(target > 0, 1 / target.mean(), 1 / (1 - target.mean())) / 2
    matrix = np.array([row.features for row in rows])
    weights, bias = fit_signed(matrix, target, share, np.ones(len(FEATURES)))
    rounded = tuple(round(float(weight), 4) for weight in weights)
    model = Model(rounded, round(bias, 4), 0.0)
    cut = best_threshold([Judged(row.supported, _score(model, row), said=True) for row in rows])
    return Model(model.weights, model.bias, round(cut - 0.00005, 4))


def _score(model: Model, row: Row) -> float:
    return 0.0 if row.about else model.score(row.features)


def report(model: Model, rows: Sequence[Row]) -> dict[str, Any]:
    """Return how the verdict does on rows: the checks and the threshold together."""
    said = np.array([_score(model, row) >= model.threshold for row in rows])
    true = np.array([row.supported for row in rows])
    passed, refused = said[true].mean(), (~said)[~true].mean()
    return {
        "claims": len(rows),
        "balanced_accuracy": _rounded((passed + refused) / 2),
        "supported_passed": _rounded(passed),
        "others_refused": _rounded(refused),
    }


def faults(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return on which share of supported and of other claims each check finds fault."""
    return {
        about: {
            "supported": _rounded(np.mean([about in row.about for row in rows if row.supported])),
            "others": _rounded(np.mean([about in row.about for row in rows if not row.supported])),
        }
        for about in About
    }


def _rounded(value: float | np.floating[npt.NBitBase]) -> float:
    return round(float(value), 3)


if __name__ == "__main__":
    main()
