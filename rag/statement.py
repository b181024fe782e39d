"""Units to a statement: what they need goes with them, in the article's order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ingest.types import Article, Span, Unit
from rag.types import Quote


def pieces(
    article: Article, first: int, last: int, context: Sequence[Span] = ()
) -> tuple[Quote, ...]:
    """Return the quotes of the units `first` to `last` with what they need, and further context."""
    units = article.units[first : last + 1]
    own = (unit.span for unit in units)
    spans = sorted(with_needs(article, [*own, *headings_between(units), *context]))
    return tuple(Quote.of(article, span) for span in spans if not _inside(span, spans))


def with_needs(article: Article, spans: Iterable[Span]) -> set[Span]:
    """Return spans with what they need, and what that needs in turn where it is itself a unit."""
    found: set[Span] = set()
    waiting = list(spans)
    while waiting:
        span = waiting.pop()
        if span not in found:
            found.add(span)
            number = article.numbers.get(span)
            waiting += article.units[number].needs if number is not None else ()
    return found


def headings_between(units: Sequence[Unit]) -> Iterator[Span]:
    """Yield the headings that stand between units: a new one begins there, and must be seen to."""
    for before, after in pairwise(units):
        yield from (span for span in after.headings if span.start >= before.end)


def _inside(span: Span, spans: Sequence[Span]) -> bool:
    """Whether a span is part of a longer one: a speaker's label and the sentence it begins."""
    return any(
        other.start <= span.start and span.end <= other.end for other in spans if other != span
    )
