"""A statement laid beside a sentence: what one has where the other has something else."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ingest.words import fold
from rag.reading import Kind, Token
from rag.words_of_sense import ALIKE

SAME_WORD = 82
"""Least rapidfuzz ratio at which two words, or their stems, count as one spelled in two ways."""
MAX_SLOT = 4
"""Most content words, on either side, that are compared with what stands in their place: a longer
difference is another wording, not another word."""


FOLLOWS = 0.6
"""Share of a statement's content words, in the order of a sentence, from which it follows it. At
0.5 more paraphrases are refused, at 0.7 more exchanged names pass: python -m
evals.bench.fit_verdict, "follows", and python -m evals.bench altered."""


class Exchange(NamedTuple):
    """A token of a statement, and the one that a sentence has in its place."""

    said: Token
    quoted: Token


class Slot(NamedTuple):
    """What a statement and a sentence have between the same words; `after` is the next of those."""

    said: Sequence[Token]
    quoted: Sequence[Token]
    after: Token

    @property
    def size(self) -> int:
        """How many content words stand here, at most."""
        return max(len(_content(self.said)), len(_content(self.quoted)))

    @property
    def length(self) -> int:
        """How many words stand here, at most."""
        return max(len(self.said), len(self.quoted))

    @property
    def denies(self) -> bool:
        """Whether one of both has a negation here, and neither has more to say."""
        alike = len(_content(self.said)) == len(_content(self.quoted))
        return alike and _negated(self.said) != _negated(self.quoted)

    def exchanges(self) -> Iterator[Exchange]:
        """Yield the words of one kind that stand for each other, or in each other's place."""
        own, other = _content(self.said), _content(self.quoted)
        new = [token for token in own if not _within(token, other)]
        old = [token for token in other if not _within(token, own)]
        if not new and not old:
            new, old = _values(own), _values(other)
            if _is_list(self.said) and _is_list(self.quoted):
                return
        if len(new) != len(old):
            new, old = _values(new), _values(old)
        if new and old:
            pairs = [Exchange(*two) for two in zip(new, old, strict=False)]
            yield from (
                two for two in pairs if not _within(two.said, [two.quoted]) and _alike(*two)
            )


class Alignment(NamedTuple):
    """How much of a statement's content a sentence has in order, and where both differ shortly.

    There are no slots where the statement does not follow the sentence: in other words, nothing
    has a place.
    """

    share: float
    slots: tuple[Slot, ...]


def align(said: Sequence[Token], quoted: Sequence[Token]) -> Alignment:
    """Align both by the fewest edits (Levenshtein)."""
    own, other = _names_joined(said), _names_joined(quoted)
    edits = Levenshtein.opcodes([token.key for token in own], [token.key for token in other])
    shared = [
        (edit.src_start, edit.src_end, edit.dest_start, edit.dest_end)
        for edit in edits
        if edit.tag == "equal" and _content(own[edit.src_start : edit.src_end])
    ]
    common = sum(len(_content(own[start:end])) for start, end, *_ in shared)
    share = common / max(len(_content(own)), 1)
    if share < FOLLOWS:
        return Alignment(share, ())
    ends = (len(own), len(own), len(other), len(other))
    slots = [
        Slot(
            own[before[1] : after[0]], other[before[3] : after[2]], own[min(after[0], len(own) - 1)]
        )
        for before, after in zip([(0, 0, 0, 0), *shared], [*shared, ends], strict=True)
    ]
    return Alignment(share, tuple(slot for slot in slots if slot.length and slot.size <= MAX_SLOT))


def _names_joined(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without breaks, names that follow each other as one."""
    joined: list[Token] = []
    for place, token in enumerate(tokens):
        last = joined[-1] if joined else None
        after = [other.kind for other in tokens[place + 1 : place + 3] if other.key != "the"]
        capital = (token.kind is Kind.NAME and not token.opens) or (
            token.key == "of" and after[:1] == [Kind.NAME]
        )
        if token.key == "the" and last and last.key.endswith(" of"):
            continue
        if last and capital and (last.kind is Kind.NAME or (last.opens and _is_capital(last))):
            joined[-1] = Token(f"{last.key} {token.key}", Kind.NAME, f"{last.text} {token.text}")
        else:
            joined.append(token)
    return [token for token in joined if token.kind is not Kind.BREAK]


def _is_capital(token: Token) -> bool:
    return token.kind is Kind.WORD and token.text[0].isupper()


def longest_run(said: Sequence[str], quoted: Sequence[str]) -> int:
    """Return the length of the longest run of keys that both have."""
    best, previous = 0, [0] * (len(quoted) + 1)
    for key in said:
        row = [0] * (len(quoted) + 1)
        for n, other in enumerate(quoted, 1):
            row[n] = previous[n - 1] + 1 if key == other else 0
        best, previous = max(best, *row), row
    return best


def same(one: str, other: str) -> bool:
    """Whether two keys are one word, in one spelling or in two."""
    if one == other or ALIKE.get(one, one) == ALIKE.get(other, other):
        return True
    return (
        min(len(one), len(other)) > 5
        and one[0] == other[0]
        and one.isalpha()
        and fuzz.ratio(one, other) >= SAME_WORD
    )


def _content(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.carries]


def _values(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.kind in (Kind.NUMBER, Kind.DATE, Kind.NAME)]


def _is_list(tokens: Sequence[Token]) -> bool:
    """Whether these are names joined by "and" or "or" alone: their order says nothing."""
    return all(token.kind is Kind.NAME or token.key in ("and", "or") for token in tokens)


def _within(token: Token, others: Sequence[Token]) -> bool:
    """Whether others have a token, a part of the name it is, or the same value less exactly."""
    if token.kind in (Kind.NUMBER, Kind.DATE):
        keys = [other.key for other in others if other.kind is token.kind]
        return any(_extends(key, token.key) or _extends(token.key, key) for key in keys)
    parts = {*token.key.split(), *fold(token.text).split()} - {"of"}
    theirs = {part for other in others for part in (*other.key.split(), *fold(other.text).split())}
    return any(same(part, other) for part in parts for other in theirs)


def _extends(key: str, other: str) -> bool:
    """Whether a key is another, or adds a day or a unit to it; 19 does not extend 1."""
    return key == other or (key.startswith(other) and key[len(other)] in "-%$€£¥₽")


def _alike(one: Token, other: Token) -> bool:
    return one.kind is other.kind or {one.kind, other.kind} == {Kind.NAME, Kind.WORD}


def _negated(tokens: Sequence[Token]) -> bool:
    return any(token.kind is Kind.NEGATION for token in tokens)
