"""Answers and articles as HTML for the chat page; every text in it is escaped, none is markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from rag.types import Answer, Citation, Disagreement, Source, Statement
from ui.actions import answer_actions
from ui.evidence import (
    Around,
    LookAround,
    Place,
    cards,
    cited_card,
    marker,
    nearest_card,
    source,
    title_button,
)
from ui.wording import notes, summary


@dataclass(frozen=True)
class Exchange:
    """A question of the conversation, and what has come of it so far.

    `within` tells the filters that it was asked with. `key` is the name by which the browser keeps
    the answer, `kept` whether it has it. `lapses` tell what of a kept answer no longer holds.
    """

    question: str
    statements: tuple[Statement, ...] = ()
    answer: Answer | None = None
    problem: str | None = None
    stage: str = "reading"
    within: str = ""
    key: str = ""
    kept: bool = False
    lapses: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.answer is None and self.problem is None and not self.lapses


Conversation = tuple[Exchange, ...]

STAGES = {
    "reading": "Looking through the articles…",
    "choosing": "Choosing among the articles' sentences…",
    "summarizing": "Summing up…",
}


@dataclass(frozen=True)
class Frame:
    """What a conversation is shown with: what stands around quotes, questions that get an answer.

    `rated` is whether answers can be rated: where the library cannot be written, they cannot.
    """

    around: LookAround = lambda _quote: Around()
    examples: tuple[str, ...] = ()
    rated: bool = False


def header(articles: int) -> str:
    """Return the name, the promise and how many articles stand behind the answers."""
    return (
        "<header><h1>Ibid</h1><p>Every statement stands on a verbatim quote. "
        f"<span>Answers from {count(articles, 'article')}.</span></p></header>"
    )


def limits(told: str, wrong: str = "") -> str:
    """Return the line that tells which filters are set, or what is wrong with them, or nothing."""
    line = wrong or (f"Only: {told}" if told else "")
    return f'<p role="status">{escape(line)}</p>' if line else ""


def start_page(articles: int, examples: Iterable[str]) -> str:
    """Return what an empty conversation shows."""
    if not articles:
        return _section(
            "start",
            "<h2>The library is empty</h2>"
            "<p>Add articles with <code>ibid ingest</code>, then ask about them here.</p>",
        )
    return _section(
        "start",
        "<h2>Ask. Then check every word.</h2>"
        f"<p>Answers come from {count(articles, 'article')}. Each statement has a number: "
        "open it to read the quote where it stands in its article. "
        f"Where the articles do not answer, Ibid says so.</p>{_examples(examples)}",
    )


def conversation_page(conversation: Conversation, frame: Frame | None = None) -> str:
    """Return a conversation, each answer beside the evidence of its own.

    The last answer is there as JSON too, until the browser has kept it.
    """
    frame = frame or Frame()
    *before, last = conversation or (None,)
    shown = [_exchange(exchange, frame, last=False) for exchange in before if exchange]
    return "".join([*shown, _exchange(last, frame, last=True) if last else ""])


def _examples(examples: Iterable[str]) -> str:
    buttons = "".join(
        f'<li><button type="button" class="example" data-question="{escape(example)}">'
        f"{escape(example)}</button></li>"
        for example in examples
    )
    return f'<ul class="examples" aria-label="Example questions">{buttons}</ul>' * bool(buttons)


def _exchange(exchange: Exchange, frame: Frame, *, last: bool) -> str:
    heading, evidence = _evidence(exchange, frame.around)
    fresh = last and exchange.answer and not exchange.kept
    answer = escape(exchange.answer.model_dump_json()) if fresh and exchange.answer else ""
    rated = frame.rated and exchange.answer is not None
    actions = answer_actions(again=last, taken=exchange.answer is not None, rated=rated)
    actions = "" if exchange.running else actions
    return (
        f'<article class="exchange" data-key="{escape(exchange.key)}" data-answer="{answer}">'
        f'<h2 class="question">{escape(exchange.question)}</h2>'
        '<div class="answer" role="log" aria-live="polite" aria-label="Answer">'
        f"{_answer(exchange, frame.examples if last else ())}"
        f"{actions}</div>"
        f'<aside class="evidence" aria-label="{heading}">{cards(heading, evidence)}</aside>'
        "</article>"
    )


def _evidence(exchange: Exchange, around: LookAround) -> tuple[str, list[str]]:
    if exchange.answer and exchange.answer.nearest:
        return "Nearest passages", [nearest_card(quote) for quote in exchange.answer.nearest]
    citations = {item.number: item for said in exchange.statements for item in said.citations}
    numbers = {Place.of(item): item.number for item in citations.values()}
    return "Evidence", [cited_card(item, around(item), numbers) for item in citations.values()]


def _answer(exchange: Exchange, examples: Sequence[str]) -> str:
    rewritten = exchange.answer.rewritten if exchange.answer else None
    parts = [f'<p class="rewritten">Read as: {escape(rewritten)}</p>'] if rewritten else []
    if exchange.within:
        parts.append(f'<p class="rewritten">Only: {escape(exchange.within)}</p>')
    if exchange.answer:
        parts.append(_summary(exchange.answer))
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
        parts.append(problem(exchange.problem))
    if exchange.answer:
        parts.append(_outcome(exchange.answer, examples))
    if exchange.lapses:
        parts.append(_lapsed(exchange.lapses))
    return "".join(parts)


def _lapsed(lapses: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(lapse)}</li>" for lapse in lapses)
    return (
        '<div class="lapsed" role="note"><p>Checked again with the articles as they are now. '
        f"Not all of this answer holds.</p><ul>{items}</ul></div>"
    )


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


def _outcome(answer: Answer, examples: Sequence[str]) -> str:
    if answer.refusal:
        return (
            '<div class="refusal"><p class="refusal-title">'
            '<span class="icon" aria-hidden="true">⊘</span> No answer given</p>'
            f'<p class="refusal-message">{escape(answer.refusal.message)}</p>'
            f"{_missing(answer.refusal.missing)}{_offers(answer, examples)}</div>"
        )
    noted = notes(answer.engine, answer.generation)
    told = "".join(f'<p class="note">{escape(note)}</p>' for note in noted)
    sources = len({citation.article_id for citation in answer.citations})
    counts = (
        f"{count(len(answer.citations), 'quote')} from {count(sources, 'article')}, "
        "each checked against its text"
    )
    return f'<p class="counts">{counts}</p>{told}'


def _summary(answer: Answer) -> str:
    """Return the model's summary, marked as its own words."""
    if not answer.summary or not answer.generation:
        return ""
    said = escape(summary(answer.generation.model, answer.summary))
    return f'<p class="note summary">{said}</p>'


def _offers(answer: Answer, examples: Sequence[str]) -> str:
    """Return what the library does have: the articles that come nearest, questions it answers."""
    near = {quote.article_id: quote for quote in reversed(answer.nearest)}
    titles = "".join(
        f"<li>{title_button(Place.of(quote), quote.title)}</li>"
        for quote in reversed(near.values())
    )
    parts = []
    if titles:
        parts.append(
            "<p>The nearest passages are listed as pointers, not as an answer. They are from:</p>"
            f'<ul class="titles">{titles}</ul>'
        )
    others = [example for example in examples if example != answer.question]
    if others:
        parts.append(f"<p>Questions that the articles do answer:</p>{_examples(others)}")
    return "".join(parts)


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


def problem(message: str) -> str:
    """Return an error as the page shows it."""
    return f'<p class="problem" role="alert">{escape(message)}</p>'


def count(number: int, noun: str) -> str:
    """Return a number with what it counts."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _section(name: str, body: str) -> str:
    return f'<section class="{name}">{body}</section>'
