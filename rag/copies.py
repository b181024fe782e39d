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
        _others(article, sequence(quote.quote), library, whole=(quote.start, quote.end) in units)
        for quote in quotes
    ]
    others = set.intersection(*holders) if holders else set()
    return tuple(Source.of(library.article(article_id)) for article_id in sorted(others))


def _others(article: Article, said: str, library: Library, *, whole: bool) -> set[str]:
    """Return which other articles have these words; with `whole`, as a sentence, row or item."""
    found = library.passages_saying(said, MOST)
    return {
        passage.article_id
        for passage in found
        if passage.article_id != article.id
        and (
            not whole
            or said in _units(library.article(passage.article_id), passage.first, passage.last)
        )
    }


def _units(article: Article, first: int, last: int) -> set[str]:
    units = article.units[first : last + 1]
    return {sequence(article.text[unit.start : unit.end]) for unit in units}
