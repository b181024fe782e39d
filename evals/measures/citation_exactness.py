"""Citation exactness: how many citations are the words of the article that they name."""

from collections.abc import Sequence

from evals.measures.figure import Figure, proportion
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return exact citations / citations.

    Exact: the article exists, has the hash that the citation gives, `text[start:end]` is the quote,
    and title, author, publisher, date and address are the article's (DESIGN.md, the promise).
    """
    marks = [statement for case in cases for statement in case.statements]
    exact, cited = sum(mark.exact for mark in marks), sum(mark.citations for mark in marks)
    return [proportion("citation_exactness", exact, cited)]
