"""A follow-up as the question that it means: what it leaves out is carried on from the one before.

Anchors of the same kind replace each other ("And for the Corva 5?"), all others are carried on
("What about a service?"), as is the kind of answer where the follow-up tells none. A question
that has what it needs stays as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.question import Asks, Kind, Question, Term
from rag.types import Turn

Ask = Callable[[str], Question]

FOLLOW_UP = 0.5
"""Probability from which a question is taken for a follow-up."""
FAINT = 0.3
"""How much a carried word or name weighs, against one of the question itself; numbers bind."""
REMEMBERED = 6
"""Earlier questions looked at."""


def stand_alone(question: str, history: Sequence[Turn], ask: Ask) -> Question:
    """Return a question with what it carries on from the conversation; `ask` reads a text."""
    earlier = [turn.content for turn in history if turn.role == "user"][-REMEMBERED:]
    asked: Question | None = None
    for text in [*earlier, question]:
        asked = carry_on(asked, ask(text), ask)
    assert asked is not None  # noqa: S101 there is at least the question
    return asked


def carry_on(before: Question | None, question: Question, ask: Ask) -> Question:
    """Return a follow-up with what it leaves out; any other question as it is."""
    if before is None or question.follow_up < FOLLOW_UP:
        return question
    kinds = {term.kind for term in question.anchors}
    own = {term.word for term in question.terms}
    carried = [
        t for t in before.terms if t.weight > 0 and t.word not in own and t.kind not in kinds
    ]
    if not carried:
        return question
    kept = [term for term in carried if term.kind is not Kind.WORD] or carried
    text = f"{question.text} ({' '.join(term.written for term in kept)})"
    read = ask(text)
    asks = question if question.asked is not Asks.OTHER else before
    return replace(
        read,
        terms=(*question.terms, *map(_faint, carried)),
        shapes=asks.shapes,
        asks=asks.asks,
        follow_up=question.follow_up,
    )


def _faint(term: Term) -> Term:
    return term if term.exact else replace(term, weight=term.weight * FAINT)
