"""The view that checks a draft: each sentence as what it is, with the quotes that come nearest."""

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

from ingest.errors import IbidError
from ingest.types import Span
from rag.check import Check, CheckedSentence, Checker, Finding, SkippedText
from rag.types import Quote
from ui.evidence import Place, source, title_button
from ui.markup import count, problem

LABELS = {
    Finding.VERBATIM: "Verbatim",
    Finding.DIFFERS: "Differs",
    Finding.NEAREST: "Not in these words",
    Finding.NOTHING: "Nothing found",
}
TOLD = {
    Finding.VERBATIM: "An article says it in these words.",
    Finding.DIFFERS: "An article says nearly this; what differs is marked in both.",
    Finding.NEAREST: "No article says it in these words. These come nearest; read them.",
    Finding.NOTHING: "The library has nothing near it.",
}


def checked_page(draft: str, checker: Checker) -> str:
    """Check a draft and return what was found, or what is wrong with it."""
    try:
        return draft_page(draft, checker.check(draft))
    except IbidError as error:
        return problem(str(error))


def draft_page(draft: str, check: Check) -> str:
    """Return a draft's parts in their order, each with what was found."""
    found = Counter(sentence.finding for sentence in check.sentences)
    told = ", ".join(f"{found[one]} {LABELS[one].lower()}" for one in Finding if found[one])
    parts: list[CheckedSentence | SkippedText] = sorted(
        [*check.sentences, *check.skipped],
        key=lambda part: part.start,
    )
    items = "".join(
        _skipped(part) if isinstance(part, SkippedText) else _sentence(draft, part)
        for part in parts
    )
    sentences = count(len(check.sentences), "sentence")
    return f'<p role="status">{sentences} checked: {told}.</p><ol class="draft">{items}</ol>'


def _sentence(draft: str, sentence: CheckedSentence) -> str:
    marks = [item.draft for item in sentence.differences if item.draft]
    text = _marked(draft, Span(sentence.start, sentence.end), marks)
    finding = sentence.finding
    quotes = "".join(_quotes(sentence))
    return (
        f'<li class="{finding}"><p class="said"><span class="finding" title="{TOLD[finding]}">'
        f"{LABELS[finding]}</span> {text}</p>"
        f'<p class="source">{TOLD[finding]}</p>{f"<ul>{quotes}</ul>" if quotes else ""}</li>'
    )


def _skipped(part: SkippedText) -> str:
    return (
        f'<li class="skipped"><p class="said"><span class="finding">Not checked</span> '
        f'{escape(part.text)}</p><p class="source">It is a {escape(part.why)}.</p></li>'
    )


def _quotes(sentence: CheckedSentence) -> Iterator[str]:
    """Yield the quotes as cards; the differences are those from the first."""
    for number, quote in enumerate(sentence.quotes):
        ranges = [item.quote for item in sentence.differences if item.quote and number == 0]
        words = _marked(quote.quote, Span(0, len(quote.quote)), ranges)
        repeated = sentence.finding is Finding.VERBATIM
        yield _quote(quote, "" if repeated else f"<blockquote>{words}</blockquote>")


def _quote(quote: Quote, words: str) -> str:
    named = source(quote.author, quote.publisher, quote.published, quote.place)
    return f"<li>{title_button(Place.of(quote), quote.title)}{named}{words}</li>"


def _marked(text: str, span: Span, ranges: Iterable[tuple[int, int]]) -> str:
    """Return a part of a text with ranges of the text marked in it."""
    pieces, last = list[str](), span.start
    for start, end in sorted(ranges):
        pieces += [escape(text[last:start]), f"<mark>{escape(text[start:end])}</mark>"]
        last = end
    return "".join([*pieces, escape(text[last : span.end])])
