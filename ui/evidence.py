"""Quotes as cards, with what stands around them, and the article that they open; all escaped."""

from collections.abc import Callable, Mapping
from html import escape
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ingest.types import Article
from rag.types import BESIDE, Citation, Quote, tidy

SHOWN_AROUND = 240
"""Characters shown of what stands before a quote, and of what stands after it."""
WHOLE = 64
"""A quote up to this many characters is not shortened between what stands around it."""
HEAD, TAIL = 36, 22


class Place(BaseModel):
    """Where a quote stands: what the page sends back to open it in its article.

    An article that is opened at no quote has the end 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    article_id: str
    sha256: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)

    @classmethod
    def of(cls, quote: Quote) -> "Place":
        """Return the place of a quote."""
        return cls(**quote.model_dump(include=set(cls.model_fields)))


class Around(NamedTuple):
    """The units that stand before and after a quote, None at either end of its article."""

    before: Quote | None = None
    after: Quote | None = None

    @classmethod
    def of(cls, article: Article, quote: Quote) -> "Around":
        """Return what stands around a quote in the article whose text it quotes."""
        units = article.units
        before = [unit for unit in units if unit.end <= quote.start][-1:]
        after = [unit for unit in units if unit.start >= quote.end][:1]
        return cls(*(Quote.of(article, side[0].span) if side else None for side in (before, after)))


LookAround = Callable[[Quote], Around]
Numbers = Mapping[Place, int]


def cited_card(citation: Citation, around: Around, numbers: Numbers) -> str:
    """Return the card of a citation whose words a statement shows: what stands around them.

    What is quoted itself is named by its number.
    """
    before, after = around
    body = " ".join(
        filter(
            None,
            (
                _side(before, numbers, ending=True),
                "…" if before and citation.start - before.end > BESIDE else "",
                f"<mark>{escape(_shortened(tidy(citation.quote)))}</mark>",
                "…" if after and after.start - citation.end > BESIDE else "",
                _side(after, numbers, ending=False),
            ),
        )
    )
    return _card(citation, f'<span class="number">{citation.number}</span>', body)


def nearest_card(quote: Quote) -> str:
    """Return the card of a quote that is shown nowhere else."""
    return _card(quote, "", escape(tidy(quote.quote)))


def cards(heading: str, items: list[str]) -> str:
    """Return cards under a heading, or nothing."""
    return f"<h3>{heading}</h3><ol>{''.join(items)}</ol>" if items else ""


def marker(citation: Citation) -> str:
    """Return the button of a citation's number, which opens its article."""
    label = escape(f"Citation {citation.number}: {citation.title}")
    place = escape(Place.of(citation).model_dump_json())
    return (
        f'<button type="button" class="marker" aria-haspopup="dialog" aria-label="{label}" '
        f'title="{label}" data-at="{place}" data-place="{place}">[{citation.number}]</button>'
    )


def title_button(place: Place, title: str) -> str:
    """Return an article's title as a button that opens it."""
    at = escape(place.model_dump_json())
    return (
        f'<button type="button" class="title" aria-haspopup="dialog" data-place="{at}">'
        f"{escape(title)}</button>"
    )


def source(
    author: str | None, publisher: str | None, published: str | None, place: str | None = None
) -> str:
    """Return the line that names a source by what it says of itself."""
    said = [escape(item) for item in (author, publisher) if item]
    said.append(f"<time>{escape(published)}</time>" if published else "no date given")
    said += [escape(place)] if place else []
    return f'<p class="source">{" · ".join(said)}</p>'


def reader_page(article: Article, place: Place, present: Article | None = None) -> str:
    """Return the text that was quoted with the quote marked, or a warning where it is not kept.

    It is also said where that is not the article's present text.
    """
    text = article.text
    body = escape(text)
    changed = ""
    if article.sha256 == place.sha256:
        before, quote, after = text[: place.start], text[place.start : place.end], text[place.end :]
        if quote:
            body = f'{escape(before)}<mark tabindex="-1">{escape(quote)}</mark>{escape(after)}'
        if present is not None and article.sha256 != present.sha256:
            changed = _warning("Below is the text that was quoted.")
    else:
        changed = _warning("Below is its present text.")
    data = article.metadata
    return (
        f'<header><h2 id="reader-title">{escape(article.title)}</h2>'
        f"{source(data.author, data.publisher, data.published)}{_original(data.url)}</header>"
        f'{changed}<div class="article-text" tabindex="0" role="region" '
        f'aria-label="Article text">{body}</div>'
    )


def reader_problem(message: str) -> str:
    """Return what the reader shows in place of an article it cannot show."""
    return (
        '<header><h2 id="reader-title">This article cannot be shown</h2></header>'
        f'<p class="warning" role="alert">{escape(message)}</p>'
    )


def _warning(below: str) -> str:
    return (
        f'<p class="warning" role="alert">This article has changed since it was quoted. {below}</p>'
    )


def _card(quote: Quote, label: str, body: str) -> str:
    place = escape(Place.of(quote).model_dump_json())
    return (
        f'<li class="card" data-place="{place}">{label}<div>'
        f'<button type="button" class="title" aria-haspopup="dialog" data-at="card {place}">'
        f"{escape(quote.title)}</button>"
        f"{source(quote.author, quote.publisher, quote.published, quote.place)}"
        f"<blockquote>{body}</blockquote></div></li>"
    )


def _side(quote: Quote | None, numbers: Numbers, *, ending: bool) -> str:
    """Return what stands on one side of a quote: the end of what is before, the start of after."""
    if quote is None:
        return ""
    if number := numbers.get(Place.of(quote)):
        return f'<span class="elsewhere">[{number}]</span>'
    text = tidy(quote.quote)
    if len(text) > SHOWN_AROUND:
        text = f"… {_tail(text, SHOWN_AROUND)}" if ending else f"{_head(text, SHOWN_AROUND)} …"
    return f"<span>{escape(text)}</span>"


def _shortened(text: str) -> str:
    return text if len(text) <= WHOLE else f"{_head(text, HEAD)} … {_tail(text, TAIL)}"


def _head(text: str, length: int) -> str:
    """Return the start of a text, of whole words where it has spaces."""
    return text[:length].rsplit(" ", 1)[0]


def _tail(text: str, length: int) -> str:
    """Return the end of a text, of whole words where it has spaces."""
    return text[-length:].split(" ", 1)[-1]


def _original(url: str | None) -> str:
    if not url or not url.startswith(("http://", "https://")):
        return ""
    return (
        f'<p class="source"><a href="{escape(url)}" target="_blank" rel="noopener noreferrer">'
        "Open the original</a></p>"
    )
