"""Questions about an article itself: who wrote or published it, and when."""

import re

from ingest.library import Library
from ingest.types import Article, Metadata
from ingest.words import terms
from rag.types import Draft, Quote
from rag.verdict import JOINT, tidy

_TEXT = r"(?:article|text|piece|report|analysis|commentary|story|essay|paper|post|[“\"'‘„«])"
_ASKED = {
    "author": re.compile(
        rf"\bwho (?:wrote|authored|penned|is the author of)\b.*{_TEXT}|\bauthor of the {_TEXT}"
        rf"|\bby whom was .*{_TEXT}.* written\b",
        re.I,
    ),
    "published": re.compile(
        rf"^(?:when|(?:on|in) (?:which|what) (?:date|day|month|year))\b (?:was|did) (?:the |this )?"
        rf"(?:\w+ )?{_TEXT}.*\b(?:published|written|posted|appear|come out)\b"
        rf"|\b(?:publication date|date of publication) of\b",
        re.I,
    ),
    "publisher": re.compile(
        rf"^(?:who|which (?:\w+ )?(?:institute|publisher|magazine|newspaper|outlet|organi[sz]ation|"
        rf"site|website|foundation)) published\b.*{_TEXT}|\bpublisher of the {_TEXT}"
        rf"|^where was .*{_TEXT}.* published\b",
        re.I,
    ),
}
_MISSING = {
    "author": "does not say who wrote it",
    "published": "does not say when it was published",
    "publisher": "does not say who published it",
}
TELLING_TITLE = 4
"""Content words from which a title is no common phrase; a shorter one needs "the article"."""
TITLE_SHARE = 0.8
"""Least share of a title's content words that a question naming the article has."""


def is_named(article: Article, question: str) -> bool:
    """Whether a question names an article by its title, its publisher or its author's last name."""
    asked, data = set(terms(question)), article.metadata
    title, publisher = set(terms(data.title or "")), set(terms(data.publisher or ""))
    telling = len(title) >= TELLING_TITLE or re.search(rf"\b{_TEXT}", question, re.I)
    if title and telling and len(title & asked) >= TITLE_SHARE * len(title):
        return True
    author = (data.author or "").split()
    last_name = bool(author) and author[-1] in re.findall(r"[\w’'-]+", question)
    return last_name or bool(publisher and publisher <= asked)


def named_article(question: str, library: Library) -> Article | None:
    """Return the article whose title a question gives, the longest title first."""
    asked = set(terms(question))
    best: tuple[int, str] | None = None
    for summary in library.catalogue():
        title = set(terms(summary.metadata.title or ""))
        if len(title) >= 2 and len(title & asked) >= TITLE_SHARE * len(title):
            best = max(best or (0, ""), (len(title), summary.id))
    return library.article(best[1]) if best else None


def about_article(question: str, library: Library) -> Draft | str | None:
    """Answer a question about an article itself.

    Returns a draft; or in words what the article does not say; or None for any other question.
    """
    field = next((name for name, pattern in _ASKED.items() if pattern.search(question)), None)
    article = named_article(question, library) if field else None
    if field is None or article is None:
        return None
    if getattr(article.metadata, field) is None or field not in article.metadata.said_at:
        return f"The article “{article.title}” {_MISSING[field]}."
    return _draft(article, article.metadata, field)


def _draft(article: Article, metadata: Metadata, field: str) -> Draft:
    spans = [metadata.said_at[name] for name in ("title", field) if name in metadata.said_at]
    quotes = tuple(Quote.of(article, span) for span in spans)
    return Draft(JOINT.join(tidy(quote.quote) for quote in quotes), quotes)
