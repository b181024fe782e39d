"""A sentence taken apart into clauses, each beside the quoted sentence it is best found in."""

from collections.abc import Iterator, Sequence

from rag.derivation.beside import Beside
from rag.derivation.items import END, Item

NEAREST = 4
"""How many quoted sentences that share most words with a clause are compared with it in full."""


def clauses(whole: tuple[Item, ...], sources: Sequence[tuple[Item, ...]]) -> Iterator[Beside]:
    """Yield the parts of a sentence, each with the quoted sentence it is best found in.

    A sentence is taken apart only where no quoted one has all of it, and no part is a fragment.
    """
    found = _best(whole, sources)
    if found.share == 1:
        yield found
        return
    parts = list(_parts(whole[:-1]))
    current: list[Item] = []
    source = found.quoted
    for number, part in enumerate(parts):
        if current and not _goes_on(current, part, source):
            yield Beside((*current, _cut(part[0], whole[-1])), source)
            current = []
        if not current:
            rest = [item for one in parts[number + 1 :] for item in one]
            source = _best((*part, whole[-1]), sources, rest).quoted
        current += part
    yield Beside((*current, whole[-1]), source)


def _cut(after: Item, end: Item) -> Item:
    """Return the end of a clause that goes before a word."""
    return Item(end.token, closing=after.closing, marked=after.marked, stopped=True, bare=False)


def _goes_on(current: Sequence[Item], part: Sequence[Item], source: tuple[Item, ...]) -> bool:
    """Whether a part is in the same quoted sentence as those before it, at other words."""
    found = Beside((*current, *part, Item(END)), source)
    places = found.places[len(current) :]
    return min(places) >= 0 and not set(places) <= set(found.places[: len(current)])


def _parts(whole: Sequence[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    for item in whole:
        if part and item.stopped:
            yield part
            part = []
        part.append(item)
    if part:
        yield part


def _best(
    clause: tuple[Item, ...], sources: Sequence[tuple[Item, ...]], rest: Sequence[Item] = ()
) -> Beside:
    keys = {item.key for item in clause[:-1]}
    ranked = sorted(sources, key=lambda source: -sum(item.key in keys for item in source))
    found = [Beside(clause, source) for source in ranked[:NEAREST]]
    after = {item.key for item in rest}
    return max(
        found,
        key=lambda one: (one.share, sum(i.key in after for i in one.quoted), -len(one.quoted)),
    )
