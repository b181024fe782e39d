"""Whether a sentence can be made of quoted ones by leaving out and moving whole phrases.

Who is free in the choice of words can say the opposite with the quotes' own: "A accused B" has the
words of "B accused A". So a sentence that follows quoted ones must have each clause from one of
them, in its order but for a phrase moved as a whole or a verb in the passive, and each word under
the same small words: prepositions, quantifiers, conjunctions, auxiliary verbs, negations.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from rag.align import same
from rag.reading import Kind, Token
from rag.words_of_sense import (
    ADVERBS,
    BREAKING,
    CONJUNCTIONS,
    NEUTRAL,
    RELATIVE,
    SAYING,
    SENSE,
    TIMES,
    UNSURE,
)

OF = "of"
BY = "by"
BE = frozenset({"is", "was", "be"})


class Item(NamedTuple):
    """A content word with what stands between it and the one before it."""

    token: Token
    small: frozenset[str]
    """The small words before it, in one form each; "of" also for a genitive."""
    stopped: bool
    """Whether a break stands before it: a mark, a conjunction, a relative pronoun."""
    joined: bool
    """Whether a conjunction does."""
    relates: bool
    """Whether a relative pronoun does."""
    bare: bool
    """Whether nothing at all does."""

    @property
    def key(self) -> str:
        """The word in its normal form."""
        return self.token.key


class Fault(NamedTuple):
    """A word of the sentence, or of the quotes, at which both say different things."""

    why: str
    word: str


def items(tokens: Sequence[Token]) -> tuple[Item, ...]:
    """Return the content words of a text with the small words before each; an end mark is last."""
    found: list[Item] = []
    small: set[str] = set()
    stopped = joined = relates = False
    bare = True
    last: Token | None = None
    for token in [*tokens, Token("", Kind.WORD, "")]:
        if token.carries and token.key not in SENSE:
            found.append(Item(token, frozenset(small), stopped, joined, relates, bare))
            small, stopped, joined, relates, bare = set(), False, False, False, True
        elif token.kind is Kind.BREAK:
            stopped = stopped or token.text not in "“”\"„«»"
        else:
            bare = False
            if token.key == "s" and last and last.carries:
                found[-1] = found[-1]._replace(small=found[-1].small | {OF})
            elif token.key == "to" and last and last.key == "accord":
                pass
            elif token.key == "s":
                small.add("is")
            else:
                small |= {SENSE.get(token.key, token.key)} - NEUTRAL
            stopped = stopped or token.key in BREAKING
            joined = joined or token.key in CONJUNCTIONS
            relates = relates or token.key in RELATIVE
        last = token
    return tuple(found)


@dataclass(frozen=True)
class Derivation:
    """A clause beside the one quoted sentence that it is made of."""

    said: tuple[Item, ...]
    quoted: tuple[Item, ...]

    @cached_property
    def places(self) -> list[int]:
        """Where each word of the clause stands in the quoted sentence; -1: nowhere."""
        keys = [item.key for item in self.quoted[:-1]]
        own = [_as_in(item.token, self.quoted[:-1]) for item in self.said[:-1]]
        places = [-1] * len(own)
        for edit in LCSseq.opcodes(own, keys):
            if edit.tag == "equal":
                for n in range(edit.src_end - edit.src_start):
                    places[edit.src_start + n] = edit.dest_start + n
        for n, key in enumerate(own):
            if places[n] < 0 and key in keys:
                options = [place for place, other in enumerate(keys) if other == key]
                free = [place for place in options if place not in places] or options
                near = places[n - 1] + 1 if n else 0
                places[n] = min(free, key=lambda place: abs(place - near))
        return places

    @property
    def share(self) -> float:
        """The share of the clause's words that stand in the quoted sentence."""
        return sum(place >= 0 for place in self.places) / max(len(self.places), 1)

    def faults(self) -> Iterator[Fault]:
        """Yield where the clause says something else than the quoted sentence."""
        voice = self._voice_changed
        if voice is None:
            yield Fault("by", BY)
            return
        yield from self._small_words(passive=voice)
        if not voice:
            yield from self._order()
        yield from self._left_out()
        yield from self._unsure()

    @cached_property
    def _kept(self) -> set[int]:
        return {place for place in self.places if place >= 0}

    @cached_property
    def _voice_changed(self) -> bool | None:
        """Whether who acts stands under "by" in one of both only; None where it must not."""
        changed = False
        for n, place in enumerate(self.places):
            if place < 0:
                continue
            mine, theirs = BY in self.said[n].small, BY in self.quoted[place].small
            if mine == theirs:
                continue
            changed = True
            verb = n - 1 if mine else place - 1
            after = self.places[verb] if mine else _where(self.places, verb)
            if mine and not (verb >= 0 and after > place):
                return None
            if theirs and not mine and not (after is not None and after > n):
                return None
        return changed

    def _small_words(self, *, passive: bool) -> Iterator[Fault]:
        for n, place in enumerate(self.places):
            if place < 0:
                continue
            mine = self.said[n].small
            needed, allowed = self._around(place)
            if n == 0 or self.said[n].stopped or self.quoted[place].stopped:
                needed, mine = needed - {"as"}, mine - {"as"}
            if passive:
                needed, mine = needed - BE - {BY}, mine - BE - {BY}
            if mine & BE and not mine & BE & allowed and self._is_passive(n):
                mine -= BE
            for word in sorted(mine - allowed):
                yield Fault("added", word)
            for word in sorted(needed - mine - self._own_chain(n)):
                yield Fault("dropped", word)
            if OF in mine and OF in needed and self._head(n) is False:
                yield Fault("of", self.said[n].token.text)

    def _around(self, place: int) -> tuple[frozenset[str], frozenset[str]]:
        """Return the small words that a quoted word stands under, and those it may stand under."""
        needed: frozenset[str] = frozenset()
        allowed = self.quoted[place].small
        at = place
        if self.quoted[place].small or not self.quoted[place].bare:
            needed = self.quoted[place].small
        while self.quoted[at].bare and at > 0 and not self.quoted[at].stopped:
            at -= 1
            if at in self._kept:
                return needed, allowed
            allowed |= self.quoted[at].small - {OF}
            if self.quoted[at].small or not self.quoted[at].bare:
                return needed | (self.quoted[at].small - {OF}), allowed
        return needed, allowed

    def _own_chain(self, n: int) -> frozenset[str]:
        """Return the small words before the words that stand right before one in the clause."""
        found = frozenset[str]()
        while n > 0 and self.said[n].bare:
            n -= 1
            found |= self.said[n].small - {OF}
        return found

    def _is_passive(self, n: int) -> bool:
        """Whether what stands before a word in the clause comes after it in the quotes."""
        before = [place for place in self.places[:n] if place >= 0]
        return bool(before) and before[-1] > self.places[n] >= 0

    def _head(self, n: int) -> bool | None:
        """Whether what a word belongs to is the same in both; None where that is not known."""
        place = self.places[n]
        mine = self._owned(self.said, n)
        if mine is None or self.places[mine] < 0:
            return None
        theirs: int | None = place
        while theirs is not None:
            theirs = self._owned(self.quoted, theirs)
            if theirs == self.places[mine]:
                return True
            if theirs is not None and theirs in self._kept:
                # a title and a name may stand between
                return self.quoted[theirs].bare and abs(theirs - self.places[mine]) <= 2
            if theirs is not None and OF not in self.quoted[theirs].small:
                return abs(theirs - self.places[mine]) <= 2
        return None

    @staticmethod
    def _owned(line: Sequence[Item], n: int) -> int | None:
        """Return what the word at n belongs to: the one before "of", or after a genitive."""
        if n + 1 < len(line) - 1 and not line[n + 1].bare and not line[n + 1].small and (
            OF in line[n].small and not line[n + 1].stopped
        ) and line[n].bare:
            return n + 1
        return n - 1 if n > 0 else (n + 1 if n + 1 < len(line) - 1 else None)

    def _order(self) -> Iterator[Fault]:
        """Yield what stands in reverse: three words, or two that touch."""
        order = [(n, p) for n, p in enumerate(self.places)
                 if p >= 0 and self.said[n].key not in SAYING]  # fmt: skip
        if _longest_fall([p for _, p in order]) > 2:
            yield Fault("order", self.said[order[0][0]].token.text)
        for (a, p), (b, q) in pairwise(order):
            touching = b == a + 1 and self.said[b].bare and not self.said[b].stopped
            if not touching or q > p or self._may_turn(a, p) or self._may_turn(b, q):
                continue
            if not any(self.quoted[n].stopped for n in range(q + 1, p + 1)):
                yield Fault("order", self.said[b].token.text)

    def _may_turn(self, n: int, place: int) -> bool:
        token = self.said[n].token
        return (
            token.kind in (Kind.NUMBER, Kind.DATE)
            or token.key in TIMES
            or token.text.endswith("ly")
            or self.quoted[place].token.kind is Kind.MODAL
        )

    def _left_out(self) -> Iterator[Fault]:
        """Yield words of the clause that stand together only because of what is left out."""
        for n, (p, q) in enumerate(pairwise(self.places), 1):
            mine = self.said[n]
            if p < 0 or q <= p or mine.stopped:
                continue
            run = self.quoted[p + 1 : q]
            last = self.quoted[q]
            if not run:
                fronted = any(item.small for item in self.said[:n])
                if last.stopped and not last.joined and not last.relates and not fronted:
                    yield Fault("together", mine.token.text)
                continue
            inner = any(item.stopped for item in (*run, last))
            if last.relates or (inner and not (run[0].stopped or last.joined)):
                yield Fault("together", mine.token.text)
            elif not inner and run[0].bare and last.bare and not self._may_go(n, run):
                yield Fault("between", run[0].token.text)

    def _may_go(self, n: int, run: Sequence[Item]) -> bool:
        names = {self.said[n - 1].token.kind, self.said[n].token.kind, run[0].token.kind}
        return (
            Kind.NAME in names
            or Kind.NUMBER in names
            or run[0].key in ADVERBS
            or run[0].token.text.endswith("ly")
            or not run[0].token.text.endswith(("ed", "s", "ing"))
        )

    def _unsure(self) -> Iterator[Fault]:
        """Yield the words that make what follows them less than a fact, left out."""
        for place, item in enumerate(self.quoted[:-1]):
            if item.key not in UNSURE or place in self._kept:
                continue
            if any(own.key in UNSURE for own in self.said if own.key == item.key):
                continue
            for later in range(place + 1, len(self.quoted) - 1):
                if self.quoted[later].stopped and not self.quoted[later].relates:
                    break
                if later in self._kept:
                    yield Fault("unsure", item.token.text)
                    return


def derive(
    said: Sequence[Token], quoted: Sequence[Sequence[Token]], excused: Callable[[Token], bool]
) -> Iterator[Fault]:
    """Yield where a sentence says something else than the quoted ones it follows."""
    whole = items(said)
    sources = [items(tokens) for tokens in quoted]
    if len(whole) == 1:
        return
    for clause, source in _clauses(whole, sources):
        yield from Derivation(clause, source).faults()
        places = Derivation(clause, source).places
        for item, place in zip(clause, places, strict=False):
            if place < 0 and not excused(item.token):
                yield Fault("elsewhere", item.token.text)


def _clauses(
    whole: tuple[Item, ...], sources: Sequence[tuple[Item, ...]]
) -> Iterator[tuple[tuple[Item, ...], tuple[Item, ...]]]:
    """Yield the parts of a sentence, each with the quoted sentence it is best found in.

    A sentence is taken apart only where no quoted one has all of it.
    """
    best = _best(whole, sources)
    if Derivation(whole, best).share == 1:
        yield whole, best
        return
    end = whole[-1]
    current: list[Item] = []
    source = best
    for part in _parts(whole[:-1]):
        clause = (*part, end)
        found = Derivation(clause, source)
        if current and found.share == 1:
            current += part
            continue
        if current:
            yield (*current, end), source
        source = _best(clause, sources)
        current = list(part)
    yield (*current, end), source


def _parts(whole: Sequence[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    for item in whole:
        if part and item.stopped:
            yield part
            part = []
        part.append(item)
    if part:
        yield part


def _best(clause: tuple[Item, ...], sources: Sequence[tuple[Item, ...]]) -> tuple[Item, ...]:
    return max(sources, key=lambda source: (Derivation(clause, source).share, -len(source)))


def _as_in(token: Token, quoted: Sequence[Item]) -> str:
    """Return the key under which a quoted sentence has a word."""
    keys = [item.key for item in quoted]
    if token.key in keys:
        return token.key
    for key in keys:
        if token.kind is Kind.DATE and key.startswith(f"{token.key}-"):
            return key
        if token.kind is Kind.NUMBER and key[:-1] == token.key and key[-1:] in "$€£¥₽":
            return key
        if token.kind not in (Kind.DATE, Kind.NUMBER) and same(token.key, key):
            return key
        if token.key in SAYING and key in SAYING:
            return key
    return token.key


def _where(places: Sequence[int], place: int) -> int | None:
    return places.index(place) if place in places else None


def _longest_fall(places: Sequence[int]) -> int:
    """Return the length of the longest falling subsequence."""
    lengths: list[int] = []
    for n, place in enumerate(places):
        before = [lengths[m] for m in range(n) if places[m] > place]
        lengths.append(1 + max(before, default=0))
    return max(lengths, default=0)
