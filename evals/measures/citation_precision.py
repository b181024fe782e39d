"""Citation precision: how many of the cited quotes their statement needs."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return needed citations / citations.

    T. Gao et al., "Enabling large language models to generate text with citations" (ALCE), EMNLP
    2023, section 3: a citation counts if its statement is supported by all its citations, and it
    supports the statement alone or the others do not without it. Support is `rag.verdict.judge`.
    """
    marks = [statement for case in cases for statement in case.statements]
    needed, cited = sum(mark.needed for mark in marks), sum(mark.citations for mark in marks)
    return [proportion("citation_precision", needed, cited)]
