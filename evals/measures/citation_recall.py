"""Citation recall: how many statements are supported by what they cite."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return supported statements / statements.

    ALCE (Gao et al., EMNLP 2023, section 3): a statement counts if its citations together support
    it; one without a citation does not. Support is `rag.verdict.judge`.
    """
    marks = [statement for case in cases for statement in case.statements]
    return [proportion("citation_recall", sum(mark.supported for mark in marks), len(marks))]
