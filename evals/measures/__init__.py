"""The measures, one a file: each takes the cases of a run and returns its figures."""

from collections.abc import Sequence

from evals.measures import (
    answer_length,
    citation_exactness,
    correctness,
    cost,
    disagreement,
    first_statement,
    focus,
    groundedness,
    latency,
    model_choice,
    precision,
    refusal,
    retrieval,
    risk_coverage,
    ungradable,
)
from evals.measures.figure import Figure
from evals.run import Case

MEASURES = (
    correctness,
    first_statement,
    precision,
    focus,
    refusal,
    disagreement,
    groundedness,
    citation_exactness,
    answer_length,
    retrieval,
    risk_coverage,
    model_choice,
    latency,
    cost,
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
