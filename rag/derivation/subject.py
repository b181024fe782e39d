"""Who and what: a clause keeps to one quote, and the next clause to the subject before it."""

from collections.abc import Iterator, Sequence

from rag.derivation.beside import Beside
from rag.derivation.fault import Fault
from rag.derivation.items import Item


def strangers(clause: Beside, sources: Sequence[tuple[Item, ...]]) -> Iterator[Fault]:
    """Yield words of a clause from elsewhere; a name may stand for the pronoun that opens it."""
    number = next(n for n, source in enumerate(sources) if source is clause.quoted)
    named = _subject(sources[number - 1]) if number and clause.quoted[0].pronoun else frozenset()
    for item, place in zip(clause.said, clause.places, strict=False):
        first = clause.places.index(min(p for p in clause.places if p >= 0)) if clause.share else 0
        stands_for = item.key in named and clause.said.index(item) < first
        if place < 0 and not stands_for:
            yield Fault("elsewhere", item.token.text)


def _subject(source: Sequence[Item]) -> frozenset[str]:
    """Return the words of the first name of a sentence."""
    found: list[str] = []
    for item in source[:-1]:
        if item.token.text[:1].isupper() and (item.bare or not found):
            found.append(item.key)
        elif found:
            break
    return frozenset(found)


def change(before: Sequence[Beside], clause: Beside) -> Iterator[Fault]:
    """Yield the word at which a clause goes on with another sentence but not with its subject."""
    places = [place for place in clause.places if place >= 0]
    word = clause.said[0].token.text
    if not places or places[0] == 0 or clause.quoted[places[0]].stopped:
        return
    earlier = {item.key for one in before for item in one.said}
    if not any(item.key in earlier for item in clause.quoted[: places[0]]):
        yield Fault("subject", word)
