"""Where sources differ: statements of different articles with other values for the same thing."""

import re
from collections.abc import Sequence
from itertools import combinations

from ingest.words import same_word, words
from rag.question import Asks, Question
from rag.types import Disagreement, Statement

_NUMBER = re.compile(r"\d[\d.,:\u00a0 ]*\d|\d")
SHARED = 0.5
"""Least share, by weight, of a question's terms that two statements on the same thing both have."""


def disagreements(question: Question, statements: Sequence[Statement]) -> tuple[Disagreement, ...]:
    """Return which statements, by index, give different values for what was asked."""
    if max(question.asks, key=lambda kind: question.asks[kind]) not in (Asks.NUMBER, Asks.DATE):
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
    asked = {term.word for term in question.terms}
    found = {re.sub(r"\D", "", match) for match in _NUMBER.findall(text)}
    return {value for value in found if value not in asked}
