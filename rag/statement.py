"""Units to a statement: what they need goes with them, in the article's order."""

from collections.abc import Sequence

from ingest.types import Article, Span
from rag.types import Quote


def pieces(
    article: Article, first: int, last: int, context: Sequence[Span] = ()
) -> tuple[Quote, ...]:
    """Return the quotes of the units `first` to `last` with what they need, and further context."""
    units = article.units[first : last + 1]
    spans = {unit.span for unit in units}.union(
        context, *(_needs(article, unit.needs) for unit in units)
    )
    return tuple(Quote.of(article, span) for span in sorted(spans))


def _needs(article: Article, spans: Sequence[Span]) -> set[Span]:
    """Return what is needed, with what that needs in turn where it is itself a unit."""
    by_span = {unit.span: unit for unit in article.units}
    found: set[Span] = set()
    waiting = list(spans)
    while waiting:
        span = waiting.pop()
        if span not in found:
            found.add(span)
            waiting += by_span[span].needs if span in by_span else ()
    return found
