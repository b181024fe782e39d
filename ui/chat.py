"""The page, mounted over the API's app. It shows what the engine gives and decides nothing."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from rag.build import Ibid

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr  # after its variable is set

from ui.dialogue import Dialogue, View

FOLDER = Path(__file__).parent
SCRIPTS = ("reader.js", "kept.js", "chat.js")
CONCURRENT_ANSWERS = 4

_QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
_SLOW: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": CONCURRENT_ANSWERS,
    "concurrency_id": "answers",
}


def mount_chat(app: FastAPI, ibid: Ibid) -> FastAPI:
    """Mount the page at "/", behind the routes that the app already has."""
    style = (FOLDER / "chat.css").read_text("utf-8")
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


def _login(ibid: Ibid) -> Callable[[str, str], bool] | None:
    """Return the check of a visitor's key, or None where no keys are set."""
    if ibid.settings.is_key(""):
        return None
    return lambda _name, given: ibid.settings.is_key(given.strip(), "write")


def _page(ibid: Ibid) -> gr.Blocks:
    dialogue = Dialogue(ibid)
    page = gr.Blocks(title="Ibid", analytics_enabled=False, fill_width=True)
    with page:
        with gr.Row(elem_id="top"):
            name = gr.HTML(apply_default_css=False, elem_id="name")
            gr.HTML("<span></span>", apply_default_css=False, elem_id="kept", js_on_load=None)
            new = gr.Button("New conversation", elem_id="new", scale=0, size="sm")
        _conversation(dialogue, new)
        page.load(dialogue.header, None, name, **_QUICK)
    page.queue(api_open=False)
    return page


def _conversation(dialogue: Dialogue, new: gr.Button) -> None:
    def read(place: str) -> str:
        return dialogue.read(place)

    def export(kept: dict[str, Any]) -> str:
        return dialogue.export(kept)

    exchanges = gr.State(())
    shown = gr.HTML(
        apply_default_css=False,
        js_on_load="\n".join((FOLDER / name).read_text("utf-8") for name in SCRIPTS),
        server_functions=[read, export],
        elem_id="conversation",
    )
    box = gr.Textbox(
        placeholder="Ask a question",
        label="Your question",
        show_label=False,
        max_lines=6,
        autofocus=True,
        submit_btn="Ask",
        elem_id="question",
    )
    view = list(View(shown, exchanges, box))
    running: list[Any] = [
        box.submit(dialogue.ask, [box, exchanges], view, **_SLOW),
        shown.submit(dialogue.ask_example, [exchanges], view, **_SLOW),
        shown.retry(dialogue.ask_again, [exchanges], view, **_SLOW),
    ]
    box.stop(dialogue.stop, [exchanges], view, cancels=running, **_QUICK)
    new.click(dialogue.clear, None, view, cancels=running, **_QUICK)
    shown.restore(dialogue.restore, None, view, cancels=running, **_QUICK)
