"""The one function that says whether a statement is supported by its quotes, and why not.

A statement made of whole quotes, joined by " … ", is supported by construction once its quotes
re-slice. Any other wording must keep every number, name and quotation, the negation, the modality
and the attribution of the sentences it stands on, and may use no content word they do not have.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from ingest.types import Article
from ingest.words import fold, terms, words
from rag.types import Quote, Verdict

JOINT = " … "
"""Stands in a statement between quotes that do not touch in the article."""

_LINK = re.compile(r"\[([^\]\[]+)\]\([^()\s]*\)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTATION = re.compile(r"[“„\"«]([^“”„\"«»]+)[”“\"»]")
_NAME = re.compile(r"(?<![.!?…:“„\"«(]\s)(?<!^)(?<![\w“„\"«(])[A-ZÀ-ÖØ-ÞА-Я]\w+")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|\w+n[’']t)\b", re.I
)
_MODALITY = re.compile(  # May is a month
    r"\bmay\b|(?i:\b(?:might|could|would|should|can|possibl[ey]|perhaps|probably|likely|unlikely"
    r"|potential(?:ly)?|alleged(?:ly)?|supposed(?:ly)?|reported(?:ly)?|appears?|seems?"
    r"|plan(?:s|ned)?|intends?|hopes?|expect(?:s|ed)?|if)\b)"
)
REPORTING = re.compile(
    r"\b(?:according to|in the (?:view|opinion) of|(?:says?|said|tells?|told|claim(?:s|ed)?"
    r"|argue[sd]?|believe[sd]?|thinks?|thought|insist(?:s|ed)?|add(?:s|ed)|note[sd]?"
    r"|stat(?:es|ed)|explain(?:s|ed)?|admit(?:s|ted)?|conclude[sd]?|warn(?:s|ed)?|stress(?:es|ed)?"
    r"|emphasi[sz]e[sd]?|highlight(?:s|ed)?|announce[sd]?|declare[sd]?|answer(?:s|ed)?|agree[sd]?"
    r"|repl(?:y|ies|ied)|ask(?:s|ed)|wr(?:ites?|ote)|suggest(?:s|ed)?|doubts?|fears?|hopes?"
    r"|recall(?:s|ed)?|point(?:s|ed) out|spoke|speaks?|express(?:es|ed)|remind(?:s|ed)?"
    r"|predict(?:s|ed)?|report(?:s|ed)?|maintain(?:s|ed)?|acknowledge[sd]?|comment(?:s|ed)))\b",
    re.I,
)


def tidy(text: str) -> str:
    """Return text for display: links as their words, white space as single spaces."""
    return " ".join(_LINK.sub(r"\1", text).split())


def judge(text: str, quotes: Sequence[Quote], articles: Mapping[str, Article]) -> Verdict:
    """Say whether the quotes support a statement; `articles` are those quoted, by id.

    The score is the share of the statement's content words that its quotes have.
    """
    broken = [reason for quote in quotes for reason in _misquotes(quote, articles)]
    if broken or not quotes:
        return Verdict(supported=False, score=0, reasons=tuple(broken or ["it has no quote"]))
    whole = {tidy(quote.quote) for quote in quotes}
    if whole.issuperset(text.split(JOINT)):
        return Verdict(supported=True, score=1)
    said = " ".join(tidy(quote.quote) for quote in quotes)
    context = " ".join(
        tidy(_whole_sentences(quote, articles[quote.article_id])) for quote in quotes
    )
    reasons = tuple(_differences(text, said, context))
    wanted, held = terms(text), set(terms(said))
    score = sum(term in held for term in wanted) / len(wanted) if wanted else 0.0
    if score < 1:
        unknown = sorted({term for term in wanted if term not in held})
        reasons += (f"the quotes do not have: {', '.join(unknown) or 'any word of it'}",)
    return Verdict(supported=not reasons, score=score, reasons=reasons)


def _misquotes(quote: Quote, articles: Mapping[str, Article]) -> Iterable[str]:
    article = articles.get(quote.article_id)
    if article is None:
        yield f"there is no article {quote.article_id!r}"
    elif article.sha256 != quote.sha256:
        yield f"the article {quote.article_id!r} has changed since it was quoted"
    elif article.text[quote.start : quote.end] != quote.quote:
        yield f"characters {quote.start} to {quote.end} of {quote.article_id!r} are not the quote"


def _whole_sentences(quote: Quote, article: Article) -> str:
    touched = [s for s in article.sentences if s.start < quote.end and quote.start < s.end]
    start = min([quote.start, *(sentence.start for sentence in touched)])
    end = max([quote.end, *(sentence.end for sentence in touched)])
    return article.text[start:end]


def _differences(text: str, said: str, context: str) -> Iterable[str]:
    numbers = set(_NUMBER.findall(said))
    for number in _NUMBER.findall(text):
        if number not in numbers:
            yield f"the number {number} is not in the quotes"
    held = set(words(said))
    for name in _NAME.findall(text):
        if not held.issuperset(words(name)):
            yield f"the name {name} is not in the quotes"
    for quotation in _QUOTATION.findall(text):
        if fold(tidy(quotation)) not in fold(said):
            yield f"the words “{quotation}” are not in the quotes"
    if bool(_NEGATION.search(text)) != bool(_NEGATION.search(context)):
        yield "its negation differs from that of the quotes"
    if _MODALITY.search(context) and not _MODALITY.search(text):
        yield "it states as certain what the quotes do not"
    if REPORTING.search(context) and not REPORTING.search(text):
        yield "it drops who says so"
