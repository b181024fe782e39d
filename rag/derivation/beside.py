"""A clause beside a quoted sentence: where each of its words stands there, and which it turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import LCSseq

from rag.align import same
from rag.derivation.items import BE, BY, OF, Item
from rag.reading import Kind, Token
from rag.words_of_sense import ALIKE

WRONG = -1


@dataclass(frozen=True)
class Beside:
    """A clause beside the one quoted sentence that it is made of."""

    said: tuple[Item, ...]
    quoted: tuple[Item, ...]

    @cached_property
    def places(self) -> list[int]:
        """Where each word of the clause stands in the quoted sentence; -1: nowhere."""
        keys = [ALIKE.get(item.key, item.key) for item in self.quoted[:-1]]
        own = [_as_in(item.token, self.quoted[:-1]) for item in self.said[:-1]]
        places = [-1] * len(own)
        for edit in LCSseq.opcodes(own, keys):
            if edit.tag == "equal":
                for n in range(edit.src_end - edit.src_start):
                    places[edit.src_start + n] = edit.dest_start + n
        for n, key in enumerate(own):
            if places[n] < 0 and key in keys:
                options = [place for place, other in enumerate(keys) if other == key]
                free = [place for place in options if place not in places]
                if self.said[n].token.kind is Kind.NAME:
                    free = free or options
                if not free:
                    continue
                near = places[n - 1] + 1 if n else 0
                places[n] = min(free, key=lambda place: abs(place - near))
        return places

    @property
    def share(self) -> float:
        """The share of the clause's words that stand in the quoted sentence."""
        return sum(place >= 0 for place in self.places) / max(len(self.places), 1)

    @cached_property
    def kept(self) -> set[int]:
        """The places of the quoted words that the clause has."""
        return {place for place in self.places if place >= 0}

    @cached_property
    def verb_turned(self) -> int | None:
        """The verb that is passive in one of both only; None without one.

        `WRONG` where what stands under "by" in one of both only is not who acts in the other.
        """
        turned = [
            (n, place)
            for n, place in enumerate(self.places)
            if place >= 0 and (BY in self.said[n].small) != (BY in self.quoted[place].small)
        ]
        if not turned:
            return None
        n, place = turned[0]
        to_passive = BY in self.said[n].small
        verb = n - 1 if to_passive else _where(self.places, place - 1)
        if len(turned) > 1 or verb is None or verb < 0 or self.places[verb] < 0:
            return WRONG
        passive_here = bool(self.said[verb].small & BE)
        passive_there = bool(self.quoted[self.places[verb]].small & BE)
        if passive_here == passive_there or passive_here != to_passive:
            return WRONG
        turns = self.places[verb] > place if to_passive else verb > n
        return verb if turns else WRONG

    def own_chain(self, n: int) -> frozenset[str]:
        """Return the small words before the words that stand right before one in the clause."""
        found = frozenset[str]()
        while n > 0 and self.said[n].bare:
            n -= 1
            found |= self.said[n].small - {OF}
        return found


def _as_in(token: Token, quoted: Sequence[Item]) -> str:
    """Return the key under which a quoted sentence has a word."""
    keys = [item.key for item in quoted]
    canonical = ALIKE.get(token.key, token.key)
    if canonical in [ALIKE.get(key, key) for key in keys]:
        return canonical
    for key in keys:
        if token.kind is Kind.DATE and key.startswith(f"{token.key}-"):
            return key
        if token.kind is Kind.NUMBER and key[:-1] == token.key and key[-1:] in "$€£¥₽":
            return key
        if token.kind not in (Kind.DATE, Kind.NUMBER) and same(token.key, key):
            return ALIKE.get(key, key)
    return canonical


def _where(places: Sequence[int], place: int) -> int | None:
    return places.index(place) if place in places else None
