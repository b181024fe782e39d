"""Ibid's verdict on a claim that quotes given sentences."""

import hashlib
from collections.abc import Sequence

from ingest.types import Article, Metadata, Span
from rag.types import Quote, Verdict
from rag.verdict import judge


def verdict_on(claim: str, sentences: Sequence[str], *, derived: bool = False) -> Verdict:
    """Return Ibid's verdict on a claim that quotes every one of these sentences."""
    sentences = [sentence for sentence in sentences if sentence.strip()]
    text = "\n".join(sentences)
    digest = hashlib.sha256(text.encode()).hexdigest()
    article = Article("evidence", "evidence.txt", digest, text, Metadata())
    quotes, start = [], 0
    for sentence in sentences:
        quotes.append(Quote.of(article, Span(start, start + len(sentence))))
        start += len(sentence) + 1
    return judge(claim, quotes, {article.id: article}, derived=derived)
