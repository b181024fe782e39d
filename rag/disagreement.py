"""Where the statements of an answer give different values for what was asked."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.words import terms
from rag.answer_type import AnswerType
from rag.features import Query, coverage
from rag.reading import Kind, Token, read
from rag.types import Disagreement

NEAR_BEST = 0.5
"""Least share of the best statement's score that a statement on what is asked has, and `ABOUT` the
least share of the question's terms, by weight. On QACC .35 of the disagreements named so are ones
that its annotators saw; higher shares name fewer, and are hardly surer (.37 at 0.7 and 0.5)."""
ABOUT = 0.3
_REACH = 4


class Side(NamedTuple):
    """A statement as evidence: its own sentence, all its text, who says it, and its score."""

    sentence: str
    text: str
    source: str
    score: float


class Values(NamedTuple):
    """What a sentence gives for what is asked; a date's years apart from its days and months."""

    numbers: frozenset[str]
    days: frozenset[str] = frozenset()

    def differ(self, other: "Values") -> bool:
        """Whether both have numbers, or days, and none in common."""
        return _apart(self.numbers, other.numbers) or _apart(self.days, other.days)


def disagreements(query: Query, sides: Sequence[Side]) -> tuple[Disagreement, ...]:
    """Return the statements, by number, that give different values for what is asked.

    Values are dates, counts, amounts and shares. Two statements differ when both are about the
    question and come from different sources: other articles, or other speakers.
    """
    best = max((side.score for side in sides), default=0.0)
    given = {
        number: values(query, side.sentence)
        for number, side in enumerate(sides)
        if side.score >= NEAR_BEST * best and coverage(query, terms(side.text)) >= ABOUT
    }
    differing = sorted(
        number
        for number, mine in given.items()
        if any(
            sides[number].source != sides[other].source and mine.differ(theirs)
            for other, theirs in given.items()
        )
    )
    if not differing:
        return ()
    return (Disagreement(about=query.text, statements=tuple(differing)),)


def values(query: Query, text: str) -> Values:
    """Return the values that a sentence gives for what a question asks, in a normal form."""
    if query.asked is None:
        return Values(frozenset())
    kind, counted = query.asked
    known = {token.key for token in read(query.text)}
    tokens = read(text)
    numbers = {
        token.key
        for place, token in enumerate(tokens)
        if token.key not in known
        and _is_a(kind, token)
        and (not counted or counted & {t.key for t in tokens[place + 1 : place + 1 + _REACH]})
    }
    days = {t.key for t in tokens if t.kind is Kind.DATE and t.key not in known}
    return Values(frozenset(numbers), frozenset(days if kind is AnswerType.DATE else ()))


def _is_a(kind: AnswerType, token: Token) -> bool:
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
        case AnswerType.COUNT:
            return not year and not token.key.endswith("th")
        case _:
            return False


def _apart(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether both have values and none is the same, a month counting as each of its days."""
    return bool(mine and theirs) and not any(
        a == b or a.startswith(f"{b}-") or b.startswith(f"{a}-") for a in mine for b in theirs
    )
