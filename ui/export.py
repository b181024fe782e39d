"""A conversation, or one answer of it, to take away: plain text, Markdown or a page by itself.

What no longer holds is left out and named, as on the page (see `ui.saved`).
"""

import re
from collections.abc import Iterator
from html import escape

from rag.types import Citation, Quote, tidy
from ui.markup import Conversation, Exchange
from ui.wording import LACKING, NEAREST, appendix, paragraph

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")
_MARKER = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)", re.MULTILINE)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.6 Georgia, serif }
h1, h2 { font-size: 1.3rem; line-height: 1.35 }
article + article { border-top: 1px solid; margin-top: 2rem }
ol, ul, aside { font-size: .9rem } blockquote { margin: .2rem 0 .8rem } p { white-space: pre-line }
sup a { text-decoration: none }
"""


def as_text(conversation: Conversation) -> str:
    """Return answers as plain text, with numbered footnotes."""
    return "\n\n\n".join("\n\n".join(_text(exchange)) for exchange in conversation) + "\n"


def as_markdown(conversation: Conversation) -> str:
    """Return answers in Markdown with footnotes; what articles say is escaped."""
    blocks = [
        block
        for number, exchange in enumerate(conversation, 1)
        for block in _markdown(exchange, f"{number}-" if len(conversation) > 1 else "")
    ]
    return "\n\n".join(blocks) + "\n"


def as_html(conversation: Conversation) -> str:
    """Return answers as a page that needs nothing else: no script, no address is loaded."""
    title = escape(conversation[0].question if conversation else "Ibid")
    body = "".join(
        f"<article>{''.join(_html(exchange, f'{number}-'))}</article>"
        for number, exchange in enumerate(conversation, 1)
    )
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style><body>{body}</body></html>\n"
    )


def _text(exchange: Exchange) -> Iterator[str]:
    yield exchange.question
    yield from map(paragraph, exchange.statements)
    if exchange.answer:
        yield appendix(exchange.answer)
    else:
        yield from (f"[{item.number}] {_named(item)}" for item in _citations(exchange))
    yield from exchange.lapses


def _markdown(exchange: Exchange, prefix: str) -> Iterator[str]:
    yield f"## {_plain(exchange.question)}"
    for statement in exchange.statements:
        marks = "".join(f"[^{prefix}{item.number}]" for item in statement.citations)
        yield f"{_plain(statement.text)} {marks}"
    yield from (f"*{_plain(text)}*" for text in _told(exchange))
    yield from (f"- {_plain(_named(quote))}" for quote in _nearest(exchange))
    for citation in _citations(exchange):
        yield f"[^{prefix}{citation.number}]: {_plain(_named(citation))}"


def _html(exchange: Exchange, prefix: str) -> Iterator[str]:
    yield f"<h2>{escape(exchange.question)}</h2>"
    for statement in exchange.statements:
        marks = "".join(
            f'<sup><a href="#{prefix}{item.number}">[{item.number}]</a></sup>'
            for item in statement.citations
        )
        yield f"<p>{escape(statement.text)} {marks}</p>"
    yield from (f"<aside>{escape(text)}</aside>" for text in _told(exchange))
    if near := _nearest(exchange):
        yield f"<ul>{''.join(f'<li>{escape(_named(quote))}</li>' for quote in near)}</ul>"
    if cited := _citations(exchange):
        items = (
            f'<li id="{prefix}{item.number}" value="{item.number}">{escape(_named(item))}</li>'
            for item in cited
        )
        yield f"<ol>{''.join(items)}</ol>"


def _told(exchange: Exchange) -> Iterator[str]:
    """Yield what is said beside the statements: a refusal, where sources differ, what lapsed."""
    answer = exchange.answer
    if answer and answer.refusal:
        yield answer.refusal.message
        if answer.refusal.missing:
            yield f"{LACKING} {', '.join(answer.refusal.missing)}."
        if answer.nearest:
            yield NEAREST
    for item in answer.disagreements if answer else ():
        sides = (exchange.statements[index].citations for index in item.statements)
        numbers = ", ".join(f"[{citation.number}]" for side in sides for citation in side)
        yield f"The sources differ: {numbers}."
    yield from exchange.lapses


def _nearest(exchange: Exchange) -> tuple[Quote, ...]:
    return exchange.answer.nearest if exchange.answer else ()


def _citations(exchange: Exchange) -> list[Citation]:
    found = {item.number: item for said in exchange.statements for item in said.citations}
    return [found[number] for number in sorted(found)]


def _named(quote: Quote) -> str:
    known = [quote.title, quote.author, quote.publisher, quote.published or "undated", quote.place]
    where = f"{quote.article_id}, characters {quote.start} to {quote.end}"
    return f"{', '.join(filter(None, known))}: “{tidy(quote.quote)}” ({where})"


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    lines = (_MARKER.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line)) for line in text.split("\n"))
    return "  \n".join(lines)
