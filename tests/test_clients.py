"""Clients that are slow, leave or never finish, and a server that is told to stop meanwhile."""

import json
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import ASGIApp

from rag.build import Ibid
from rag.types import Answer, Statement
from tests.conftest import copied, start_server, stop_server
from tests.scripted import Item, ScriptedEngine, serving
from tests.scripted_model import ScriptedServer, choosing, scripted_server
from ui.gate import Gate

QUESTION = "How many TV channels watched in Belarus are Russian?"
BODY = {"question": QUESTION}
DEADLINE = 60
"""Seconds after which what is waited for will not come."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, corpus_library: Path) -> Path:
    return copied(corpus_library, tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture(scope="module")
def url(folder: Path, model: ScriptedServer) -> Iterator[str]:
    process, address = start_server(folder, IBID_LLM=model.spec)
    yield address
    stop_server(process)


class Held:
    """A model that begins to reply, and goes on when it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()

    def __call__(self, prompt: str) -> Iterator[str]:
        deadline = time.monotonic() + DEADLINE
        while not self.let.is_set() and time.monotonic() < deadline:
            yield ""
            time.sleep(0.05)
        yield from choosing("eight are Russian")(prompt)  # type: ignore[misc]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def in_progress(url: str) -> int:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    (line,) = [one for one in lines if one.startswith("ibid_answers_in_progress ")]
    return int(float(line.split()[1]))


def refuses(url: str) -> bool:
    try:
        socket.create_connection(_place(url), timeout=DEADLINE).close()
    except ConnectionRefusedError:
        return True
    return False


def unfinished(url: str, length: int = 100) -> socket.socket:
    """Return a connection on which the first byte of a question's body has been sent."""
    connection = socket.create_connection(_place(url), timeout=DEADLINE)
    head = f"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
    connection.sendall(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
    return connection


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def answered(url: str) -> bool:
    return bool(httpx.post(f"{url}/api/ask", json=BODY, timeout=DEADLINE).json()["statements"])


def test_a_server_that_is_stopped_finishes_its_answers_and_waits_for_no_page(
    folder: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    shutil.copytree(folder, library)

    def ask(path: str) -> httpx.Response:
        return httpx.post(address + path, json=BODY, timeout=DEADLINE).raise_for_status()

    with scripted_server() as model, ThreadPoolExecutor() as pool:
        model.script = held = Held()
        process, address = start_server(library, IBID_LLM=model.spec)
        page = httpx.stream("GET", f"{address}/gradio_api/heartbeat/page", timeout=DEADLINE)
        try:
            lines = page.__enter__().iter_lines()
            assert next(lines)
            held_open = pool.submit(list, lines)
            plain, streamed = (pool.submit(ask, path) for path in ("/api/ask", "/api/ask/stream"))
            wait_until(lambda: len(model.requests) == 2)
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: refuses(address))
            assert process.poll() is None
            held.let.set()
            assert plain.result().json()["statements"]
            *_, last = streamed.result().text.strip().split("\n\n")
            assert last.startswith("event: answer\n")
            assert json.loads(last.split("data: ")[1])["statements"]
            said = process.communicate(timeout=DEADLINE)[0]
            assert held_open.exception()
            assert (process.returncode, "Traceback" in said, "Cancel" in said) == (0, False, False)
            assert not (library / "owner.json").exists()
        finally:
            held.let.set()
            process.kill()
            process.communicate()


def test_who_leaves_in_the_middle_frees_the_place(url: str, model: ScriptedServer) -> None:
    model.script = held = Held()
    with ExitStack() as stack:
        streams = []  # one that nobody holds is closed
        for _ in range(8):
            asked = httpx.stream("POST", f"{url}/api/ask/stream", json=BODY, timeout=DEADLINE)
            streams.append(stack.enter_context(asked).iter_bytes())
            assert next(streams[-1])
        assert in_progress(url) == 8
    assert model.gone.wait(DEADLINE)
    wait_until(lambda: in_progress(url) == 0)
    held.let.set()
    assert answered(url)


def test_bodies_that_never_end_hold_up_nobody(url: str, model: ScriptedServer) -> None:
    model.script = choosing("eight are Russian")
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(closing(unfinished(url)))
        assert answered(url)
        assert in_progress(url) == 0


@pytest.mark.parametrize("pause", [0.05, DEADLINE])
def test_a_body_that_does_not_come_is_given_up(ibid: Ibid, pause: float) -> None:
    """One that comes byte by byte, and one that stops after the first."""
    late = threading.Event()

    def drip(connection: socket.socket) -> None:
        while not late.wait(pause):
            connection.sendall(b" ")

    def wrap(app: ASGIApp) -> ASGIApp:
        return Gate(app, ibid.settings, body_seconds=1)

    with (
        serving(ibid, ibid.engine, wrap) as url,
        closing(unfinished(url, 100_000)) as connection,
        ThreadPoolExecutor() as pool,
    ):
        try:
            dripping = pool.submit(drip, connection)
            assert answered(url)
            with connection.makefile("rb") as response:
                told = response.read()  # to the end of the connection
        finally:
            late.set()
        assert dripping.exception() is None or isinstance(dripping.exception(), OSError)
    head, _, problem = told.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in head
    assert "did not come within" in json.loads(problem)["detail"]


def test_who_does_not_read_holds_up_nobody(ibid: Ibid) -> None:
    statement, *_, answer = ibid.engine.stream(QUESTION)
    assert isinstance(statement, Statement)
    assert isinstance(answer, Answer)
    said: list[Item] = []

    def script() -> Iterator[Item]:
        if not said:
            for _ in range(100_000):  # 100 MB: more than lies between a server and a client
                said.append(statement)
                yield statement
        yield answer

    def stands_still() -> bool:
        before = len(said)
        time.sleep(1)
        return len(said) == before > 0

    with (
        serving(ibid, ScriptedEngine(script)) as url,
        httpx.stream("POST", f"{url}/api/ask/stream", json=BODY, timeout=DEADLINE) as response,
    ):
        wait_until(stands_still)
        assert len(said) < 100_000
        assert answered(url)
        assert in_progress(url) == 1
        response.close()
        wait_until(lambda: in_progress(url) == 0)
