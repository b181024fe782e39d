"""The chat page, mounted over the API's app. It shows what the engine gives and decides nothing."""

import logging
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import FastAPI
from pydantic import ValidationError

from ingest.errors import IbidError
from ingest.types import BlockKind
from rag.build import Ibid
from rag.types import Answer, Quote, Turn, Working, tidy
from ui.evidence import Around, Place, reader_page, reader_problem
from ui.markup import Conversation, Exchange, conversation_page, header, start_page

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr  # after its variable is set

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
SCRIPTS = ("reader.js", "chat.js")
CONCURRENT_ANSWERS = 4
EXAMPLES = 3
EXAMPLE_TRIES = 6
EXAMPLE_ARTICLES = 50
"""Articles looked through for example questions."""

FAILED = "Ibid failed on this question; its log says why."
STOPPED = "Stopped before the answer was complete."
_STANDS_ALONE = re.compile(
    r"(?:What|When|Where|Which|Who|Whom|Whose|Why|How)\b(?=.* (?:[A-Z]|\d)).{10,90}\?"
)
"""A question with a name or number in it, so that it means something outside its article."""

_QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
_SLOW: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": CONCURRENT_ANSWERS,
    "concurrency_id": "answers",
}
_IDLE: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
_RUNNING: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}


class View(NamedTuple):
    """What a handler gives the page; the order is that of the page's outputs."""

    conversation: Any
    exchanges: Any
    question: Any


def mount_chat(app: FastAPI, ibid: Ibid) -> FastAPI:
    """Mount the chat page at "/", behind the routes that the app already has."""
    style = (FOLDER / "chat.css").read_text("utf-8")
    gr.mount_gradio_app(
        app,
        _page(Chat(ibid)),
        path="/",
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        head=f"<style>{style}</style>",
        auth=_login(ibid),
        auth_message="Give any name, and one of this server's API keys as the password.",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
    )
    return app


def _login(ibid: Ibid) -> Callable[[str, str], bool] | None:
    """Return the check of a visitor's key, or None where no keys are set."""
    if ibid.settings.is_key(""):
        return None
    return lambda _name, given: ibid.settings.is_key(given.strip(), "write")


class Chat:
    """The page's handlers. A conversation is the browser session's own; this keeps none."""

    def __init__(self, ibid: Ibid) -> None:
        self._ibid = ibid
        self._extractive = ibid.with_model(None).engine
        self._examples = lru_cache(maxsize=1)(self._find_examples)

    def header(self) -> str:
        """Return the header for the library as it is now."""
        return header(len(self._ibid.library.catalogue()))

    def start(self) -> str:
        """Return the start page for the library as it is now."""
        catalogue = self._ibid.library.catalogue()
        return start_page(len(catalogue), self._examples(tuple(item.sha256 for item in catalogue)))

    def ask(self, question: str, exchanges: Conversation) -> Iterator[View]:
        """Yield the page after each statement of the answer."""
        if not question.strip() or (exchanges and exchanges[-1].running):
            yield View(gr.skip(), gr.skip(), gr.skip())
            return
        box, shown = gr.Textbox(value="", **_RUNNING), None
        for exchange in self._answer(question, exchanges):
            now = (*exchanges, exchange)
            if exchange == shown:  # a sign of life: nothing to show, but a moment to be stopped in
                yield View(gr.skip(), gr.skip(), gr.skip())
                continue
            yield View(self._show(now), now, box if exchange.running else _idle(exchange))
            box, shown = gr.skip(), exchange

    def ask_example(self, exchanges: Conversation, event: gr.EventData) -> Iterator[View]:
        """Ask the example question that was clicked."""
        yield from self.ask(str(event.question), exchanges)

    def stop(self, exchanges: Conversation) -> View:
        """Close the answer that was running, with the statements it has."""
        if not exchanges or not exchanges[-1].running:
            return View(gr.skip(), gr.skip(), gr.Textbox(**_IDLE))
        now = (*exchanges[:-1], replace(exchanges[-1], problem=STOPPED))
        return View(self._show(now), now, gr.Textbox(**_IDLE))

    def clear(self) -> View:
        """Begin a new conversation."""
        return View(self.start(), (), gr.Textbox(value="", **_IDLE))

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

    def _show(self, exchanges: Conversation) -> str:
        return conversation_page(exchanges, self._around)

    def _around(self, quote: Quote) -> Around:
        article = self._ibid.library.version(quote.article_id, quote.sha256)
        return Around.of(article, quote) if article else Around()

    def _answer(self, question: str, exchanges: Conversation) -> Iterator[Exchange]:
        """Yield the exchange as it grows; an error ends it with its message."""
        exchange = Exchange(question)
        yield exchange
        try:
            for item in self._ibid.engine.stream(question, _history(exchanges)):
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

    def _find_examples(self, _hashes: tuple[str, ...]) -> tuple[str, ...]:
        """Return questions that the articles themselves ask and that get an answer."""
        questions = islice(dict.fromkeys(self._asked_by_articles()), EXAMPLE_TRIES)
        return tuple(islice(filter(self._is_answered, questions), EXAMPLES))

    def _is_answered(self, question: str) -> bool:
        try:
            return self._extractive.ask(question).status == "answered"
        except IbidError:
            return False

    def _asked_by_articles(self) -> Iterator[str]:
        library = self._ibid.library
        articles = [library.article(item.id) for item in library.catalogue()[:EXAMPLE_ARTICLES]]
        for kind in (BlockKind.HEADING, BlockKind.TEXT):
            for article in articles:
                spans = [unit.span for unit in article.units if unit.kind is kind]
                if kind is BlockKind.HEADING:
                    spans = [span for unit in article.units for span in unit.headings]
                for span in dict.fromkeys(spans):
                    text = tidy(article.text[span.start : span.end])
                    if _STANDS_ALONE.fullmatch(text):
                        yield text


def _idle(exchange: Exchange) -> gr.Textbox:
    """Return the question box ready again, with the question in it if that was the problem."""
    if exchange.problem:
        return gr.Textbox(value=exchange.question, **_IDLE)
    return gr.Textbox(**_IDLE)


def _history(exchanges: Conversation) -> list[Turn]:
    turns = []
    for exchange in exchanges:
        if answer := exchange.answer:
            said = " ".join(statement.text for statement in answer.statements)
            reply = answer.refusal.message if answer.refusal else said
            turns.append(Turn(role="user", content=exchange.question))
            turns.append(Turn(role="assistant", content=reply))
    return turns


def _page(chat: Chat) -> gr.Blocks:
    def read(place: str) -> str:
        return chat.read(place)

    page = gr.Blocks(title="Ibid", analytics_enabled=False, fill_width=True)
    with page:
        with gr.Row(elem_id="top"):
            name = gr.HTML(apply_default_css=False)
            new = gr.Button("New conversation", elem_id="new", scale=0, size="sm")
        exchanges = gr.State(())
        conversation = gr.HTML(
            apply_default_css=False,
            js_on_load="\n".join((FOLDER / name).read_text("utf-8") for name in SCRIPTS),
            server_functions=[read],
            elem_id="conversation",
        )
        question = gr.Textbox(
            placeholder="Ask a question",
            label="Your question",
            show_label=False,
            max_lines=6,
            autofocus=True,
            submit_btn="Ask",
            elem_id="question",
        )
        page.load(chat.header, None, name, **_QUICK)
        _wire(page, chat, new, View(conversation, exchanges, question))
    page.queue(api_open=False)
    return page


def _wire(page: gr.Blocks, chat: Chat, new: gr.Button, view: View) -> None:
    box, shown, exchanges = view.question, view.conversation, view.exchanges
    running = [
        box.submit(chat.ask, [box, exchanges], list(view), **_SLOW),
        shown.submit(chat.ask_example, [exchanges], list(view), **_SLOW),
    ]
    box.stop(chat.stop, [exchanges], list(view), cancels=running, **_QUICK)
    new.click(chat.clear, None, list(view), cancels=running, **_QUICK)
    page.load(chat.start, None, [shown], **_QUICK)
