"""Where the statements of an answer give different values for what was asked."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.words import terms
from rag.answer_type import AnswerType
from rag.features import Query, coverage
from rag.reading import Kind, Token, read
from rag.types import Disagreement

ABOUT = 0.5
"""Least share of a question's terms, by weight, that a statement on what is asked has."""
_REACH = 4
_AT = ("in", "at", "near")
_YES_OR_NO = re.compile(
    r"(?:and |but |so )?(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could)\b", re.I
)


class Side(NamedTuple):
    """A statement as evidence: its own sentence, all its text, and who says it."""

    sentence: str
    text: str
    source: str


def disagreements(query: Query, sides: Sequence[Side]) -> tuple[Disagreement, ...]:
    """Return the statements, by number, that give different values for what is asked.

    Two differ when both are about the question, come from different sources, and both have values
    of the kind asked for but none in common. A question for yes or no is answered differently by
    a sentence that denies and one that does not.
    """
    given: dict[int, frozenset[str]] = {}
    for number, side in enumerate(sides):
        if coverage(query, terms(side.text)) >= ABOUT:
            given[number] = values(query, side.sentence)
    differing = {
        number
        for number, mine in given.items()
        for other, theirs in given.items()
        if mine and theirs and sides[number].source != sides[other].source
        and not any(_agree(a, b) for a in mine for b in theirs)
    }  # fmt: skip
    if not differing:
        return ()
    return (Disagreement(about=query.text, statements=tuple(sorted(differing))),)


def values(query: Query, text: str) -> frozenset[str]:
    """Return the values that a sentence gives for what a question asks, in a normal form."""
    tokens = read(text)
    if query.asked is None:
        if not _YES_OR_NO.match(query.text.strip()):
            return frozenset()
        denies = any(token.kind is Kind.NEGATION for token in tokens)
        return frozenset({"no" if denies else "yes"})
    known = {token.key for token in read(query.text)}
    kind, counted = query.asked
    found: set[str] = set()
    for number, token in enumerate(tokens):
        if token.key in known:
            continue
        following = {item.key for item in tokens[number + 1 : number + 1 + _REACH]}
        if _is_a(kind, token) and (not counted or counted & following):
            found.add(token.key)
    if kind is AnswerType.PLACE:
        found = {
            after.key
            for before, after in pairwise(tokens)
            if after.kind is Kind.NAME and before.key in _AT and after.key not in known
        }
    return frozenset(found)


def _is_a(kind: AnswerType, token: Token) -> bool:
    if token.kind is Kind.DATE:
        return kind is AnswerType.DATE
    if token.kind is not Kind.NUMBER:
        return False
    year = re.fullmatch(r"(?:1\d|20)\d\d", token.key) is not None
    match kind:
        case AnswerType.YEAR | AnswerType.DATE:
            return year
        case AnswerType.SHARE:
            return token.key.endswith("%")
        case AnswerType.MONEY:
            return token.key[-1] in "$€£¥₽"
        case AnswerType.COUNT | AnswerType.NUMBER:
            return not year and not token.key.endswith("th")
        case _:
            return False


def _agree(one: str, other: str) -> bool:
    """Whether two values are the same, or a day and its month."""
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")
