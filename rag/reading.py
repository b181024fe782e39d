"""What is asked of every unit of an article, read once an article: its words, values and names."""

import re
from dataclasses import dataclass

from ingest.pipeline import own_text
from ingest.types import Article, BlockKind, Span
from ingest.words import sequence, words
from rag.question import Asks
from rag.rivals import Tokens, tokenize
from rag.values import find_values

_SENTENCE = re.compile(r"[.!?…。！？:：;][\"'”’»)*_\]]*\s*$|[:：]\s")
_ASKS = re.compile(r"[?？؟][\"'”’»*_)]*$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A unit as it is compared with a question; words are folded.

    `own` are the words of it and of what it needs, as a table's header, `before` those of the unit
    before it in the same paragraph, `around` those of the headings over it, and of the article's
    title and source. Two with the same `said` say the same. `values` are the kinds and words of
    each value. It is `caseless` if its script has no capitals; it `asks` if it is a question, which
    answers nothing, and is a `fragment` if it is a line, no sentence.
    """

    own: frozenset[str]
    before: frozenset[str]
    around: frozenset[str]
    said: str
    tokens: Tokens
    values: tuple[tuple[frozenset[Asks], frozenset[str]], ...]
    caseless: bool
    asks: bool
    fragment: bool

    def kinds(self, known: frozenset[str]) -> frozenset[frozenset[Asks]]:
        """Return the kinds of each value that has none of these words."""
        return frozenset(kinds for kinds, said in self.values if known.isdisjoint(said))

    def named(self, known: frozenset[str]) -> bool:
        """Whether it may have a name that is none of these words."""
        return self.caseless or self.tokens.has_name(known)


class Reader:
    """Reads the units of one article, each once."""

    def __init__(self, article: Article) -> None:
        self.article = article
        data = article.metadata
        self._about = words(" ".join(filter(None, (data.title, data.author, data.publisher))))
        self._around: dict[tuple[Span, ...], frozenset[str]] = {}
        self._own: dict[int, frozenset[str]] = {}
        self._units: dict[int, Reading] = {}

    def read(self, number: int) -> Reading:
        """Return a unit as it is compared with questions."""
        if number not in self._units:
            self._units[number] = self._read(number)
        return self._units[number]

    def goes_on(self, number: int) -> bool:
        """Whether a unit follows another one in the same paragraph."""
        units = self.article.units
        return number > 0 and units[number].block == units[number - 1].block

    def _read(self, number: int) -> Reading:
        unit, whole = self.article.units[number], self.article.text
        text = whole[unit.start : unit.end]
        header = " ".join(whole[span.start : span.end] for span in unit.needs)
        values = find_values(text, header if unit.kind is BlockKind.ROW else "")
        return Reading(
            own=self._words(number),
            before=self._words(number - 1) if self.goes_on(number) else frozenset(),
            around=self._under(unit.headings),
            said=sequence(text),
            tokens=tokenize(text),
            values=tuple((value.kinds, frozenset(words(value.said))) for value in values),
            caseless=text.lower() == text.upper(),
            asks=_ASKS.search(text) is not None,
            fragment=unit.kind is BlockKind.TEXT and not _SENTENCE.search(text),
        )

    def _words(self, number: int) -> frozenset[str]:
        if number not in self._own:
            self._own[number] = frozenset(words(own_text(self.article, number)))
        return self._own[number]

    def _under(self, headings: tuple[Span, ...]) -> frozenset[str]:
        if headings not in self._around:
            said = " ".join(self.article.text[span.start : span.end] for span in headings)
            self._around[headings] = frozenset([*self._about, *words(said)])
        return self._around[headings]
