"""The same words in several articles: one source, with several addresses."""

from collections.abc import Sequence

from ingest.library import Library
from ingest.types import Article
from ingest.words import sequence
from rag.types import Quote, Source

MOST = 50
"""How many passages with the same words are looked at."""


def copies(quotes: Sequence[Quote], article: Article, library: Library) -> tuple[Source, ...]:
    """Return the other articles that say all that these quotes of an article say, word for word."""
    units = {unit.span for unit in article.units}
    holders = [
        _holders(sequence(quote.quote), library, whole=(quote.start, quote.end) in units)
        for quote in quotes
    ]
    others = set.intersection(*holders) - {article.id} if holders else set()
    return tuple(Source.of(library.article(article_id)) for article_id in sorted(others))


def _holders(said: str, library: Library, *, whole: bool) -> set[str]:
    """Return which articles have these words side by side; with `whole`, as a sentence or row."""
    found = library.passages_saying(said, MOST)
    return {
        passage.article_id
        for passage in found
        if not whole
        or said in _units(library.article(passage.article_id), passage.first, passage.last)
    }


def _units(article: Article, first: int, last: int) -> set[str]:
    units = article.units[first : last + 1]
    return {sequence(article.text[unit.start : unit.end]) for unit in units}
