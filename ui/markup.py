"""Answers and articles as HTML for the chat page; every text in it is escaped, none is markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from rag.types import Answer, Citation, Disagreement, Source, Statement
from ui.evidence import (
    Around,
    LookAround,
    Place,
    cards,
    cited_card,
    marker,
    nearest_card,
    source,
)
from ui.wording import notes, summary


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


def conversation_page(
    conversation: Conversation, around: LookAround = lambda _quote: Around()
) -> str:
    """Return a conversation, each answer beside the evidence of its own."""
    return "".join(_exchange(exchange, around) for exchange in conversation)


def _exchange(exchange: Exchange, around: LookAround) -> str:
    heading, evidence = _evidence(exchange, around)
    return (
        '<article class="exchange">'
        f'<h2 class="question">{escape(exchange.question)}</h2>'
        '<div class="answer" role="log" aria-live="polite" aria-label="Answer">'
        f"{_answer(exchange)}</div>"
        f'<aside class="evidence" aria-label="{heading}">{cards(heading, evidence)}</aside>'
        "</article>"
    )


def _evidence(exchange: Exchange, around: LookAround) -> tuple[str, list[str]]:
    if exchange.answer and exchange.answer.nearest:
        return "Nearest passages", [nearest_card(quote) for quote in exchange.answer.nearest]
    citations = {item.number: item for said in exchange.statements for item in said.citations}
    numbers = {Place.of(item): item.number for item in citations.values()}
    return "Evidence", [cited_card(item, around(item), numbers) for item in citations.values()]


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
    markers = "".join(marker(citation) for citation in statement.citations)
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
    named = citation.publisher or citation.author or citation.title
    return source(named, None, citation.published)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _section(name: str, body: str) -> str:
    return f'<section class="{name}">{body}</section>'
