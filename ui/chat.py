"""The page, mounted over the API's app. It shows what the engine gives and decides nothing."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from rag.build import Ibid
from rag.check import MAX_DRAFT

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr  # after its variable is set

from ui.dialogue import Dialogue, View
from ui.draft import checked_page
from ui.filters import Chosen, choices, filter_fields
from ui.shelf import Shelf, ShelfView

FOLDER = Path(__file__).parent
STYLES = ("chat.css", "reader.css", "views.css")
SCRIPTS = ("reader.js", "kept.js", "rate.js", "chat.js")
CONCURRENT_ANSWERS = 4

_QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
_SLOW: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": CONCURRENT_ANSWERS,
    "concurrency_id": "answers",
}
_SHOWN = {**_SLOW, "show_progress": "minimal"}
_ONE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def mount_chat(app: FastAPI, ibid: Ibid) -> FastAPI:
    """Mount the page at "/", behind the routes that the app already has."""
    style = _files(STYLES)
    gr.mount_gradio_app(
        app,
        _page(ibid),
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


def _files(names: Sequence[str]) -> str:
    return "\n".join((FOLDER / name).read_text("utf-8") for name in names)


def _login(ibid: Ibid) -> Callable[[str, str], bool] | None:
    """Return the check of a visitor's key, or None where no keys are set."""
    if ibid.settings.is_key(""):
        return None
    return lambda _name, given: ibid.settings.is_key(given.strip(), "write")


def _page(ibid: Ibid) -> gr.Blocks:
    dialogue, shelf = Dialogue(ibid), Shelf(ibid)
    page = gr.Blocks(title="Ibid", analytics_enabled=False, fill_width=True)
    with page:
        with gr.Row(elem_id="top"):
            name = gr.HTML(apply_default_css=False, elem_id="name")
            gr.HTML("<span></span>", apply_default_css=False, elem_id="kept", js_on_load=None)
            new = gr.Button("New conversation", elem_id="new", scale=0, size="sm")
        with gr.Tabs(elem_id="views"):
            with gr.Tab("Ask", id="ask", elem_classes="ask"):
                chosen = _conversation(dialogue, new)
            with gr.Tab("Library", id="library") as library:
                changed = _shelf(shelf, library)
            with gr.Tab("Check a draft", id="check"):
                _draft(ibid)
        for event in (page.load, *changed):
            event(dialogue.header, None, name, **_QUICK)
            event(lambda: choices(ibid.library), None, list(chosen), **_QUICK)
    page.queue(api_open=False)
    # Gradio checks that a file which a visitor names was uploaded only where a page counts as
    # launched; one that is mounted would read any file of this machine.
    page.has_launched = True
    return page


def _shelf(shelf: Shelf, tab: gr.Tab) -> list[Any]:
    """Make the library's view; return what happens when its articles have changed."""
    if shelf.writable:
        files = gr.File(file_count="multiple", label="Add articles", height=150, elem_id="files")
    outcomes = gr.HTML(apply_default_css=False, js_on_load=None, elem_id="outcomes")
    wanted = gr.Textbox(label="Find an article", placeholder="title, author, publisher or date")
    articles = gr.HTML(
        apply_default_css=False,
        js_on_load=_files(["shelf.js"]),
        elem_id="shelf",
    )
    tab.select(shelf.articles, [wanted], [articles], **_QUICK)
    wanted.change(shelf.articles, [wanted], [articles], **_QUICK)
    if not shelf.writable:
        return []
    view = list(ShelfView(articles, outcomes, files))
    changed = [
        files.upload(shelf.upload, [files, wanted], view, **_ONE),
        articles.delete(shelf.delete, [wanted], view, **_QUICK),
    ]
    return [event.then for event in changed]


def _draft(ibid: Ibid) -> None:
    text = gr.Textbox(
        label="Your draft",
        info="Each of its sentences is held against the articles.",
        lines=6,
        max_lines=16,
        max_length=MAX_DRAFT,
    )
    check = gr.Button("Check", elem_id="check", variant="primary")
    found = gr.HTML(apply_default_css=False, js_on_load=None, elem_id="draft")
    check.click(lambda draft: checked_page(draft, ibid.checker), [text], [found], **_SHOWN)


def _conversation(dialogue: Dialogue, new: gr.Button) -> Chosen:
    def start(_: None) -> str:
        return dialogue.start()

    def read(place: str) -> str:
        return dialogue.read(place)

    def export(kept: dict[str, Any]) -> str:
        return dialogue.export(kept)

    def rate(rating: dict[str, Any]) -> dict[str, str]:
        return dialogue.rate(rating)

    exchanges = gr.State(())
    shown = gr.HTML(
        apply_default_css=False,
        js_on_load=_files(SCRIPTS),
        server_functions=[start, read, export, rate],
        elem_id="conversation",
    )
    with gr.Column(elem_id="composer"):
        with gr.Row(elem_id="limits"):
            told = gr.HTML(apply_default_css=False, js_on_load=None)
            clear = gr.Button("Clear the filters", visible=False, scale=0, size="sm")
        box = gr.Textbox(
            placeholder="Ask a question",
            label="Your question",
            show_label=False,
            max_lines=6,
            autofocus=True,
            submit_btn="Ask",
            elem_id="question",
        )
        with gr.Accordion("Filters", open=False, elem_id="filters"):
            chosen = filter_fields()
    view = list(View(shown, exchanges, box))
    running: list[Any] = [
        box.submit(dialogue.ask, [box, exchanges, *chosen], view, **_SLOW),
        shown.submit(dialogue.ask_example, [exchanges, *chosen], view, **_SLOW),
        shown.retry(dialogue.ask_again, [exchanges, *chosen], view, **_SLOW),
    ]
    box.stop(dialogue.stop, [exchanges], view, cancels=running, **_QUICK)
    new.click(dialogue.clear, None, view, cancels=running, **_QUICK)
    shown.restore(dialogue.restore, None, view, cancels=running, **_QUICK)
    for field in chosen:
        field.change(dialogue.limits, list(chosen), [told, clear], **_QUICK)
    clear.click(lambda: ([], [], "", ""), None, list(chosen), **_QUICK)
    return chosen
