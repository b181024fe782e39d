"""The conversation's handlers: what is shown as answers grow, are asked again or come back."""

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr
from pydantic import ValidationError

from ingest.errors import IbidError
from rag.build import Ibid
from rag.types import Answer, Quote, Turn, Working
from ui import feedback
from ui.bodies import FilterBody
from ui.evidence import Around, Place, reader_page, reader_problem
from ui.examples import Examples
from ui.export import as_html, as_markdown, as_text
from ui.filters import Chosen, described
from ui.markup import Conversation, Exchange, Frame, conversation_page, header, limits, start_page
from ui.saved import restore_all

logger = logging.getLogger(__name__)

FAILED = "Ibid failed on this question; its log says why."
STOPPED = "Stopped before the answer was complete."

EXPORTS = {"text": as_text, "md": as_markdown, "html": as_html}
_IDLE: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
_RUNNING: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}


class View(NamedTuple):
    """What a handler gives the page; the order is that of the page's outputs."""

    conversation: Any
    exchanges: Any
    question: Any


NOTHING = View(gr.skip(), gr.skip(), gr.skip())


class Dialogue:
    """A conversation is the browser session's own; this keeps none."""

    def __init__(self, ibid: Ibid) -> None:
        self._ibid = ibid
        self._examples = Examples(ibid.library, ibid.with_model(None).engine)

    def header(self) -> str:
        """Return the header for the library as it is now."""
        return header(self._ibid.library.count_articles())

    def start(self) -> str:
        """Return the start page for the library as it is now."""
        examples = self._examples.now()
        return start_page(self._ibid.library.count_articles(), examples)

    def ask(self, question: str, exchanges: Conversation, *chosen: Any) -> Iterator[View]:  # noqa: ANN401
        """Yield the page after each statement of the answer."""
        if not question.strip() or (exchanges and exchanges[-1].running):
            yield NOTHING
            return
        box, shown = gr.Textbox(value="", **_RUNNING), None
        for exchange in self._answer(question, exchanges, chosen):
            now = (*exchanges, exchange)
            if exchange == shown:  # a sign of life: nothing to show, but a moment to be stopped in
                yield NOTHING
                continue
            yield View(self._show(now), now, box if exchange.running else _idle(exchange))
            box, shown = gr.skip(), exchange

    def ask_example(
        self,
        event: gr.EventData,
        exchanges: Conversation,
        *chosen: Any,  # noqa: ANN401
    ) -> Iterator[View]:
        """Ask the example question that was clicked."""
        yield from self.ask(str(event.question), exchanges, *chosen)

    def ask_again(self, exchanges: Conversation, *chosen: Any) -> Iterator[View]:  # noqa: ANN401
        """Ask the last question once more, in place of its answer."""
        if not exchanges or exchanges[-1].running:
            yield NOTHING
            return
        yield from self.ask(exchanges[-1].question, exchanges[:-1], *chosen)

    def limits(self, *chosen: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Return how the filters that are set are told, and the button that clears them."""
        try:
            body = Chosen(*chosen).body()
            body.filters()
            line = limits(self._described(body))
        except IbidError as error:
            line = limits("", str(error))
        return line, gr.Button(visible=bool(line))

    def stop(self, exchanges: Conversation) -> View:
        """Close the answer that was running, with the statements it has."""
        if not exchanges or not exchanges[-1].running:
            return View(gr.skip(), gr.skip(), gr.Textbox(**_IDLE))
        now = (*exchanges[:-1], replace(exchanges[-1], problem=STOPPED))
        return View(self._show(now), now, gr.Textbox(**_IDLE))

    def clear(self) -> View:
        """Begin a new conversation."""
        return self._open(())

    def restore(self, event: gr.EventData) -> View:
        """Show a conversation that the browser kept, as far as it holds today."""
        kept = {"entries": getattr(event, "entries", None)}
        return self._open(restore_all(kept, self._ibid.library))

    def export(self, data: object) -> str:
        """Return answers that the browser kept, as far as they hold, to be taken away."""
        written = EXPORTS.get(str(data.get("format")) if isinstance(data, dict) else "")
        return written(restore_all(data, self._ibid.library)) if written else ""

    def rate(self, data: object) -> dict[str, str]:
        """Keep what a reader says of an answer; return what became of it, and a known fact."""
        try:
            return feedback.rate(data, self._ibid.library).model_dump()
        except IbidError as error:
            return {"told": str(error)}

    def read(self, data: str) -> str:
        """Return the article at a place that the page sent, with the quote marked."""
        try:
            place = Place.model_validate_json(data)
            library = self._ibid.library
            present = library.article(place.article_id)
            return reader_page(
                library.version(place.article_id, place.sha256) or present, place, present
            )
        except ValidationError:
            return reader_problem("The page asked for a place that is none.")
        except IbidError as error:
            return reader_problem(str(error))

    def _open(self, conversation: Conversation) -> View:
        shown = self._show(conversation) if conversation else self.start()
        return View(shown, conversation, gr.Textbox(value="", **_IDLE))

    def _show(self, exchanges: Conversation) -> str:
        rated = not self._ibid.library.read_only
        return conversation_page(exchanges, Frame(self._around, self._examples.found, rated))

    def _around(self, quote: Quote) -> Around:
        article = self._ibid.library.version(quote.article_id, quote.sha256)
        return Around.of(article, quote) if article else Around()

    def _answer(
        self, question: str, exchanges: Conversation, chosen: Sequence[Any]
    ) -> Iterator[Exchange]:
        """Yield the exchange as it grows; an error ends it with its message."""
        exchange = Exchange(question, key=f"{time.time_ns():016x}-{secrets.token_hex(4)}")
        yield exchange
        try:
            body = Chosen(*chosen).body()
            exchange = replace(exchange, within=self._described(body))
            filters = body.filters()
            for item in self._ibid.engine.stream(question, _history(exchanges), filters):
                if isinstance(item, Answer):
                    exchange = replace(exchange, answer=item)
                elif isinstance(item, Working):
                    exchange = replace(exchange, stage=item.stage)
                else:
                    exchange = replace(exchange, statements=(*exchange.statements, item))
                yield exchange
        except IbidError as error:
            yield replace(exchange, problem=str(error))
        except Exception:
            logger.exception("the question failed")
            yield replace(exchange, problem=FAILED)

    def _described(self, body: FilterBody) -> str:
        return described(body, [self._ibid.library.article(name).title for name in body.articles])


def _idle(exchange: Exchange) -> gr.Textbox:
    """Return the question box ready again, with the question in it if that was the problem."""
    if exchange.problem:
        return gr.Textbox(value=exchange.question, **_IDLE)
    return gr.Textbox(**_IDLE)


def _history(exchanges: Conversation) -> list[Turn]:
    turns = []
    for exchange in exchanges:
        said = " ".join(statement.text for statement in exchange.statements)
        refused = exchange.answer.refusal if exchange.answer else None
        if exchange.answer or (exchange.lapses and said):
            turns.append(Turn(role="user", content=exchange.question))
            turns.append(Turn(role="assistant", content=refused.message if refused else said))
    return turns
