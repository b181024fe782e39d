"""The one function that says whether a statement is supported by its quotes, and why not.

A statement made of whole quotes, joined by " … ", is supported by construction once its quotes
re-slice. Any other wording must keep every number, date, name and quotation, the negation, the
modality and the attribution of its quotes (compare.py), and have enough of their words: a logistic
model over four shares, whose weights and threshold stand in `verdict.json` with the data and the
command they come from. No weight is negative: more of a statement found never speaks against it.

That suits a draft that somebody wrote, but lets through a third of the falsehoods that a language
model can make of true sentences. What Ibid says itself must also be derived from its quotes, by
leaving out and moving whole phrases (rag/derivation): then three in a thousand are let through
(python -m evals.bench adversary).
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.split import split_sentences
from ingest.types import Article
from rag.compare import FEATURES, REPORTING, Comparison, Quoted
from rag.types import Quote, Verdict

__all__ = ["JOINT", "REPORTING", "judge", "tidy"]

JOINT = " … "
"""Stands in a statement between quotes that do not touch in the article."""
MAX_GAP = 2
"""How many content words in a row no quote may have: more say something of their own. Of WiCE's
claims that else pass, 69 of the 71 supported have no longer gap, and 36 of the 41 others."""
MIN_CONTENT = 2
"""Fewer content words than these state nothing: "[1]", "It is so.\""""
MAX_NAMED = 6
"""How many missing words a reason names."""

_LINK = re.compile(r"\[([^\]\[]+)\]\([^()\s]*\)")


@dataclass(frozen=True)
class Model:
    """The weights of the score, in the order of `FEATURES`, and the least score of support."""

    weights: tuple[float, ...]
    bias: float
    threshold: float

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Read them."""
        data = json.loads(path.read_text("utf-8"))
        weights = tuple(data["weights"][name] for name in FEATURES)
        return cls(weights, data["bias"], data["threshold"])

    def score(self, features: Sequence[float]) -> float:
        """Return the estimated probability that what has these features is supported."""
        pairs = zip(self.weights, features, strict=True)
        return 1 / (1 + math.exp(-self.bias - sum(weight * value for weight, value in pairs)))


@cache
def default_model() -> Model:
    """Return the model that comes with Ibid."""
    return Model.load(Path(__file__).parent / "verdict.json")


def tidy(text: str) -> str:
    """Return text for display: links as their words, white space as single spaces."""
    return " ".join(_LINK.sub(r"\1", text).split())


def judge(
    text: str,
    quotes: Sequence[Quote],
    articles: Mapping[str, Article],
    *,
    derived: bool = False,
) -> Verdict:
    """Say whether the quotes support a statement; `articles` are those quoted, by id.

    The score is 1 for whole quotes; else the probability, by the words alone, that it is supported:
    that of its least likely sentence. What Ibid says itself must be `derived` from the quotes
    (rag/derivation), whoever wrote it; a person's draft may put them freely in other words.
    """
    broken = [reason for quote in quotes for reason in _misquotes(quote, articles)]
    if broken or not quotes:
        return Verdict(supported=False, score=0, reasons=tuple(broken or ["it has no quote"]))
    whole = {tidy(quote.quote) for quote in quotes}
    if whole.issuperset(text.split(JOINT)):
        return Verdict(supported=True, score=1)
    reasons = [str(difference) for difference in compare(text, quotes, articles).differences]
    score = 1.0
    for part in list(_parts(text)) or [text]:
        comparison = compare(part, quotes, articles)
        if len(comparison.content) < MIN_CONTENT:
            reasons.append("it has a sentence that states nothing")
        likely = default_model().score(comparison.features()) if comparison.content else 1.0
        score = min(score, likely)
        if likely < default_model().threshold or comparison.longest_gap > MAX_GAP:
            reasons.append(_too_little(comparison))
        if derived:
            reasons += comparison.departures
    return Verdict(supported=not reasons, score=score, reasons=tuple(reasons))


def _parts(text: str) -> Iterator[str]:
    """Yield the sentences of a statement: each must be in the quotes, not only most of them."""
    for piece in text.split(JOINT):
        for span in split_sentences(piece):
            yield piece[span.start : span.end]


def compare(text: str, quotes: Iterable[Quote], articles: Mapping[str, Article]) -> Comparison:
    """Lay a statement beside the sentences of quotes that are their articles' own words."""
    parts = (part for quote in quotes for part in _sentences(quote, articles[quote.article_id]))
    return Comparison(text, tuple(parts))


def _misquotes(quote: Quote, articles: Mapping[str, Article]) -> Iterable[str]:
    article = articles.get(quote.article_id)
    if article is None:
        yield f"there is no article {quote.article_id!r}"
    elif article.sha256 != quote.sha256:
        yield f"the article {quote.article_id!r} has changed since it was quoted"
    elif article.text[quote.start : quote.end] != quote.quote:
        yield f"characters {quote.start} to {quote.end} of {quote.article_id!r} are not the quote"


def _sentences(quote: Quote, article: Article) -> Iterator[Quoted]:
    """Yield the quote's sentences; the quote itself where it lies in none."""
    touched = [s for s in article.sentences if s.start < quote.end and quote.start < s.end]
    for sentence in touched:
        part = article.text[max(quote.start, sentence.start) : min(quote.end, sentence.end)]
        yield Quoted(tidy(part), tidy(article.text[sentence.start : sentence.end]))
    if not touched:
        yield Quoted(tidy(quote.quote), tidy(quote.quote))


def _too_little(comparison: Comparison) -> str:
    named = [f"“{token.text}”" for token in comparison.missing[:MAX_NAMED]]
    if not named:
        return "the quotes have its words, but not together"
    more = ", ..." if len(comparison.missing) > MAX_NAMED else ""
    return f"the quotes have too little of it: they do not have {', '.join(named)}{more}"
