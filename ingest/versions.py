"""One article at several places: which of two that give the same address is the later."""

from collections import Counter

from ingest.library import Library
from ingest.types import Article
from ingest.words import sequence

SHARED = 0.5
"""Least share of its characters that a version has in the same sentences as another.

Two articles of a site may give its front page as their address; those share little.
"""


def find_versions(library: Library, article: Article) -> tuple[Article | None, Article | None]:
    """Return the library's article that is a later version of this one, and one that is earlier."""
    others, day = _others(library, article), _day(article)
    later = next((other for other in others if _day(other) > day), None)
    earlier = next((other for other in others if _day(other) < day), None)
    return later, earlier


def _others(library: Library, article: Article) -> list[Article]:
    """Return the articles at other places with the same address and much of the same text.

    Those without a day, or with the same text, are versions of nothing.
    """
    if not article.metadata.url or not _day(article):
        return []
    found = map(library.article, library.articles_with_url(article.metadata.url))
    own = _sentences(article)
    return [
        other
        for other in found
        if other.location != article.location
        and _day(other)
        and SHARED <= _share(own, _sentences(other)) < 1
    ]


def _day(article: Article) -> str:
    """Return the day on which an article was changed last, or published; "" where it says none."""
    return article.metadata.modified or article.metadata.published or ""


def _sentences(article: Article) -> Counter[str]:
    return Counter(sequence(article.text[unit.start : unit.end]) for unit in article.units)


def _share(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of the characters of the shorter that both say in the same sentences."""

    def length(sentences: Counter[str]) -> int:
        return sum(len(sentence) * count for sentence, count in sentences.items())

    same = length(one & other)
    if one == other:
        return 1.0
    return min(same / max(1, min(length(one), length(other))), 0.999)
