"""Text to terms: the one analysis behind the full-text index and every lexical measure."""

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

# English function words: the Snowball project's stop list, contractions split as `terms` does.
STOP_WORDS = frozenset(
    """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she
    her hers herself it its itself they them their theirs themselves what which who whom this that
    these those am is are was were be been being have has had having do does did doing would should
    could ought m s re ve ll d t isn aren wasn weren hasn haven hadn doesn don didn won wouldn shan
    shouldn can couldn mustn let a an the and but if or because as until while of at by for with
    about against between into through during before after above below to from up down in out on
    off over under again further then once here there when where why how all any both each few more
    most other some such no nor not only own same so than too very will shall may might must
    """.split()  # noqa: SIM905
)

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_stemmer = threading.local()


def fold(text: str) -> str:
    """Return a text in lower case, without accents and compatibility forms."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """Return the folded words of a text; runs of Chinese, Japanese or Korean as bigrams."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if len(word) > 2 and re.match(f"[{_CJK}]", word):
            found.extend(word[n : n + 2] for n in range(len(word) - 1))
        else:
            found.append(word)
    return found


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the Snowball (English) stem of a folded word."""
    if not hasattr(_stemmer, "english"):
        _stemmer.english = Stemmer.Stemmer("english")
    return str(_stemmer.english.stemWord(word))


def terms(text: str) -> list[str]:
    """Return the stems of a text's content words, in order, repetitions kept."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]
