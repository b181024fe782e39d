"""Forms: words with one stem are the same word only where an inflection is all that differs."""

import re
from collections.abc import Iterator

from rag.derivation.beside import Beside
from rag.derivation.fault import Fault
from rag.reading import Kind
from rag.words_of_sense import ALIKE

_INFLECTION = re.compile(r"(?:e?s|e?d|ing|e|y|ies|ied|ying|[a-z](?:ed|ing))?")
_ITS_OWN = (Kind.NUMBER, Kind.DATE, Kind.NAME)


def forms(clause: Beside) -> Iterator[Fault]:
    """Yield the words that only look like the quoted word: university, universe."""
    for item, place in zip(clause.said, clause.places, strict=False):
        other = clause.quoted[place]
        if place < 0 or item.token.kind in _ITS_OWN or other.token.kind in _ITS_OWN:
            continue
        alike = item.key in ALIKE and ALIKE[item.key] == ALIKE.get(other.key)
        if not alike and not _inflected(item.token.text, other.token.text):
            yield Fault("form", item.token.text)


def _inflected(one: str, other: str) -> bool:
    """Whether two words are forms of one, by their endings."""
    one, other = _spelled(one), _spelled(other)
    pairs = enumerate(zip(one, other, strict=False))
    shared = next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
    return all(_INFLECTION.fullmatch(form[shared:]) for form in (one, other))


def _spelled(word: str) -> str:
    """Return a word in American spelling, as far as that tells whether it is another."""
    return re.sub(r"our(?=s|ed|ing|$)", "or", re.sub(r"is(?=e|ing|ation)", "iz", word.lower()))
