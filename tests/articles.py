"""Articles whose units are written out by hand, and quotes of them."""

import hashlib

from ingest.types import Article, BlockKind, Metadata, Span, Unit
from rag.types import Quote


def find(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


def article(
    text: str,
    *units: tuple[str, BlockKind, int, tuple[str, ...], tuple[str, ...]],
    article_id: str = "a",
    title: str | None = None,
) -> Article:
    """Return an article; a unit is its words, kind, block, and the words of its needs, headings."""

    def spans(all_words: tuple[str, ...]) -> tuple[Span, ...]:
        return tuple(find(text, words) for words in all_words)

    made = (
        Unit(*find(text, words), kind, block, spans(needs), spans(headings))
        for words, kind, block, needs, headings in units
    )
    return Article(
        id=article_id,
        location=f"{article_id}.txt",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        metadata=Metadata(title=title, said_at={"title": find(text, title)} if title else {}),
        units=tuple(made),
    )


def sentences(*said: str, gap: str = " ", article_id: str = "a") -> Article:
    """Return an article of one paragraph."""
    units = ((words, BlockKind.TEXT, 0, (), ()) for words in said)
    return article(gap.join(said), *units, article_id=article_id)


def quote(source: Article, words: str) -> Quote:
    return Quote.of(source, find(source.text, words))


def quotes(source: Article, *words: str) -> list[Quote]:
    return [quote(source, item) for item in words]
