"""Whether a sentence can be made of quoted ones by leaving out and moving whole phrases.

Who is free in the choice of words can say the opposite with the quotes' own: "A accused B" has the
words of "B accused A". So a sentence that follows quoted ones must have each clause from one of
them, in its order but for a phrase moved as a whole or a verb in the passive, and each word under
the same small words: prepositions, quantifiers, conjunctions, auxiliary verbs, negations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from rag.align import same
from rag.reading import Kind, Token
from rag.words_of_sense import (
    ADVERBS,
    ALIKE,
    BREAKING,
    CONDITIONS,
    CONJUNCTIONS,
    NEUTRAL,
    NOUNS,
    PERFECT,
    RELATIVE,
    SAYING,
    SENSE,
    TAKEN_FOR_TRUE,
    TIMES,
    UNSURE,
)

OF = "of"
BY = "by"
BE = frozenset({"is", "was", "be"})
WRONG = -1
_VALUES = {Kind.NUMBER, Kind.DATE}


NAME_WORDS = 2
"""How many words of a name or title may stand between what belongs and what it belongs to."""
NEAREST = 4
"""How many quoted sentences that share most words with a clause are compared with it in full."""


class Item(NamedTuple):
    """A content word with what stands between it and the one before it."""

    token: Token
    small: frozenset[str] = frozenset()
    """The small words before it, in one form each; "of" also for a genitive."""
    closing: frozenset[str] = frozenset()
    """The small words that stand before the mark before it."""
    floating: frozenset[str] = frozenset()
    """Those between two marks, or before the first content word and a mark."""
    marked: bool = False
    """Whether a mark stands before it."""
    stopped: bool = False
    """Whether a mark, a conjunction or a relative pronoun does."""
    joined: bool = False
    """Whether a conjunction does."""
    relates: bool = False
    """Whether a relative pronoun does."""
    pronoun: bool = False
    """Whether a personal pronoun does."""
    bare: bool = True
    """Whether nothing at all does."""
    genitive: bool = False
    """Whether it is of a genitive, and not after "of"."""

    @property
    def key(self) -> str:
        """The word in its normal form."""
        return self.token.key


class Fault(NamedTuple):
    """A word of the sentence, or of the quotes, at which both say different things."""

    why: str
    word: str

    def __str__(self) -> str:
        return _REASONS[self.why].format(word=self.word)


_REASONS = {
    "added": "it adds “{word}”, which the quotes do not have there",
    "dropped": "it drops “{word}”, which the quotes have there",
    "order": "it has the words of its quotes in another order, at “{word}”",
    "by": "it turns who does something to whom",
    "of": "“{word}” belongs to something else in the quotes",
    "together": "the quotes do not have “{word}” of the same thing",
    "between": "it leaves out “{word}”, on which the rest depends",
    "unsure": "it drops “{word}”: the quotes do not state it as a fact",
    "condition": "it drops the condition “{word}”",
    "source": "it drops who says so: the quotes have “{word}”",
    "question": "the quotes only ask it",
    "elsewhere": "“{word}” is not in the quote that has the rest",
    "subject": "the quotes say it of something else, at “{word}”",
}


def items(tokens: Sequence[Token]) -> tuple[Item, ...]:
    """Return the content words of a text with what stands before each; what ends it is last."""
    found: list[Item] = []
    item = Item(_END)
    last = _END
    for token in tokens:
        if token.carries and token.key not in SENSE:
            found.append(item._replace(token=token))
            item = Item(_END)
        elif token.kind is Kind.BREAK:
            if token.text not in '“”"„«»':
                item = _marked(item, token, floats=item.marked or not found)
        elif token.key == "s" and last.carries and found:
            item = item._replace(small=_make_genitive(found), bare=False)
        elif not (token.key == "to" and last.key == "accord"):
            item = _with_small(item, token)
        last = token
    return (*found, item)


_END = Token("", Kind.WORD, "")


def _marked(item: Item, token: Token, *, floats: bool) -> Item:
    before = item.small
    closing, floating = (item.closing, before) if floats else (before, item.floating)
    end = Token("", Kind.WORD, "?" if "?" in token.text else "")
    return item._replace(
        closing=closing, floating=floating, small=frozenset(), marked=True, stopped=True, token=end
    )


def _with_small(item: Item, token: Token) -> Item:
    word = "is" if token.key == "s" else SENSE.get(token.key, token.key)
    return item._replace(
        small=item.small | ({word} - NEUTRAL),
        stopped=item.stopped or token.key in BREAKING,
        joined=item.joined or token.key in CONJUNCTIONS,
        relates=item.relates or token.key in RELATIVE,
        pronoun=item.pronoun or token.key in ("he", "she", "it", "they"),
        bare=False,
    )


def _make_genitive(found: list[Item]) -> frozenset[str]:
    """Mark the name that ends here as a genitive; return the small words of what it owns."""
    first = len(found) - 1
    while first > 0 and found[first].bare and not found[first].marked:
        first -= 1
    small = found[first].small
    found[first] = found[first]._replace(small=frozenset({OF}), genitive=True)
    return small


@dataclass(frozen=True)
class Derivation:
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

    def faults(self) -> Iterator[Fault]:
        """Yield where the clause says something else than the quoted sentence."""
        verb = self.verb_turned
        if verb == WRONG:
            yield Fault("by", BY)
            return
        yield from self._small_words(passive=verb is not None)
        if verb is None:
            yield from self._order()
        elif any(_longest_fall(part) > 2 for part in (self.places[:verb], self.places[verb + 1 :])):
            yield Fault("order", self.said[verb].token.text)
        yield from self._left_out()
        yield from self._unsure()
        yield from self._conditions()
        yield from self._sources()
        if self.quoted[-1].token.text == "?" != self.said[-1].token.text:
            yield Fault("question", "?")

    @cached_property
    def _kept(self) -> set[int]:
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

    def _small_words(self, *, passive: bool) -> Iterator[Fault]:
        for n, place in enumerate(self.places):
            if place < 0:
                continue
            mine, needed, allowed = self._compared(n, place, passive=passive)
            for word in sorted(mine - allowed):
                yield Fault("added", word)
            for word in sorted(needed - mine - self._own_chain(n)):
                yield Fault("dropped", word)
            if OF in mine and OF in needed and self._head(n) is False:
                yield Fault("of", self.said[n].token.text)
        yield from self._last_words()

    def _compared(self, n: int, place: int, *, passive: bool) -> tuple[frozenset[str], ...]:
        """Return the small words a word stands under, those it must and those it may."""
        mine = self.said[n].small
        needed, allowed = self._around(place)
        if n == 0:
            allowed |= self.quoted[-1].small | self.quoted[-1].closing | self.quoted[0].floating
        if (n == 0 or self.said[n].stopped) and self.quoted[place].stopped:
            needed -= TAKEN_FOR_TRUE
        theirs = (needed | allowed) & PERFECT
        if not (mine & PERFECT and theirs) or mine & PERFECT == theirs:
            mine, needed = mine - PERFECT, needed - PERFECT
        if passive:
            needed, mine = needed - BE - {BY}, mine - BE - {BY}
        if mine & BE and not mine & BE & allowed and self._is_passive(n):
            mine -= BE
        return mine, needed, allowed

    def _last_words(self) -> Iterator[Fault]:
        """Yield small words that end a clause of one of both: again, so it was, for it."""
        start, end = self.quoted[0], self.quoted[-1]
        turned = start.small | start.floating | PERFECT
        opening = turned | end.small | end.closing
        for word in sorted(self.said[-1].floating - opening - end.floating):
            yield Fault("added", word)
        for n, place in enumerate(self.places):
            if place < 0:
                continue
            own, other = self.said[n], self.quoted[place]
            known = other.floating | other.small | other.closing
            for word in sorted(own.floating - known - opening):
                yield Fault("added", word)
            mine, theirs = _ending(self.said, n), _ending(self.quoted, place)
            if mine is not None:
                known = self.quoted[place + 1].small if theirs is None else theirs
                for word in sorted(mine - known - turned):
                    yield Fault("added", word)
            if theirs is not None:
                said = self.said[n + 1].small if mine is None else mine
                fronted = self.said[0].small | self.said[0].floating
                for word in sorted(theirs - said - fronted - PERFECT):
                    yield Fault("dropped", word)

    def _around(self, place: int) -> tuple[frozenset[str], frozenset[str]]:
        """Return the small words that a quoted word stands under, and those it may stand under."""
        needed: frozenset[str] = frozenset()
        allowed = self.quoted[place].small
        at = place
        if self.quoted[place].small or not self.quoted[place].bare:
            needed = self.quoted[place].small
        if self.quoted[place].joined and not self.quoted[place].small - {"and", "or"}:
            allowed |= self.quoted[place - 1].small
            if "between" in self.quoted[place - 1].small and place - 1 not in self._kept:
                needed |= {"between"}
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
        mine = _owned(self.said, n)
        theirs = _owned(self.quoted, self.places[n])
        if mine is None or theirs is None or self.places[mine] < 0:
            return None
        passed: set[int] = set()
        while theirs not in self._kept:
            if theirs in passed:
                return None
            passed.add(theirs)
            above = _owned(self.quoted, theirs) if OF in self.quoted[theirs].small else theirs - 1
            if above is None or above < 0 or self.quoted[theirs].stopped:
                return None
            theirs = above
        return abs(theirs - self.places[mine]) <= NAME_WORDS

    def _order(self) -> Iterator[Fault]:
        """Yield what stands in another order, other than as a phrase moved from its start on."""
        moved = self._moved_dates
        order = [
            (n, p)
            for n, p in enumerate(self.places)
            if p >= 0 and n not in moved and "accord" not in (self.said[n].key, self.quoted[p].key)
        ]
        if _longest_fall([p for _, p in order]) > 2:
            yield Fault("order", self.said[order[0][0]].token.text)
        places = {p for _, p in order}
        for (a, p), (b, q) in pairwise(order):
            passed = places & set(range(p + 1, q))
            kinds = {self.said[a].token.kind, self.said[b].token.kind}
            may_turn = self._may_turn(a, p) or self._may_turn(b, q)
            if (q > p and not passed) or (may_turn and not kinds <= _VALUES):
                continue
            item = self.quoted[q]
            if q < p and self.said[b].small & BE and not self.quoted[q].small & BE:
                continue  # a passive that does not name who acts
            opens = all(at in self._kept - places for at in range(q))
            if not opens and not item.stopped and not item.small:
                yield Fault("order", self.said[b].token.text)

    @property
    def _moved_dates(self) -> frozenset[int]:
        """The numbers and dates that open one of both and end the other."""
        kinds = (Kind.NUMBER, Kind.DATE)
        size = len(self.said) - 1
        first = next((n for n in range(size) if self.said[n].token.kind not in kinds), 0)
        last = next((n for n in reversed(range(size)) if self.said[n].token.kind not in kinds), 0)
        end = len(self.quoted) - 2
        opened = {n for n in range(first) if self.places[n] > end - 2}
        ended = {n for n in range(last + 1, size) if 0 <= self.places[n] < 2}
        return frozenset(opened | ended)

    def _may_turn(self, n: int, place: int) -> bool:
        token = self.said[n].token
        return (
            (
                token.kind in (Kind.NUMBER, Kind.DATE)
                and bool(self.said[n].small | self._own_chain(n))
            )
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
            run = [self.quoted[at] for at in range(p + 1, q) if at not in self._kept]
            last = self.quoted[q]
            if not run and q > p + 1:
                continue
            if not run:
                fronted = any(item.small for item in self.said[:n])
                if last.stopped and not last.joined and not last.relates and not fronted:
                    yield Fault("together", mine.token.text)
                continue
            inner = any(item.stopped for item in (*run, last))
            if "".join(item.token.text[:1].lower() for item in run) == last.key:
                continue  # "the European Union (EU)"
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
                if self.quoted[later].marked or self.quoted[later].joined:
                    break
                if later in self._kept:
                    yield Fault("unsure", item.token.text)
                    return

    def _conditions(self) -> Iterator[Fault]:
        """Yield the conditions that what is kept stands under, left out."""
        mine = frozenset[str]().union(
            *(item.small | item.floating | item.closing for item in self.said)
        )
        for place, item in enumerate(self.quoted):
            small = item.small | item.floating | item.closing
            for word in sorted((small & CONDITIONS) - mine):
                first, last = place, place
                while first > 0 and not self.quoted[first].joined:
                    first -= 1
                while last + 1 < len(self.quoted) and not self.quoted[last + 1].joined:
                    last += 1
                if self._kept & set(range(first, last + 1)):
                    yield Fault("condition", word)

    def _sources(self) -> Iterator[Fault]:
        """Yield the words that name at the end who says all before, left out."""
        for place, item in enumerate(self.quoted[:-1]):
            if item.key == "accord" and place not in self._kept:
                yield Fault("source", item.token.text)
        last = len(self.quoted) - 2
        while last > 0 and not self.quoted[last].marked:
            last -= 1
        tail = range(last, len(self.quoted) - 1)
        if last == 0 or self._kept & set(tail):
            return
        for place in tail:
            item = self.quoted[place]
            if item.key in SAYING and item.token.text.lower() not in NOUNS:
                yield Fault("source", self.quoted[place].token.text)


def is_turned(said: Sequence[Token], quoted: Sequence[Sequence[Token]]) -> bool:
    """Whether a clause has in the passive what its quoted sentence has not, or the reverse."""
    whole = items(said)
    found = _clauses(whole, [items(tokens) for tokens in quoted]) if len(whole) > 1 else ()
    return any(clause.verb_turned not in (None, WRONG) for clause in found)


def derive(said: Sequence[Token], quoted: Sequence[Sequence[Token]]) -> Iterator[Fault]:
    """Yield where a sentence says something else than the quoted ones it is made of."""
    whole = items(said)
    sources = [items(tokens) for tokens in quoted]
    if len(whole) == 1:
        return
    before: list[Derivation] = []
    for clause in _clauses(whole, sources):
        yield from clause.faults()
        yield from _strangers(clause, sources)
        if before:
            yield from _change(before, clause)
        before.append(clause)


def _strangers(clause: Derivation, sources: Sequence[tuple[Item, ...]]) -> Iterator[Fault]:
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


def _change(before: Sequence[Derivation], clause: Derivation) -> Iterator[Fault]:
    """Yield the word at which a clause goes on with another sentence but not with its subject."""
    places = [place for place in clause.places if place >= 0]
    word = clause.said[0].token.text
    if not places or places[0] == 0 or clause.quoted[places[0]].stopped:
        return
    earlier = {item.key for one in before for item in one.said}
    if not any(item.key in earlier for item in clause.quoted[: places[0]]):
        yield Fault("subject", word)


def _clauses(whole: tuple[Item, ...], sources: Sequence[tuple[Item, ...]]) -> Iterator[Derivation]:
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
            yield Derivation((*current, _cut(part[0], whole[-1])), source)
            current = []
        if not current:
            rest = [item for one in parts[number + 1 :] for item in one]
            source = _best((*part, whole[-1]), sources, rest).quoted
        current += part
    yield Derivation((*current, whole[-1]), source)


def _cut(after: Item, end: Item) -> Item:
    """Return the end of a clause that goes before a word."""
    return Item(end.token, closing=after.closing, marked=after.marked, stopped=True, bare=False)


def _goes_on(current: Sequence[Item], part: Sequence[Item], source: tuple[Item, ...]) -> bool:
    """Whether a part is in the same quoted sentence as those before it, at other words."""
    found = Derivation((*current, *part, Item(_END)), source)
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
) -> Derivation:
    keys = {item.key for item in clause[:-1]}
    ranked = sorted(sources, key=lambda source: -sum(item.key in keys for item in source))
    found = [Derivation(clause, source) for source in ranked[:NEAREST]]
    after = {item.key for item in rest}
    return max(
        found,
        key=lambda one: (one.share, sum(i.key in after for i in one.quoted), -len(one.quoted)),
    )


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


def _where(places: Sequence[int], place: int) -> int | None:
    return places.index(place) if place in places else None


def _longest_fall(places: Sequence[int]) -> int:
    """Return the length of the longest falling subsequence."""
    lengths: list[int] = []
    for n, place in enumerate(places):
        before = [lengths[m] for m in range(n) if places[m] > place]
        lengths.append(1 + max(before, default=0))
    return max(lengths, default=0)
