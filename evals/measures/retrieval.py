"""Retrieval: whether the passages with the expected quotes are found, and how far up."""

from collections.abc import Sequence

import ir_measures
from ir_measures import AP, RR, R, Success

from evals.measures.figure import Figure, bootstrapped, mean, proportion
from evals.run import Case
from evals.system import DEPTH

DEPTHS = (1, 3, 5, DEPTH)
WANTED = {
    **{f"hit@{depth}": Success @ depth for depth in DEPTHS},
    **{f"recall@{depth}": R @ depth for depth in DEPTHS},
    f"mrr@{DEPTH}": RR @ DEPTH,
    f"map@{DEPTH}": AP @ DEPTH,
}


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return hit@k, recall@k, MRR@10 and MAP@10, by trec_eval through `ir_measures`.

    A passage is relevant when it overlaps an expected quote in its article. Every question with an
    expected quote counts; one for which nothing was retrieved has 0. Definitions: S. MacAvaney et
    al., "Streamlining evaluation with ir-measures", ECIR 2022.
    """
    asked = [case for case in cases if case.relevant]
    if not asked:
        return [Figure(name=name, value=None, count=0) for name in WANTED]
    relevant = {case.id: dict.fromkeys(case.relevant, 1) for case in asked}
    ranked = {
        case.id: {passage: -float(rank) for rank, passage in enumerate(case.retrieved)}
        for case in asked
    }
    scores: dict[str, dict[str, float]] = {name: {} for name in WANTED}
    names = {str(wanted): name for name, wanted in WANTED.items()}
    for score in ir_measures.iter_calc(list(WANTED.values()), relevant, ranked):
        scores[names[str(score.measure)]][score.query_id] = float(score.value)
    return [
        _figure(name, [found.get(case.id, 0.0) for case in asked]) for name, found in scores.items()
    ]


def _figure(name: str, values: list[float]) -> Figure:
    if name.startswith("hit@"):
        return proportion(name, round(sum(values)), len(values))
    return bootstrapped(name, values, mean)
