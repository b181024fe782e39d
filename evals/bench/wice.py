"""WiCE: whether a claim of Wikipedia is supported by the web page it cites.

R. Kamoi et al., "WiCE: Real-world entailment for claims in Wikipedia", EMNLP 2023.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from rich.progress import track

from evals.bench.data import read_json_lines
from evals.bench.figures import (
    Judged,
    Row,
    Table,
    at_best_threshold,
    auroc,
    balanced_accuracy,
    published,
    row,
)
from evals.bench.fit_verdict import is_training
from evals.bench.support import verdict_on
from evals.bench.system import DENSE, Setting
from ingest.embed import Vectors
from ingest.words import terms
from rag.types import Verdict

NEAREST = 5
"""How many evidence sentences a claim is judged by, the nearest in meaning first."""
PUBLISHED = (
    *published(
        {
            "cosine": {"balanced accuracy": 54.5},
            "token overlap": {"balanced accuracy": 64.2},
        },
        "plain baselines",
    ),
    *published(
        {
            "MiniCheck-RoBERTa": {"balanced accuracy": 72.7},
            "MiniCheck-FT5": {"balanced accuracy": 74.7},
            "GPT-4": {"balanced accuracy": 75.3},
        },
        "mean over LLM-AggreFact, another set: orientation only",
    ),
)


class Claim(NamedTuple):
    """A claim and its evidence, with what each way of judging makes of it."""

    supported: bool
    fitted: bool
    whole: Verdict
    nearest: Verdict
    derived: Verdict
    overlap: float
    cosine: float


def run(setting: Setting) -> list[Table]:
    """Measure the verdict that users get, beside token overlap and cosine."""
    records = list(read_json_lines(setting.data, "wice_claim_dev.jsonl.gz"))
    count = min(setting.limit or len(records), len(records))
    chosen = [records[n * len(records) // count] for n in range(count)]
    claims = [weigh(record, setting) for record in track(chosen, "wice: claims")]
    held_out = [claim for claim in claims if not claim.fitted]
    return [
        _table("Claims supported or not, held out", held_out, NOTE),
        _table("Claims supported or not, all", claims, "Half of them served to fit the verdict."),
    ]


NOTE = (
    "True: supported; partially supported counts as not. The verdict is that on a free "
    "paraphrase; what Ibid states itself must also be derived from its quotes. Its score and its "
    "threshold were fitted on the other claims, and its checks come first. The other thresholds "
    "are those that are best on the other half of these claims."
)


def _table(title: str, claims: Sequence[Claim], note: str) -> Table:
    rows = (
        _verdict_row("Ibid's verdict, all evidence quoted", claims, "whole"),
        _verdict_row(f"Ibid's verdict, {NEAREST} nearest sentences", claims, "nearest"),
        _verdict_row("Ibid's verdict on what it states itself", claims, "derived"),
        _score_row("Ibid's score at a threshold, all evidence", claims, "whole"),
        _score_row(f"Ibid's score, {NEAREST} nearest", claims, "nearest"),
        _baseline_row("token overlap with the best sentence", [c.overlap for c in claims], claims),
        _baseline_row(f"{DENSE}: cosine of the best sentence", [c.cosine for c in claims], claims),
    )
    return Table(title=title, rows=rows, published=PUBLISHED, note=note)


def weigh(record: dict[str, Any], setting: Setting) -> Claim:
    """Judge one claim in every way."""
    claim, sentences = record["claim"], [text for text in record["evidence"] if text.strip()]
    vectors = _vectors(setting, [claim, *sentences])
    cosines = vectors[1:] @ vectors[0]
    near = [sentences[n] for n in sorted(np.argsort(-cosines)[:NEAREST])]
    wanted = set(terms(claim))
    shares = [len(wanted & set(terms(s))) / max(len(wanted), 1) for s in sentences]
    return Claim(
        record["label"] == "supported",
        is_training(record),
        verdict_on(claim, sentences),
        verdict_on(claim, near),
        verdict_on(claim, sentences, derived=True),
        max(shares, default=0.0),
        float(cosines.max(initial=0.0)),
    )


def _verdict_row(system: str, claims: Sequence[Claim], name: str) -> Row:
    judged = [
        Judged(claim.supported, getattr(claim, name).score, getattr(claim, name).supported)
        for claim in claims
    ]
    return row(system, [balanced_accuracy("balanced accuracy", judged)])


def _score_row(system: str, claims: Sequence[Claim], name: str) -> Row:
    return _baseline_row(system, [getattr(claim, name).score for claim in claims], claims)


def _baseline_row(system: str, scores: Sequence[float], claims: Sequence[Claim]) -> Row:
    judged = at_best_threshold(
        [Judged(c.supported, score, said=True) for c, score in zip(claims, scores, strict=True)]
    )
    return row(system, [balanced_accuracy("balanced accuracy", judged), auroc("AUROC", judged)])


def _vectors(setting: Setting, texts: Sequence[str]) -> Vectors:
    """Return the vectors of a record's texts, kept in the cache folder."""
    name = hashlib.sha256("\0".join((setting.embedding.model_name, *texts)).encode()).hexdigest()
    path = setting.cache / "wice" / f"{name[:24]}.npy"
    if path.is_file():
        return np.asarray(np.load(path), dtype=np.float32)
    vectors = setting.embedding.embed(texts)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors
