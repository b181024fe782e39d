"""Answer length: what a reader has to read."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped, mean
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the mean number of words, and of statements, of the answers given.

    Shorter is better at the same correctness only: one cannot be read without the other.
    """
    answered = [case for case in cases if case.statements]
    words = [float(len(case.text.split())) for case in answered]
    statements = [float(len(case.statements)) for case in answered]
    return [
        bootstrapped("answer_words", words, mean, unit="words", better="lower"),
        bootstrapped("answer_statements", statements, mean, unit="statements", better="lower"),
    ]
