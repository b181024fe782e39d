"""What a clause leaves out of its quote: nothing on which the sense of the rest hangs."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.derivation.beside import Beside
from rag.derivation.fault import Fault
from rag.derivation.items import Item
from rag.reading import Kind
from rag.words_of_sense import ADVERBS, CONDITIONS, NOUNS, SAYING, UNSURE

AS = "as"


def together(clause: Beside) -> Iterator[Fault]:
    """Yield words of the clause that stand together only because of what is left out."""
    for n, (p, q) in enumerate(pairwise(clause.places), 1):
        mine = clause.said[n]
        if p < 0 or q <= p or mine.stopped:
            continue
        run = [clause.quoted[at] for at in range(p + 1, q) if at not in clause.kept]
        last = clause.quoted[q]
        if not run and q > p + 1:
            continue
        if not run:
            fronted = any(item.small for item in clause.said[:n])
            if last.stopped and not last.joined and not last.relates and not fronted:
                yield Fault("together", mine.token.text)
            continue
        inner = any(item.stopped for item in (*run, last))
        if "".join(item.token.text[:1].lower() for item in run) == last.key:
            continue  # "the European Union (EU)"
        if last.relates or (inner and not (run[0].stopped or last.joined)):
            yield Fault("together", mine.token.text)
        elif not inner and run[0].bare and last.bare and not _may_go(clause, n, run):
            yield Fault("between", run[0].token.text)


def _may_go(clause: Beside, n: int, run: Sequence[Item]) -> bool:
    names = {clause.said[n - 1].token.kind, clause.said[n].token.kind, run[0].token.kind}
    return (
        Kind.NAME in names
        or Kind.NUMBER in names
        or run[0].key in ADVERBS
        or run[0].token.text.endswith("ly")
        or not run[0].token.text.endswith(("ed", "s", "ing"))
    )


def unsure(clause: Beside) -> Iterator[Fault]:
    """Yield the words that make what follows them less than a fact, left out."""
    for place, item in enumerate(clause.quoted[:-1]):
        if item.key not in UNSURE or place in clause.kept:
            continue
        if any(own.key in UNSURE for own in clause.said if own.key == item.key):
            continue
        for later in range(place + 1, len(clause.quoted) - 1):
            if clause.quoted[later].marked or clause.quoted[later].joined:
                break
            if later in clause.kept:
                yield Fault("unsure", item.token.text)
                return


def conditions(clause: Beside) -> Iterator[Fault]:
    """Yield the conditions that what is kept stands under, left out."""
    mine = frozenset[str]().union(
        *(item.small | item.floating | item.closing for item in clause.said)
    )
    for place, item in enumerate(clause.quoted):
        small = item.small | item.floating | item.closing
        for word in sorted((small & CONDITIONS) - mine):
            first, last = place, place
            while first > 0 and not clause.quoted[first].joined:
                first -= 1
            while last + 1 < len(clause.quoted) and not clause.quoted[last + 1].joined:
                last += 1
            if clause.kept & set(range(first, last + 1)):
                yield Fault("condition", word)


def limits(clause: Beside) -> Iterator[Fault]:
    """Yield "as long as" and "as far as" after what is kept, left out."""
    for place, (item, after) in enumerate(pairwise(clause.quoted)):
        bounds = item.key in ("long", "far") and AS in item.small and AS in after.small
        if bounds and place not in clause.kept and place - 1 in clause.kept:
            yield Fault("condition", f"as {item.token.text} as")


def sources(clause: Beside) -> Iterator[Fault]:
    """Yield the words that name at the end who says all before, left out."""
    for place, item in enumerate(clause.quoted[:-1]):
        if item.key == "accord" and place not in clause.kept:
            yield Fault("source", item.token.text)
    last = len(clause.quoted) - 2
    while last > 0 and not clause.quoted[last].marked:
        last -= 1
    tail = range(last, len(clause.quoted) - 1)
    if last == 0 or clause.kept & set(tail):
        return
    for place in tail:
        item = clause.quoted[place]
        if item.key in SAYING and item.token.text.lower() not in NOUNS:
            yield Fault("source", clause.quoted[place].token.text)
