"""Small words: each word of a clause must stand under those that it stands under in its quote."""

from collections.abc import Iterator, Sequence

from rag.derivation.beside import Beside
from rag.derivation.fault import Fault
from rag.derivation.items import BE, BY, OF, Item
from rag.words_of_sense import PERFECT, TAKEN_FOR_TRUE

NAME_WORDS = 2
"""How many words of a name or title may stand between what belongs and what it belongs to."""


def small_words(clause: Beside, *, passive: bool) -> Iterator[Fault]:
    """Yield the small words that stand in one of both only."""
    for n, place in enumerate(clause.places):
        if place < 0:
            continue
        mine, needed, allowed = _compared(clause, n, place, passive=passive)
        for word in sorted(mine - allowed):
            yield Fault("added", word)
        for word in sorted(needed - mine - clause.own_chain(n)):
            yield Fault("dropped", word)
        if OF in mine and OF in needed and _head(clause, n) is False:
            yield Fault("of", clause.said[n].token.text)
    yield from _last_words(clause)


def _compared(clause: Beside, n: int, place: int, *, passive: bool) -> tuple[frozenset[str], ...]:
    """Return the small words a word stands under, those it must and those it may."""
    mine = clause.said[n].small
    needed, allowed = _around(clause, place)
    if n == 0:
        allowed |= clause.quoted[-1].small | clause.quoted[-1].closing | clause.quoted[0].floating
    if (n == 0 or clause.said[n].stopped) and clause.quoted[place].stopped:
        needed -= TAKEN_FOR_TRUE
    theirs = (needed | allowed) & PERFECT
    if not (mine & PERFECT and theirs) or mine & PERFECT == theirs:
        mine, needed = mine - PERFECT, needed - PERFECT
    if passive:
        needed, mine = needed - BE - {BY}, mine - BE - {BY}
    if mine & BE and not mine & BE & allowed and _is_passive(clause, n):
        mine -= BE
    return mine, needed, allowed


def _last_words(clause: Beside) -> Iterator[Fault]:
    """Yield small words that end a clause of one of both: again, so it was, for it."""
    start, end = clause.quoted[0], clause.quoted[-1]
    turned = start.small | start.floating | PERFECT
    opening = turned | end.small | end.closing
    for word in sorted(clause.said[-1].floating - opening - end.floating):
        yield Fault("added", word)
    for n, place in enumerate(clause.places):
        if place < 0:
            continue
        own, other = clause.said[n], clause.quoted[place]
        known = other.floating | other.small | other.closing
        for word in sorted(own.floating - known - opening):
            yield Fault("added", word)
        mine, theirs = _ending(clause.said, n), _ending(clause.quoted, place)
        if mine is not None:
            known = clause.quoted[place + 1].small if theirs is None else theirs
            for word in sorted(mine - known - turned):
                yield Fault("added", word)
        if theirs is not None:
            said = clause.said[n + 1].small if mine is None else mine
            fronted = clause.said[0].small | clause.said[0].floating
            for word in sorted(theirs - said - fronted - PERFECT):
                yield Fault("dropped", word)


def _around(clause: Beside, place: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the small words that a quoted word stands under, and those it may stand under."""
    needed: frozenset[str] = frozenset()
    allowed = clause.quoted[place].small
    at = place
    if clause.quoted[place].small or not clause.quoted[place].bare:
        needed = clause.quoted[place].small
    if clause.quoted[place].joined and not clause.quoted[place].small - {"and", "or"}:
        allowed |= clause.quoted[place - 1].small
        if "between" in clause.quoted[place - 1].small and place - 1 not in clause.kept:
            needed |= {"between"}
    while clause.quoted[at].bare and at > 0 and not clause.quoted[at].stopped:
        at -= 1
        if at in clause.kept:
            return needed, allowed
        allowed |= clause.quoted[at].small - {OF}
        if clause.quoted[at].small or not clause.quoted[at].bare:
            return needed | (clause.quoted[at].small - {OF}), allowed
    return needed, allowed


def _is_passive(clause: Beside, n: int) -> bool:
    """Whether what stands before a word in the clause comes after it in the quotes."""
    before = [place for place in clause.places[:n] if place >= 0]
    return bool(before) and before[-1] > clause.places[n] >= 0


def _head(clause: Beside, n: int) -> bool | None:
    """Whether what a word belongs to is the same in both; None where that is not known."""
    mine = _owned(clause.said, n)
    theirs = _owned(clause.quoted, clause.places[n])
    if mine is None or theirs is None or clause.places[mine] < 0:
        return None
    passed: set[int] = set()
    while theirs not in clause.kept:
        if theirs in passed:
            return None
        passed.add(theirs)
        above = _owned(clause.quoted, theirs) if OF in clause.quoted[theirs].small else theirs - 1
        if above is None or above < 0 or clause.quoted[theirs].stopped:
            return None
        theirs = above
    return abs(theirs - clause.places[mine]) <= NAME_WORDS


def _ending(line: Sequence[Item], n: int) -> frozenset[str] | None:
    """Return the small words between a word and the mark or end after it; None without one."""
    after = line[n + 1]
    if n + 2 == len(line):
        return after.closing | after.small
    return after.closing if after.marked else None


def _owned(line: Sequence[Item], n: int) -> int | None:
    """Return what the word at n belongs to: the one before "of", or after a genitive."""
    if not line[n].genitive:
        return n - 1 if n > 0 and not line[n].marked else None
    n += 1
    while n < len(line) - 1 and line[n].bare:
        n += 1
    return n if n < len(line) - 1 else None
