"""A real server over an engine that says what a test tells it to."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from ingest.library import Filters
from rag.build import Ibid
from rag.engine import Engine, Trace
from rag.types import Answer, Statement, Turn, Working
from ui.api import create_app

Item = Statement | Working | Answer
WORKING = Working(stage="choosing")


class ScriptedEngine(Engine):
    """Yields the items of a script; `closed` is set when its generator has ended, however."""

    def __init__(self, script: Callable[[], Iterator[Item]]) -> None:
        self._script = script
        self._kept: list[Iterator[Item]] = []  # so that only closing ends a generator
        self.closed = threading.Event()
        self.asked: list[tuple[str, Sequence[Turn], Filters | None]] = []

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        trace: Trace | None = None,  # noqa: ARG002 a script is made from nothing
    ) -> Iterator[Any]:
        self.asked.append((question, history, filters))
        self._kept.append(self._run())
        return self._kept[-1]

    def _run(self) -> Iterator[Item]:
        try:
            yield from self._script()
        finally:
            self.closed.set()


def heartbeats() -> Iterator[Item]:
    """A language model that never comes to an end."""
    while True:
        time.sleep(0.05)
        yield WORKING


@contextmanager
def serving(
    ibid: Ibid, engine: Engine, wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> Iterator[str]:
    """Serve the API over this engine in a thread; yield its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    application = wrap(create_app(replace(ibid, engine=engine)))
    config = uvicorn.Config(application, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
        assert not thread.is_alive(), "a request was still running when the server was stopped"
