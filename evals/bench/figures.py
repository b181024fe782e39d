"""The statistics of the benchmarks, each with its interval, and the tables they stand in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.stats import rankdata

from evals.measures.figure import Figure, Values, bootstrapped, mean, proportion

MRR_DEPTH = 10


class Row(BaseModel):
    """One measured system's figures, by column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    figures: dict[str, Figure]


class Published(BaseModel):
    """What others report, in percent, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    source: str
    values: dict[str, float]


class Table(BaseModel):
    """Systems by measures; `note` says what a reader must know to compare them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    rows: tuple[Row, ...]
    published: tuple[Published, ...] = ()
    note: str = ""


class Judged(NamedTuple):
    """Whether something is so, how sure a system is of it, and whether it says so."""

    true: bool
    score: float
    said: bool


def row(system: str, figures: Sequence[Figure]) -> Row:
    """Return a table's row."""
    return Row(system=system, figures={figure.name: figure for figure in figures})


def hit_figures(
    ranks: Sequence[int | None], depths: Sequence[int], name: str = "R", *, reciprocal: bool = True
) -> list[Figure]:
    """Return the share of ranks (from 1; None: not found) within each depth, and MRR@10.

    Recall@k of one relevant item is 1 when it is among the first k; MRR@10 is the mean of
    1 / rank of the first relevant item, 0 below rank 10 (E. M. Voorhees, TREC-8, 1999).
    """
    found = [rank or 0 for rank in ranks]
    figures = [
        proportion(f"{name}@{depth}", sum(0 < rank <= depth for rank in found), len(found))
        for depth in depths
    ]
    if not reciprocal:
        return figures
    inverse = [1 / rank if 0 < rank <= MRR_DEPTH else 0.0 for rank in found]
    return [*figures, bootstrapped(f"MRR@{MRR_DEPTH}", inverse, mean)]


def first_rank(found: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return the rank, from 1, of the first id that is wanted; repeated ids count once."""
    for rank, name in enumerate(dict.fromkeys(found), 1):
        if name in wanted:
            return rank
    return None


def auroc(name: str, judged: Sequence[Judged]) -> Figure:
    """Return the area under the ROC curve: how often a true case outscores a false one.

    By ranks (J. A. Hanley and B. J. McNeil, Radiology 143, 1982): (sum of the ranks of the true
    cases - t(t + 1)/2) / (t f), where t and f count the true and the false cases.
    """
    pairs = [(item.score, float(item.true)) for item in judged]
    return bootstrapped(name, pairs, _auroc)


def balanced_accuracy(name: str, judged: Sequence[Judged]) -> Figure:
    """Return the mean of the shares of true cases called true and of false ones called false."""
    pairs = [(float(item.said), float(item.true)) for item in judged]
    return bootstrapped(name, pairs, _balanced)


def at_best_threshold(judged: Sequence[Judged]) -> list[Judged]:
    """Decide every case by the threshold that is best on the other half of the cases.

    The halves are the even and the odd cases: no case takes part in choosing its own threshold,
    which favours the baselines that have none of their own as little as can be.
    """
    decided = list(judged)
    for half in (0, 1):
        threshold = best_threshold(judged[1 - half :: 2])
        for number in range(half, len(judged), 2):
            decided[number] = judged[number]._replace(said=judged[number].score >= threshold)
    return decided


def best_threshold(judged: Sequence[Judged]) -> float:
    """Return the score from which calling cases true gives the best balanced accuracy."""
    scores = np.array([item.score for item in judged])
    true = np.array([item.true for item in judged])
    if true.all() or not true.any():
        return float("-inf") if true.any() else float("inf")
    cuts = np.unique(scores)
    hits = [((scores >= cut)[true].mean() + (scores < cut)[~true].mean()) for cut in cuts]
    return float(cuts[int(np.argmax(hits))])


def _auroc(samples: Values) -> Values:
    scores, true = samples[..., 0], samples[..., 1]
    count = true.sum(axis=1)
    others = true.shape[1] - count
    above = (rankdata(scores, axis=1) * true).sum(axis=1) - count * (count + 1) / 2
    return _divide(above, count * others)


def _balanced(samples: Values) -> Values:
    said, true = samples[..., 0], samples[..., 1]
    count = true.sum(axis=1)
    hit = _divide((said * true).sum(axis=1), count)
    passed = _divide(((1 - said) * (1 - true)).sum(axis=1), true.shape[1] - count)
    return np.asarray((hit + passed) / 2)


def _divide(over: Values, under: Values) -> Values:
    return np.asarray(np.divide(over, under, out=np.full(len(over), np.nan), where=under != 0))


def published(figures: Mapping[str, Mapping[str, float]], source: str) -> tuple[Published, ...]:
    """Return published figures of one source, by system and column."""
    return tuple(
        Published(system=system, source=source, values=dict(values))
        for system, values in figures.items()
    )
