"""Groundedness: how much of what is said stands in the quotes."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped, ratio
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the mean, over statements, of the share of content words that their quotes have.

    K-Precision (V. Adlakha et al., "Evaluating correctness and faithfulness of
    instruction-following models for question answering", TACL 2024) over stems of content words,
    with the quotes as knowledge; 0 where a quote is not exact. The share is the score of
    `rag.verdict.judge`. Resampled by answer: statements of one answer are not independent.
    """
    answers = [
        (sum(mark.score for mark in case.statements), float(len(case.statements)))
        for case in cases
        if case.statements
    ]
    return [bootstrapped("groundedness", answers, ratio)]
