"""Where sources differ: statements of different articles with other values for the same thing."""

import re
from collections.abc import Sequence
from itertools import combinations

from ingest.words import same_word, words
from rag.question import Question
from rag.types import Disagreement, Statement
from rag.values import VALUES, find_values, match

SHARED = 0.5
"""Least share, by weight, of a question's terms that two statements on the same thing both have."""


def disagreements(question: Question, statements: Sequence[Statement]) -> tuple[Disagreement, ...]:
    """Return which statements, by index, give different values for what was asked."""
    if question.asked not in VALUES:
        return ()
    found = []
    for one, other in combinations(range(len(statements)), 2):
        if _differ(question, statements[one], statements[other]):
            found.append(Disagreement(about=question.text, statements=(one, other)))
    return tuple(found)


def _differ(question: Question, one: Statement, other: Statement) -> bool:
    if one.citations[0].article_id == other.citations[0].article_id:
        return False
    first, second = words(one.text), words(other.text)
    shared = sum(
        term.weight
        for term in question.terms
        if all(any(same_word(term.word, word) for word in held) for held in (first, second))
    )
    values, others = _values(question, one.text), _values(question, other.text)
    apart = bool(values) and bool(others) and values.isdisjoint(others)
    return apart and shared >= SHARED * question.weight


def _values(question: Question, text: str) -> set[str]:
    """Return the digits of the values of the kind asked for that the question does not have."""
    found = [
        (match(question.asked, value.kinds), re.sub(r"\D", "", text[value.start : value.end]))
        for value in find_values(text)
        if not question.says(value.said)
    ]
    best = max((fit for fit, _ in found), default=0.0)
    return {digits for fit, digits in found if fit == best > 0 and digits}
