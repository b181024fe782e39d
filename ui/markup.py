"""Answers and articles as HTML for the chat page; every text in it is escaped, none is markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from pydantic import BaseModel, ConfigDict, Field

from ingest.types import Article
from rag.types import Answer, Citation, Disagreement, Quote, Source, Statement, tidy
from ui.wording import notes, summary


class Place(BaseModel):
    """Where a quote stands: what the page sends back to open it in its article."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    article_id: str
    sha256: str
    start: int = Field(ge=0)
    end: int = Field(gt=0)

    @classmethod
    def of(cls, quote: Quote) -> "Place":
        """Return the place of a quote."""
        return cls(**quote.model_dump(include=set(cls.model_fields)))


@dataclass(frozen=True)
class Exchange:
    """A question of the conversation, and what has come of it so far."""

    question: str
    statements: tuple[Statement, ...] = ()
    answer: Answer | None = None
    problem: str | None = None
    stage: str = "reading"

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.answer is None and self.problem is None


Conversation = tuple[Exchange, ...]

STAGES = {
    "reading": "Looking through the articles…",
    "choosing": "Choosing among the articles' sentences…",
    "summarizing": "Summing up…",
}


def header(articles: int) -> str:
    """Return the name, the promise and how many articles stand behind the answers."""
    return (
        "<header><h1>Ibid</h1><p>Every statement stands on a verbatim quote. "
        f"<span>Answers from {_count(articles, 'article')}.</span></p></header>"
    )


def start_page(articles: int, examples: Iterable[str]) -> str:
    """Return what an empty conversation shows."""
    if not articles:
        return _section(
            "start",
            "<h2>The library is empty</h2>"
            "<p>Add articles with <code>ibid ingest</code>, then ask about them here.</p>",
        )
    buttons = "".join(
        f'<li><button type="button" class="example" data-question="{escape(example)}">'
        f"{escape(example)}</button></li>"
        for example in examples
    )
    return _section(
        "start",
        "<h2>Ask. Then check every word.</h2>"
        f"<p>Answers come from {_count(articles, 'article')}. Each statement has a number: "
        "open it to read the quote where it stands in its article. "
        "Where the articles do not answer, Ibid says so.</p>"
        + (f'<ul class="examples" aria-label="Example questions">{buttons}</ul>' * bool(buttons)),
    )


def conversation_page(conversation: Conversation) -> str:
    """Return a conversation, each answer beside the evidence of its own."""
    return "".join(_exchange(exchange) for exchange in conversation)


def reader_page(article: Article, place: Place, present: Article | None = None) -> str:
    """Return the text that was quoted with the quote marked, or a warning where it is not kept.

    It is also said where that is not the article's present text.
    """
    text = article.text
    body = escape(text)
    changed = ""
    if article.sha256 == place.sha256:
        before, quote, after = text[: place.start], text[place.start : place.end], text[place.end :]
        body = f'{escape(before)}<mark tabindex="-1">{escape(quote)}</mark>{escape(after)}'
        if present is not None and article.sha256 != present.sha256:
            changed = (
                '<p class="warning" role="alert">This article has changed since it was quoted. '
                "Below is the text that was quoted.</p>"
            )
    else:
        changed = (
            '<p class="warning" role="alert">This article has changed since it was quoted. '
            "Below is its present text.</p>"
        )
    data = article.metadata
    return (
        f'<header><h2 id="reader-title">{escape(article.title)}</h2>'
        f"{_source(data.author, data.publisher, data.published)}{_original(data.url)}</header>"
        f'{changed}<div class="article-text" tabindex="0" role="region" '
        f'aria-label="Article text">{body}</div>'
    )


def reader_problem(message: str) -> str:
    """Return what the reader shows in place of an article it cannot show."""
    return (
        '<header><h2 id="reader-title">This article cannot be shown</h2></header>'
        f'<p class="warning" role="alert">{escape(message)}</p>'
    )


def _exchange(exchange: Exchange) -> str:
    answer = exchange.answer
    citations = {item.number: item for said in exchange.statements for item in said.citations}
    evidence = [_card(item, item.number) for item in citations.values()]
    heading = "Evidence"
    if answer and answer.nearest:
        evidence = [_card(quote) for quote in answer.nearest]
        heading = "Nearest passages"
    return (
        '<article class="exchange">'
        f'<h2 class="question">{escape(exchange.question)}</h2>'
        '<div class="answer" role="log" aria-live="polite" aria-label="Answer">'
        f"{_answer(exchange)}</div>"
        f'<aside class="evidence" aria-label="{heading}">{_cards(heading, evidence)}</aside>'
        "</article>"
    )


def _answer(exchange: Exchange) -> str:
    rewritten = exchange.answer.rewritten if exchange.answer else None
    parts = [f'<p class="rewritten">Read as: {escape(rewritten)}</p>'] if rewritten else []
    differences = exchange.answer.disagreements if exchange.answer else ()
    differing = {number for item in differences for number in item.statements}
    parts += [_difference(item, exchange.statements) for item in differences]
    parts += [
        _statement(statement)
        for number, statement in enumerate(exchange.statements)
        if number not in differing
    ]
    if exchange.running:
        parts.append(f'<p class="running">{STAGES[exchange.stage]}</p>')
    if exchange.problem:
        parts.append(f'<p class="problem" role="alert">{escape(exchange.problem)}</p>')
    if exchange.answer:
        parts.append(_outcome(exchange.answer))
    return "".join(parts)


def _statement(statement: Statement) -> str:
    markers = "".join(_marker(citation) for citation in statement.citations)
    return (
        f'<div class="statement">{_said(statement)} <span class="markers">{markers}</span>'
        f"{_also_in(statement.also_in)}</div>"
    )


def _also_in(sources: Sequence[Source]) -> str:
    """Name the other articles that say a statement in the same words."""
    if not sources:
        return ""
    named = "; ".join(escape(", ".join(filter(None, (s.title, s.publisher)))) for s in sources)
    return f'<p class="source">In the same words also in: {named}</p>'


def _said(statement: Statement) -> str:
    """Return a statement's text with its focus marked; a table's header and rows as a table."""
    rows = [line.split(" | ") for line in statement.text.split("\n")]
    if len(rows) > 1 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
        return _table(rows, _focused(statement))
    text, focus = statement.text, statement.focus
    if focus is None:
        return f"<span>{escape(text)}</span>"
    before, words, after = text[: focus[0]], text[slice(*focus)], text[focus[1] :]
    mark = f'<strong class="focus">{escape(words)}</strong>'
    return f"<span>{escape(before)}{mark}{escape(after)}</span>"


def _focused(statement: Statement) -> str:
    return statement.text[slice(*statement.focus)] if statement.focus else ""


def _table(rows: Sequence[Sequence[str]], focus: str) -> str:
    header = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in rows[0])
    body = "".join(
        "<tr>"
        + "".join(
            f'<td><strong class="focus">{escape(cell)}</strong></td>'
            if cell == focus
            else f"<td>{escape(cell)}</td>"
            for cell in row
        )
        + "</tr>"
        for row in rows[1:]
    )
    return f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"


def _marker(citation: Citation) -> str:
    label = escape(f"Citation {citation.number}: {citation.title}")
    return (
        f'<button type="button" class="marker" aria-haspopup="dialog" aria-label="{label}" '
        f'title="{label}" {_place(citation)}>[{citation.number}]</button>'
    )


def _outcome(answer: Answer) -> str:
    if answer.refusal:
        pointer = "<p>The nearest passages are listed as pointers, not as an answer.</p>"
        return (
            '<div class="refusal"><p class="refusal-title">'
            '<span class="icon" aria-hidden="true">⊘</span> No answer given</p>'
            f'<p class="refusal-message">{escape(answer.refusal.message)}</p>'
            f"{_missing(answer.refusal.missing)}{pointer if answer.nearest else ''}</div>"
        )
    noted = notes(answer.engine, answer.generation)
    told = "".join(f'<p class="note">{escape(note)}</p>' for note in noted)
    sources = len({citation.article_id for citation in answer.citations})
    counts = (
        f"{_count(len(answer.citations), 'quote')} from {_count(sources, 'article')}, "
        "each checked against its text"
    )
    return f'<p class="counts">{counts}</p>{_summary(answer)}{told}'


def _summary(answer: Answer) -> str:
    """Return the model's summary, marked as its own words."""
    if not answer.summary or not answer.generation:
        return ""
    said = escape(summary(answer.generation.model, answer.summary))
    return f'<p class="note summary">{said}</p>'


def _missing(missing: Sequence[str]) -> str:
    return f"<p>The nearest passages lack: {escape(', '.join(missing))}.</p>" if missing else ""


def _difference(item: Disagreement, statements: Sequence[Statement]) -> str:
    sides = "".join(
        f"<li>{_side(statements[number].citations[-1])}{_statement(statements[number])}</li>"
        for number in item.statements
    )
    return f'<section class="difference"><h3>The sources differ</h3><ul>{sides}</ul></section>'


def _side(citation: Citation) -> str:
    source = citation.publisher or citation.author or citation.title
    return _source(source, None, citation.published)


def _cards(heading: str, cards: list[str]) -> str:
    return f"<h3>{heading}</h3><ol>{''.join(cards)}</ol>" if cards else ""


def _card(quote: Quote, number: int | None = None) -> str:
    shown = f'<span class="number">{number}</span>' if number else ""
    return (
        f'<li class="card" {_place(quote)}>{shown}<div>'
        f'<button type="button" class="title" aria-haspopup="dialog">{escape(quote.title)}</button>'
        f"{_source(quote.author, quote.publisher, quote.published, quote.place)}"
        f"<blockquote>{escape(tidy(quote.quote))}</blockquote></div></li>"
    )


def _place(quote: Quote) -> str:
    return f'data-place="{escape(Place.of(quote).model_dump_json())}"'


def _source(
    author: str | None, publisher: str | None, published: str | None, place: str | None = None
) -> str:
    said = [escape(item) for item in (author, publisher) if item]
    said.append(f"<time>{escape(published)}</time>" if published else "no date given")
    said += [escape(place)] if place else []
    return f'<p class="source">{" · ".join(said)}</p>'


def _original(url: str | None) -> str:
    if not url or not url.startswith(("http://", "https://")):
        return ""
    return (
        f'<p class="source"><a href="{escape(url)}" target="_blank" rel="noopener noreferrer">'
        "Open the original</a></p>"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _section(name: str, body: str) -> str:
    return f'<section class="{name}">{body}</section>'
