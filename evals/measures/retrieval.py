"""Retrieval: whether the passages and units with the expected quotes are found, and how far up."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped, mean, proportion
from evals.run import Case, Ranking

DEPTHS = (1, 6, 24)


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return hit@1, recall@k and the reciprocal rank, of passages and of units of evidence.

    One is relevant when it overlaps an expected quote in its article. Every question with an
    expected quote counts; one for which nothing was found has 0. Hit@1: the first is relevant.
    Recall@k: the share of the relevant among the first k. Reciprocal rank: 1 / rank of the first
    relevant one among the 24 kept (E. M. Voorhees, TREC-8, 1999).
    """
    asked = [case for case in cases if case.expected]
    return [
        *_figures("passage", [case.passages for case in asked]),
        *_figures("unit", [case.units for case in asked]),
    ]


def _figures(what: str, rankings: Sequence[Ranking]) -> list[Figure]:
    hits = sum(item.rank == 1 for item in rankings)
    reciprocal = [1 / item.rank if item.rank else 0.0 for item in rankings]
    return [
        proportion(f"{what}_hit@1", hits, len(rankings)),
        *(
            bootstrapped(f"{what}_recall@{depth}", [recall(r, depth) for r in rankings], mean)
            for depth in DEPTHS
        ),
        bootstrapped(f"{what}_mrr", reciprocal, mean),
    ]


def recall(ranking: Ranking, depth: int) -> float:
    """Return the share of what is wanted among the first so many found."""
    wanted = set(ranking.wanted)
    return len(wanted.intersection(ranking.found[:depth])) / len(wanted) if wanted else 0.0
