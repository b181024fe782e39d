"""The one verdict: a statement is whole units of one article, with the context that they need.

It is a pure function of the quotes and their articles and knows no word of any language, so it is
the same for all of them, and whoever chose the units.
"""

from collections.abc import Mapping, Sequence

from ingest.types import Article, Span
from rag.types import Quote, Verdict, joined


def judge(
    quotes: Sequence[Quote], articles: Mapping[str, Article], text: str | None = None
) -> Verdict:
    """Say whether quotes make a statement; `articles` are those quoted, by id.

    With `text`, also whether that is the text which the quotes make.
    """
    reasons = list(
        dict.fromkeys(reason for quote in quotes for reason in misquotes(quote, articles))
    )
    if not quotes:
        reasons = ["it has no quote"]
    if not reasons:
        reasons = list(_against_form(quotes, articles[quotes[0].article_id]))
    if not reasons and text is not None and text != joined(quotes):
        reasons = ["its text is not the quotes' own words"]
    return Verdict(supported=not reasons, score=float(not reasons), reasons=tuple(reasons))


def misquotes(quote: Quote, articles: Mapping[str, Article]) -> list[str]:
    """Say what of a quote is not as the article has it: its words, its hash, its source."""
    article = articles.get(quote.article_id)
    if article is None:
        return [f"there is no article {quote.article_id!r}"]
    if article.sha256 != quote.sha256:
        return [f"the article {article.id!r} is another version than the one quoted"]
    if article.text[quote.start : quote.end] != quote.quote:
        return [f"characters {quote.start} to {quote.end} of {article.id!r} are not the quote"]
    true = Quote.of(article, Span(quote.start, quote.end))
    return [
        f"the {name} of {article.id!r} is {value!r}, not {getattr(quote, name)!r}"
        for name, value in true.model_dump().items()
        if getattr(quote, name) != value
    ]


def _against_form(quotes: Sequence[Quote], article: Article) -> list[str]:
    """Say what keeps true quotes of an article from being a statement."""
    if any(quote.article_id != article.id for quote in quotes):
        return ["its quotes are of several articles"]
    spans = [Span(quote.start, quote.end) for quote in quotes]
    if spans != sorted(set(spans)):
        return ["its quotes do not follow the article's order"]
    numbers = {unit.span: number for number, unit in enumerate(article.units)}
    units = [numbers[span] for span in spans if span in numbers]
    needs = {need for number in units for need in article.units[number].needs}
    around = {heading for number in units for heading in article.units[number].headings}
    said = set(article.metadata.said_at.values())
    reasons = []
    if any(span not in numbers and span not in needs | around | said for span in spans):
        reasons.append("a quote is no whole sentence, row or item")
    if not units:
        reasons.append("it is only the context of a statement")
    if needs - set(spans):
        reasons.append("what its words need is left out: who says them, or what they are part of")
    main = [number for number in units if article.units[number].span not in needs | around]
    if any(number not in units for number in range(min(main, default=0), max(main, default=0) + 1)):
        reasons.append("its sentences do not stand side by side")
    return reasons
