"""Order: the words of a clause stand as in its quote, but for a phrase moved as a whole."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.derivation.beside import Beside
from rag.derivation.fault import Fault
from rag.derivation.items import BE
from rag.reading import Kind
from rag.words_of_sense import TIMES

_VALUES = {Kind.NUMBER, Kind.DATE}


def order(clause: Beside) -> Iterator[Fault]:
    """Yield what stands in another order, other than as a phrase moved from its start on."""
    moved = _moved_dates(clause)
    order = [
        (n, p)
        for n, p in enumerate(clause.places)
        if p >= 0 and n not in moved and "accord" not in (clause.said[n].key, clause.quoted[p].key)
    ]
    if longest_fall([p for _, p in order]) > 2:
        yield Fault("order", clause.said[order[0][0]].token.text)
    places = {p for _, p in order}
    for (a, p), (b, q) in pairwise(order):
        passed = places & set(range(p + 1, q))
        kinds = {clause.said[a].token.kind, clause.said[b].token.kind}
        may_turn = _may_turn(clause, a, p) or _may_turn(clause, b, q)
        if (q > p and not passed) or (may_turn and not kinds <= _VALUES):
            continue
        item = clause.quoted[q]
        if q < p and clause.said[b].small & BE and not clause.quoted[q].small & BE:
            continue  # a passive that does not name who acts
        opens = all(at in clause.kept - places for at in range(q))
        if not opens and not item.stopped and not item.small:
            yield Fault("order", clause.said[b].token.text)


def _moved_dates(clause: Beside) -> frozenset[int]:
    """The numbers and dates that open one of both and end the other."""
    kinds = (Kind.NUMBER, Kind.DATE)
    size = len(clause.said) - 1
    first = next((n for n in range(size) if clause.said[n].token.kind not in kinds), 0)
    last = next((n for n in reversed(range(size)) if clause.said[n].token.kind not in kinds), 0)
    end = len(clause.quoted) - 2
    opened = {n for n in range(first) if clause.places[n] > end - 2}
    ended = {n for n in range(last + 1, size) if 0 <= clause.places[n] < 2}
    return frozenset(opened | ended)


def _may_turn(clause: Beside, n: int, place: int) -> bool:
    token = clause.said[n].token
    return (
        (
            token.kind in (Kind.NUMBER, Kind.DATE)
            and bool(clause.said[n].small | clause.own_chain(n))
        )
        or token.key in TIMES
        or token.text.endswith("ly")
        or clause.quoted[place].token.kind is Kind.MODAL
    )


def longest_fall(places: Sequence[int]) -> int:
    """Return the length of the longest falling subsequence."""
    lengths: list[int] = []
    for n, place in enumerate(places):
        before = [lengths[m] for m in range(n) if places[m] > place]
        lengths.append(1 + max(before, default=0))
    return max(lengths, default=0)
