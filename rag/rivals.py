"""Where a text has another name or number in the place of the question's own.

Asked of the Maid of Tolver, a sentence on the Maid of Orrin speaks of something else, as does one
on line C, asked of line D: beside the same word stands something of the same form.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.words import IS_UNSPACED, UNSPACED, same_word, words
from rag.question import Kind, Question, Term

REACH = 2
"""Words between which one says what the other is of (Maid of Tolver)."""
SHORT = 3
"""Letters up to which a capital at the beginning of a sentence says nothing."""

_TOKEN = re.compile(rf"[{UNSPACED}]|\d[\d.,:]*\d|\d+|[^\W\d_{UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as written and folded."""

    written: str
    folded: str


@dataclass(frozen=True, slots=True)
class Place:
    """A name or number of a question, and the word that stands `offset` words after it."""

    term: Term
    beside: str
    offset: int


def tokenize(text: str) -> tuple[Token, ...]:
    """Return the words of a text in order; each character of a script without spaces."""
    found = (match.group() for match in _TOKEN.finditer(text))
    return tuple(Token(token, "".join(words(token)[:1])) for token in found)


def places(question: Question) -> tuple[Place, ...]:
    """Return the names and numbers of a question with the words beside them that say something."""
    tokens = tokenize(question.text)
    terms = {term.word: term for term in question.terms}
    found = []
    for at, token in enumerate(tokens):
        term = terms.get(token.folded)
        if term is None or term.kind is Kind.WORD:
            continue
        for offset in range(-REACH, REACH + 1):
            other = tokens[at + offset] if offset and 0 <= at + offset < len(tokens) else None
            if other and _says(other, terms, offset):
                found.append(Place(term, other.folded, offset))
    return tuple(found)


def _says(token: Token, terms: Mapping[str, Term], offset: int) -> bool:
    """Whether a word tells by itself what stands beside it; a plain one does only for the next."""
    if IS_UNSPACED.match(token.written):
        return abs(offset) == 1
    term = terms.get(token.folded)
    if term is None or term.weight == 0:
        return False
    return term.kind is not Kind.WORD or abs(offset) == 1


def has_rival(asked: Sequence[Place], held: frozenset[Term], tokens: Sequence[Token]) -> bool:
    """Whether a text, which has the terms `held`, names another thing in the place of one asked."""
    return any(
        _alike(token, place.beside) and _is_rival(place.term, tokens, at - place.offset)
        for place in asked
        if place.term not in held
        for at, token in enumerate(tokens)
    )


def _alike(token: Token, beside: str) -> bool:
    return token.folded[:1] == beside[0] and same_word(token.folded, beside)


def _is_rival(term: Term, tokens: Sequence[Token], at: int) -> bool:
    if not 0 <= at < len(tokens):
        return False
    written, folded = tokens[at].written, tokens[at].folded
    if not folded or folded == term.word or same_word(folded, term.spelling or term.word):
        return False
    if term.exact and len(term.written) > 1:
        return written[0].isdigit()
    return written[0].isupper() and (at > 0 or len(written) > SHORT)
