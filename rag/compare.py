"""What a statement says otherwise than its quotes: numbers, dates, names, negation and the rest.

Every check is lexical. What must be there is looked for in all quotes; what must not be lost
(negation, doubt, who says so) in the sentence that has most of the statement.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

from ingest.words import words
from rag.align import FOLLOWS, Alignment, Exchange, Slot, align, longest_run, same
from rag.derivation import derive, is_turned
from rag.reading import Kind, Token, read

REPORTING = re.compile(
    r"\b(?:according to|in the (?:view|opinion) of|(?:says?|said|tells?|told|claim(?:s|ed)?"
    r"|argue[sd]?|believe[sd]?|thinks?|thought|insist(?:s|ed)?|add(?:s|ed)|note[sd]?"
    r"|stat(?:es|ed)|explain(?:s|ed)?|admit(?:s|ted)?|conclude[sd]?|warn(?:s|ed)?|stress(?:es|ed)?"
    r"|emphasi[sz]e[sd]?|highlight(?:s|ed)?|announce[sd]?|declare[sd]?|answer(?:s|ed)?|agree[sd]?"
    r"|repl(?:y|ies|ied)|ask(?:s|ed)|wr(?:ites?|ote)|suggest(?:s|ed)?|doubts?|fears?|hopes?"
    r"|recall(?:s|ed)?|point(?:s|ed) out|spoke|speaks?|express(?:es|ed)|remind(?:s|ed)?"
    r"|predict(?:s|ed)?|report(?:s|ed)?|maintain(?:s|ed)?|acknowledge[sd]?|comment(?:s|ed)))\b",
    re.I,
)
_SAYING = re.compile(
    r"\b(?:according to|in the (?:view|opinion) of|says?|said|tells?|told|argue[sd]?|believe[sd]?"
    r"|thinks?|thought|insist(?:s|ed)?|suggest(?:s|ed))\b"
    rf"|(?:{REPORTING.pattern})(?=\s*(?:that\b|[:“\"„«]))"
    rf"|(?<=[,”\"»]\s)(?:[\w.’'-]+\s){{1,5}}(?:{REPORTING.pattern})(?=[.]?$)",
    re.I,
)
"""Words of saying with what is said: alone, "states" and "notes" may be nouns."""
_GOES_ON = re.compile(r"(?: [\w’'.-]+){0,3}? that\b|[:,] [“\"„]")
"""After a word of saying: what is said follows, and nothing before is said by the same."""
_QUOTATION = re.compile(r"[“„\"«]([^“”„\"«»]+)[”“\"»]")
_ELLIPSIS = re.compile(r"\[?(?:\.\.\.|…)\]?")
_NEGATING = ("un", "in", "im", "il", "ir", "dis", "non", "mis")
_CURRENCIES = "$€£¥₽"
_MARKS = '“”"„«»,'

FEATURES = ("coverage", "best_coverage", "bigrams", "longest_run")


class About(StrEnum):
    """What a difference is about."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    WORD = "word"
    QUOTATION = "quotation"
    CERTAINTY = "certainty"
    ATTRIBUTION = "attribution"


_REASONS = {
    About.NUMBER: "the number {said} is not in the quotes",
    About.DATE: "the date {said} is not in the quotes",
    About.NAME: "the name {said} is not in the quotes",
    About.NEGATION: "its negation differs from that of the quotes, at “{said}”",
    About.WORD: "the word “{said}” is not in the quotes",
    About.QUOTATION: "the words “{said}” are not in the quotes",
    About.CERTAINTY: "it states as certain what the quotes do not, at “{said}”",
    About.ATTRIBUTION: "it drops who says so: the quotes have “{said}”",
}
_KINDS = {Kind.NUMBER: About.NUMBER, Kind.DATE: About.DATE, Kind.NAME: About.NAME}


class Difference(NamedTuple):
    """Words of a statement that its quotes do not bear out, and what stands there instead."""

    about: About
    said: str
    quoted: str | None = None

    def __str__(self) -> str:
        if self.quoted and self.about in _KINDS.values():
            return f"it has {self.said} where the quotes have {self.quoted}"
        if self.quoted:
            return f"it has “{self.said}” where the quotes have “{self.quoted}”"
        return _REASONS[self.about].format(said=self.said)


class Quoted(NamedTuple):
    """Words of a quote, and the whole sentence that they are cut from."""

    words: str
    sentence: str


@dataclass(frozen=True)
class Comparison:
    """A statement beside the sentences of its quotes, of which there is at least one."""

    text: str
    quoted: tuple[Quoted, ...]

    @cached_property
    def content(self) -> list[Token]:
        """What the statement must have from its quotes, repetitions kept."""
        return [token for token in self._said if token.carries]

    @cached_property
    def missing(self) -> list[Token]:
        """The content that no quote has, each once."""
        held = set().union(*self._held)
        found = {token.key: token for token in self.content if token.key not in held}
        return list(found.values())

    @cached_property
    def longest_gap(self) -> int:
        """The longest run of its content words that no quote has."""
        missing = {token.key for token in self.missing}
        runs = groupby(self.content, key=lambda token: token.key in missing)
        return max((len(list(run)) for absent, run in runs if absent), default=0)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What the statement says otherwise, each once."""
        found = (*self._values(), *self._quotations(), *self._other_words(), *self._negation(),
                 *self._certainty(), *self._attribution())  # fmt: skip
        return tuple(dict.fromkeys(found))

    def features(self, aside: Collection[str] = ()) -> list[float]:
        """Return the features of `FEATURES`, from 0 to 1; more of the statement found is more.

        Coverage is the share of its content words, by their length, that all quotes have, and the
        best sentence alone; the other two are the shares of its pairs of neighbouring content words
        and of its longest run that stand so in one sentence. Words `aside` do not count.
        """
        content = [token for token in self.content if token.text not in aside]
        if not content:
            return [0.0] * len(FEATURES)
        total = sum(len(token.key) for token in content)
        covered = [sum(len(t.key) for t in content if t.key in held) for held in self._held]
        everything = set().union(*self._held)
        own = [token.key for token in content]
        asked = list(pairwise(own))
        return [
            sum(len(token.key) for token in content if token.key in everything) / total,
            max(covered) / total,
            sum(pair in self._pairs for pair in asked) / max(len(asked), 1),
            max(longest_run(own, keys) for keys in self._sequences) / len(own),
        ]

    @cached_property
    def departures(self) -> tuple[str, ...]:
        """Where the statement follows the quotes but says another thing in their words."""
        faults = derive(self._said, self._tokens)
        return tuple(map(str, faults))

    @cached_property
    def _is_turned(self) -> bool:
        return is_turned(self._said, self._tokens)

    @cached_property
    def _said(self) -> tuple[Token, ...]:
        return read(self.text)

    @cached_property
    def _tokens(self) -> list[tuple[Token, ...]]:
        return [read(item.words) for item in self.quoted]

    @cached_property
    def _keys(self) -> list[set[str]]:
        return [{token.key for token in tokens} for tokens in self._tokens]

    @cached_property
    def _sequences(self) -> list[list[str]]:
        """The keys of each quote's content words, in order."""
        return [[token.key for token in tokens if token.carries] for tokens in self._tokens]

    @cached_property
    def _pairs(self) -> set[tuple[str, str]]:
        """The pairs of content words that stand beside each other in a quote."""
        return {pair for keys in self._sequences for pair in pairwise(keys)}

    @cached_property
    def _held(self) -> list[set[str]]:
        """Which keys of the statement's content each quote has."""
        return [{t.key for t in self.content if _has(keys, t)} for keys in self._keys]

    @cached_property
    def _closest(self) -> int:
        """The sentence that the statement follows, else the one that has most of it."""
        weights = [sum(len(key) for key in held) for held in self._held]
        shares = [item.share if item.share >= FOLLOWS else 0.0 for item in self._alignments]
        ranks = [
            (share, -len(item.slots), weight)
            for share, item, weight in zip(shares, self._alignments, weights, strict=True)
        ]
        return ranks.index(max(ranks))

    @cached_property
    def _alignments(self) -> list[Alignment]:
        """Beside each sentence; not where it has too little of the statement to be followed."""
        least = FOLLOWS / 2 * len({token.key for token in self.content})
        return [
            align(self._said, tokens) if len(held) >= least else Alignment(0.0, ())
            for tokens, held in zip(self._tokens, self._held, strict=True)
        ]

    @property
    def _slots(self) -> tuple[Slot, ...]:
        return self._alignments[self._closest].slots

    @cached_property
    def _exchanges(self) -> list[Exchange]:
        return [pair for slot in self._slots for pair in slot.exchanges()]

    def _values(self) -> Iterator[Difference]:
        """Yield the numbers, dates and names that the quotes do not have or have elsewhere.

        So does the word that opens it: a capital does not tell there whether it is a name.
        """
        instead = {word: pair for pair in self._exchanges for word in pair.said.key.split()}
        names = _initials(token for tokens in self._tokens for token in tokens)
        own, everything = _initials(self._said), set().union(*self._keys)
        for token in self.missing:
            named = token.kind is Kind.NAME or (token.opens and token.text[0].isupper())
            if token.kind in _KINDS or named:
                if token.key in names or own.get(token.key) in everything:
                    continue  # an abbreviation of one of their names, or spelled out
                yield _difference(token, instead.get(token.key))
        for pair in self._exchanges:
            known = not any(token.key in pair.said.key.split() for token in self.missing)
            if known and pair.said.kind in _KINDS and not self._is_turned:
                yield Difference(_KINDS[pair.said.kind], pair.said.text, pair.quoted.text)

    def _quotations(self) -> Iterator[Difference]:
        everything = f" {' '.join(words(' '.join(item.words for item in self.quoted)))} "
        for quotation in _QUOTATION.findall(self.text):
            parts = [" ".join(words(part)) for part in _ELLIPSIS.split(quotation)]
            if not _is_title(quotation) and any(f" {part} " not in everything for part in parts):
                yield Difference(About.QUOTATION, quotation)

    def _other_words(self) -> Iterator[Difference]:
        """Yield words that the quotes do not have, within words that follow theirs."""
        missing = {token.key for token in self.missing}
        close = self._held[self._closest]
        for pair in self._exchanges:
            if pair.said.kind is Kind.WORD and pair.said.key not in close and not pair.said.opens:
                yield Difference(About.WORD, pair.said.text, pair.quoted.text)
        neighbours = zip(self.content, self.content[1:], self.content[2:], strict=False)
        for before, token, after in neighbours:
            if token.key in missing and (before.key, after.key) in self._pairs:
                yield Difference(_KINDS.get(token.kind, About.WORD), token.text)

    def _negation(self) -> Iterator[Difference]:
        """Yield the words that one of both denies, where the other does not."""
        yield from (Difference(About.NEGATION, s.after.text) for s in self._slots if s.denies)
        denied = _governed(self._said, Kind.NEGATION)
        theirs = {key for item in self.quoted for key in _governed(read(item.sentence))}
        for token in denied.values():
            found = any(same(token.key, key) for key in theirs)
            if not found and not _has_negated(token.key, self._keys):
                yield Difference(About.NEGATION, token.text)
        close_denied, close_free = _split(self._close_sentence, Kind.NEGATION)
        own = {token.key for token in self._said}
        for token in self.content:
            affirmed = token.key not in {*denied, *close_free}
            if token.key in close_denied and affirmed and not _has_negated(token.key, [own]):
                yield Difference(About.NEGATION, token.text)

    def _certainty(self) -> Iterator[Difference]:
        if any(token.kind is Kind.MODAL for token in self._said):
            return
        doubted, free = _split(self._close_sentence, Kind.MODAL)
        for token in self.content:
            if token.key in doubted and token.key not in free:
                yield Difference(About.CERTAINTY, token.text)

    def _attribution(self) -> Iterator[Difference]:
        """Yield the word of saying under which the close sentence has what is said here."""
        sentence = self.quoted[self._closest].sentence
        if REPORTING.search(self.text):
            return
        own = {token.key for token in self.content}
        for found in _SAYING.finditer(sentence):
            before = {token.key for token in read(sentence[: found.start()])}
            after = {token.key for token in read(sentence[found.end() :]) if token.carries}
            ends = not _GOES_ON.match(sentence, found.end())
            if ends or own & (after - before):
                yield Difference(About.ATTRIBUTION, found.group())
                return

    @cached_property
    def _close_sentence(self) -> tuple[Token, ...]:
        return read(self.quoted[self._closest].sentence)


def _difference(token: Token, pair: Exchange | None) -> Difference:
    about = _KINDS.get(token.kind, About.WORD)
    if pair is None:
        return Difference(about, token.text)
    if pair.said.text[0].isupper() and pair.quoted.text[0].isupper():
        about = About.NAME
    return Difference(about, pair.said.text, pair.quoted.text)


def _is_title(quotation: str) -> bool:
    """Whether every content word is capitalised: such words are checked as names are."""
    return all(token.text[0].isupper() for token in read(quotation) if token.kind is Kind.WORD)


def _has(keys: set[str], token: Token) -> bool:
    """Whether keys have a token's: a month any of its days, a sum its currency."""
    if token.key in keys:
        return True
    if token.kind is Kind.DATE:
        return any(key.startswith(f"{token.key}-") for key in keys)
    if token.kind is Kind.NUMBER:
        return any(token.key + sign in keys for sign in _CURRENCIES)
    return any(same(token.key, key) for key in keys)


def _governed(tokens: Sequence[Token], cue: Kind = Kind.NEGATION) -> dict[str, Token]:
    """Return the first content token after each cue of this kind, within its clause, by key."""
    found: dict[str, Token] = {}
    active = False
    for place, token in enumerate(tokens):
        if token.kind is cue:
            active = True
        elif token.kind is Kind.BREAK:
            active = active and token.text in _MARKS and tokens[place - 1].kind is cue
        elif active and token.carries:
            found[token.key] = token
            active = False
    return found


def _split(tokens: Sequence[Token], cue: Kind) -> tuple[set[str], set[str]]:
    """Return the keys that cues govern, and those that stand free of them at least once."""
    found = set(_governed(tokens, cue))
    keys = [token.key for token in tokens if token.carries]
    return found, {key for key in keys if key not in found or keys.count(key) > 1}


def _has_negated(key: str, held: Iterable[set[str]]) -> bool:
    """Whether some keys have this one with a negating prefix: repaired, unrepaired."""
    return any(f"{prefix}{key}" in keys for keys in held for prefix in _NEGATING)


def _initials(tokens: Iterable[Token]) -> dict[str, str]:
    """Map the initials of each run of names, and each name of the run, to the initials."""
    found: dict[str, str] = {}
    run: list[Token] = []
    for token in [*tokens, Token("", Kind.BREAK, "")]:
        if token.carries and token.text[:1].isupper():
            run.append(token)
        elif not (run and token.key in ("of", "the", "and", "for")):
            if len(run) > 1:
                letters = "".join(item.text[0] for item in run).lower()
                found |= {letters: letters, **{item.key: letters for item in run}}
            run = []
    return found
