"""The one verdict: a statement is whole units of one article, with the context that they need.

It is a pure function of the quotes and their articles and knows no word of any language, so it is
the same for all of them, and whoever chose the units.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

from ingest.types import Article, Span
from rag.statement import headings_between, with_needs
from rag.types import BESIDE, Quote, Verdict, joined


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
    beyond = quote.end > len(article.text)
    if beyond or article.text[quote.start : quote.end] != quote.quote:
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
    if any(after.start < before.end for before, after in pairwise(spans)):
        return ["its quotes overlap or do not follow the article's order"]
    numbers = article.numbers
    runs = list(_runs([numbers[span] for span in spans if span in numbers]))
    if not runs:
        return ["it has no whole sentence, row or item"]
    run = min(runs, key=lambda run: len(set(spans) - _around(article, run)))
    reasons = []
    foreign = set(spans) - _around(article, run)
    if foreign - numbers.keys():
        reasons.append("a quote is no whole sentence, row or item, and not the context of one")
    if foreign & numbers.keys():
        reasons.append("its sentences do not stand side by side")
    needed = with_needs(article, [*spans, *headings_between(article.units[run.start : run.stop])])
    if any(not _covered(span, spans) for span in needed):
        reasons.append("what its words need is left out: who says them, or what they are part of")
    if any(_hides(article.text[a.end : b.start]) for a, b in pairwise(spans)):
        reasons.append("it would not show that something stands between its sentences")
    return reasons


def _runs(numbers: Sequence[int]) -> Iterator[range]:
    """Yield the runs of consecutive numbers in a rising sequence."""
    first = 0
    for place, number in enumerate(numbers):
        if place + 1 == len(numbers) or numbers[place + 1] != number + 1:
            yield range(numbers[first], number + 1)
            first = place + 1


def _around(article: Article, run: range) -> set[Span]:
    """Return units with all that may stand with them: what they need, headings, the title."""
    units = article.units[run.start : run.stop]
    own = with_needs(article, [unit.span for unit in units])
    numbers = [article.numbers[span] for span in own if span in article.numbers]
    headings = {span for number in numbers for span in article.units[number].headings}
    title = article.metadata.said_at.get("title")
    if title:
        near = takewhile(lambda unit: unit.start < title.end, article.units)
        if all(unit.span == title or unit.end <= title.start for unit in near):
            headings.add(title)
    return with_needs(article, own | headings)


def _covered(span: Span, spans: Sequence[Span]) -> bool:
    return any(other.start <= span.start and span.end <= other.end for other in spans)


def _hides(between: str) -> bool:
    """Whether what stands between two quotes holds a word, and is too short for an ellipsis."""
    return len(between) <= BESIDE and any(map(str.isalnum, between))
