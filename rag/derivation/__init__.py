"""Whether a sentence can be made of quoted ones by leaving out and moving whole phrases.

Who is free in the choice of words can say the opposite with the quotes' own: "A accused B" has the
words of "B accused A". So a sentence that follows quoted ones must have each clause from one of
them, in its order but for a phrase moved as a whole or a verb in the passive, and each word under
the same small words: prepositions, quantifiers, conjunctions, auxiliary verbs, negations.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.derivation.beside import WRONG, Beside
from rag.derivation.clauses import clauses
from rag.derivation.fault import Fault
from rag.derivation.forms import forms
from rag.derivation.implied import implied
from rag.derivation.items import BY, Item, items
from rag.derivation.left_out import conditions, limits, sources, together, unsure
from rag.derivation.order import longest_fall, order
from rag.derivation.small_words import small_words
from rag.derivation.subject import change, strangers
from rag.reading import Token
from rag.words_of_sense import CONNECTIVES

LEAST_CLAUSE = 3
"""How many content words a clause has at least that is put beside one from another sentence; it
costs none of the faithful rewrites (python -m evals.bench adversary)."""

__all__ = ["Fault", "derive", "is_turned"]


def derive(said: Sequence[Token], quoted: Sequence[Sequence[Token]]) -> tuple[Fault, ...]:
    """Return where a sentence says something else than the quoted ones it is made of.

    None where it can be made of these with one or all of the sentences that they imply.
    """
    whole = items(said)
    if len(whole) == 1:
        return ()
    sentences = [items(tokens) for tokens in quoted]
    found = tuple(_departures(whole, sentences))
    if not found:
        return ()
    more = [items(tokens) for tokens in implied([tuple(tokens) for tokens in quoted])]
    for added in [*([one] for one in more), more]:
        if added and not any(_departures(whole, [*added, *sentences])):
            return ()
    return found


def _departures(whole: tuple[Item, ...], sentences: Sequence[tuple[Item, ...]]) -> Iterator[Fault]:
    before: list[Beside] = []
    for clause in clauses(whole, sentences):
        if {item.key for item in clause.said[:-1]} <= CONNECTIVES:
            yield Fault("added", clause.said[0].token.text)
        yield from _faults(clause)
        yield from strangers(clause, sentences)
        if before:
            yield from change(before, clause)
        before.append(clause)
    if len({id(clause.quoted) for clause in before}) > 1:
        yield from _fragments(before)


def _fragments(parts: Sequence[Beside]) -> Iterator[Fault]:
    """Yield the parts from another sentence that are too short to be a clause of it."""
    for part in parts:
        if len(part.said) - 1 < LEAST_CLAUSE:
            yield Fault("elsewhere", part.said[0].token.text)


def _faults(clause: Beside) -> Iterator[Fault]:
    """Yield where the clause says something else than the quoted sentence."""
    verb = clause.verb_turned
    if verb == WRONG:
        yield Fault("by", BY)
        return
    yield from small_words(clause, passive=verb is not None)
    if verb is None:
        yield from order(clause)
    elif any(longest_fall(part) > 2 for part in (clause.places[:verb], clause.places[verb + 1 :])):
        yield Fault("order", clause.said[verb].token.text)
    yield from together(clause)
    yield from unsure(clause)
    yield from conditions(clause)
    yield from limits(clause)
    yield from forms(clause)
    yield from sources(clause)
    yield from _other_source(clause)
    if clause.quoted[-1].token.text == "?" != clause.said[-1].token.text:
        yield Fault("question", "?")


def _other_source(clause: Beside) -> Iterator[Fault]:
    """Yield the word after "according to" that the quoted sentence has after the source's comma."""
    for n, (accord, place) in enumerate(pairwise(clause.places)):
        passed = clause.quoted[accord + 1 : place + 1] if accord >= 0 else ()
        if clause.said[n].key == "accord" and any(item.marked for item in passed):
            yield Fault("order", clause.said[n + 1].token.text)


def is_turned(said: Sequence[Token], quoted: Sequence[Sequence[Token]]) -> bool:
    """Whether a clause has in the passive what its quoted sentence has not, or the reverse."""
    whole = items(said)
    found = clauses(whole, [items(tokens) for tokens in quoted]) if len(whole) > 1 else ()
    return any(clause.verb_turned not in (None, WRONG) for clause in found)
