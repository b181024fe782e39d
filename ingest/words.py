"""Text to words: the one analysis behind the full-text index and every comparison of words.

It holds no list of words and no stemmer of one language. Words are folded into plain Latin letters,
so that a name has one form in every script; inflection is what follows a common beginning.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
_WORD = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+(?:_[^\W_{UNSPACED}]+)*")
_COMPOUND = re.compile(r"\b[^\W\d_]+-\d\w*|\b\d+-[^\W\d_]+\b")
"""Letters and digits with a hyphen between them: HS-6, VD-12S. One identifier, not two words."""
IS_UNSPACED = re.compile(f"[{UNSPACED}]")
_DIGIT = re.compile(r"\d")
_LONG = 6
"""From so many letters on, words that are spelt nearly alike are taken for the same."""
ALIKE = 80
"""Least rapidfuzz ratio (0 to 100) of two spellings of a long word: Lukashenko, Łukaszenka."""


def fold(text: str) -> str:
    """Return a text in lower case, without accents and compatibility forms."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def tokens(text: str) -> list[str]:
    """Return the words of a text as written; a run of a script without spaces is one.

    An identifier with a hyphen is one, and not its parts.
    """
    return re.findall(rf"{_COMPOUND.pattern}|{_WORD.pattern}", text)


def words(text: str) -> list[str]:
    """Return the folded words of a text, in Latin letters; scripts without spaces as bigrams.

    An identifier with a hyphen comes as a whole, and its parts.
    """
    folded = fold(text)
    return [match.group().casefold() for match in _COMPOUND.finditer(folded)] + _in_order(folded)


def sequence(text: str) -> str:
    """Return the words of a text in its order, in single spaces: two with the same say the same."""
    return " ".join(_in_order(fold(text)))


def _in_order(folded: str) -> list[str]:
    found: list[str] = []
    for word in _WORD.findall(folded):
        if IS_UNSPACED.match(word):
            found += [word[n : n + 2] for n in range(max(1, len(word) - 1))]
        else:
            found.append(word if word.isascii() else _latin(word))
    return found


def _latin(word: str) -> str:
    return re.sub(r"\W+", "", anyascii(word).casefold()) or word


def beginning(word: str) -> str:
    """Return the part of a word that inflection leaves, as far as that can be told by length."""
    if _DIGIT.search(word) or len(word) < 5 or IS_UNSPACED.match(word):
        return word
    return word[: -2 if len(word) < 8 else -3]


@lru_cache(maxsize=1 << 16)
def same_word(one: str, other: str) -> bool:
    """Whether two folded words are forms or spellings of the same; with a digit, only if equal."""
    if one == other:
        return True
    if one[0] != other[0] or min(len(one), len(other)) < 3 or _DIGIT.search(one + other):
        return False
    longer = max(len(one), len(other))
    common = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    if common >= 3 and common >= longer - 3 and common >= 0.55 * longer:
        return common > 3 or longer - common <= 2
    return min(len(one), len(other)) >= _LONG and fuzz.ratio(one, other) >= ALIKE
