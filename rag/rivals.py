"""Where a text has another name or number in the place of the question's own.

Asked of the Maid of Tolver, a sentence on the Maid of Orrin speaks of something else, as does one
on line C, asked of line D: beside the same word stands something of the same form.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.words import IS_UNSPACED, UNSPACED, same_word, words
from rag.question import Kind, Question, Term

REACH = 2
"""Words between which one says what the other is of (Maid of Tolver)."""
SHORT = 3
"""Letters up to which a capital at the beginning of a sentence says nothing."""

_TOKEN = re.compile(rf"[{UNSPACED}]|\d[\d.,:]*\d|\d+|[^\W\d_{UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a text in order, as written and folded, and the first letters of the latter."""

    written: tuple[str, ...]
    folded: tuple[str, ...]
    initials: str

    def places(self, word: str) -> Iterator[int]:
        """Yield where a folded word stands, in any form."""
        at = self.initials.find(word[0])
        while at >= 0:
            if same_word(self.folded[at], word):
                yield at
            at = self.initials.find(word[0], at + 1)

    def has_name(self, known: Collection[str]) -> bool:
        """Whether of the words that are not known, one after the first is capital."""
        new = (
            written[0].isupper()
            for written, folded in zip(self.written, self.folded, strict=True)
            if folded not in known
        )
        next(new, None)
        return any(new)


@dataclass(frozen=True, slots=True)
class Place:
    """A name or number of a question, and the word that stands `offset` words after it."""

    term: Term
    beside: str
    offset: int


def tokenize(text: str) -> Tokens:
    """Return the words of a text in order; each character of a script without spaces."""
    written = tuple(_TOKEN.findall(text))
    folded = tuple(map(_folded, written))
    return Tokens(written, folded, "".join(word[:1] or " " for word in folded))


@lru_cache(maxsize=1 << 15)
def _folded(token: str) -> str:
    return "".join(words(token)[:1])


def places(question: Question) -> tuple[Place, ...]:
    """Return the names and numbers of a question with the words beside them that say something."""
    tokens = tokenize(question.text)
    terms = {term.word: term for term in question.terms}
    found = []
    for at, word in enumerate(tokens.folded):
        term = terms.get(word)
        if term is None or term.kind is Kind.WORD:
            continue
        for offset in range(-REACH, REACH + 1):
            beside = at + offset
            if offset and 0 <= beside < len(tokens.folded) and _says(tokens, beside, terms, offset):
                found.append(Place(term, tokens.folded[beside], offset))
    return tuple(found)


def _says(tokens: Tokens, at: int, terms: Mapping[str, Term], offset: int) -> bool:
    """Whether a word tells by itself what stands beside it; a plain one does only for the next."""
    if IS_UNSPACED.match(tokens.written[at]):
        return abs(offset) == 1
    term = terms.get(tokens.folded[at])
    if term is None or term.weight == 0:
        return False
    return term.kind is not Kind.WORD or abs(offset) == 1


def has_rival(asked: Sequence[Place], held: frozenset[Term], tokens: Tokens) -> bool:
    """Whether a text, which has the terms `held`, names another thing in the place of one asked."""
    return any(
        _is_rival(place.term, tokens, at - place.offset)
        for place in asked
        if place.term not in held
        for at in tokens.places(place.beside)
    )


def _is_rival(term: Term, tokens: Tokens, at: int) -> bool:
    if not 0 <= at < len(tokens.written):
        return False
    written, folded = tokens.written[at], tokens.folded[at]
    if not folded or folded == term.word or same_word(folded, term.spelling or term.word):
        return False
    if term.exact and len(term.written) > 1:
        return written[0].isdigit()
    return written[0].isupper() and (at > 0 or len(written) > SHORT)
