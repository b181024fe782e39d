"""The measures, one a file: each takes the cases of a run and returns its figures."""

from collections.abc import Sequence

from evals.measures import (
    answer_length,
    calibration,
    citation_exactness,
    citation_precision,
    citation_recall,
    correctness,
    cost,
    disagreement,
    fallback,
    first_statement,
    groundedness,
    latency,
    proposed_statements,
    redundancy,
    refusal,
    retrieval,
    risk_coverage,
    tokens,
    ungradable,
)
from evals.measures.figure import Figure
from evals.run import Case

MEASURES = (
    correctness,
    citation_exactness,
    citation_precision,
    citation_recall,
    groundedness,
    refusal,
    disagreement,
    retrieval,
    redundancy,
    answer_length,
    proposed_statements,
    fallback,
    latency,
    first_statement,
    tokens,
    cost,
    calibration,
    risk_coverage,
    ungradable,
)
"""In the order in which they are shown."""


def measure_all(cases: Sequence[Case]) -> list[Figure]:
    """Return every figure of a run. Cases are taken by id, so that their order does not matter."""
    ordered = sorted(cases, key=lambda case: case.id)
    graded = [case for case in ordered if case.graded]
    return [
        figure
        for module in MEASURES
        for figure in module.measure(ordered if module is ungradable else graded)
    ]
