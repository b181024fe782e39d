"""Reading the engine's stream over HTTP: heartbeats, errors, and clients that go away."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ingest.errors import LibraryError
from rag.build import Ibid
from rag.types import Answer, Statement
from tests.scripted import WORKING, Item, ScriptedEngine, heartbeats, serving

QUESTION = "How many TV channels watched in Belarus are Russian?"
BODY = {"question": QUESTION}
CHAT = {"messages": [{"role": "user", "content": QUESTION}]}
CLOSED_SECONDS = 2


@pytest.fixture(scope="module")
def items(ibid: Ibid) -> tuple[Statement, Answer]:
    statement, *_, answer = ibid.engine.stream(QUESTION)
    assert isinstance(statement, Statement)
    assert isinstance(answer, Answer)
    return statement, answer


def read_events(url: str, path: str = "/api/ask/stream") -> tuple[list[tuple[str, Any]], list[str]]:
    """Return the events of a stream, and its comments."""
    text = httpx.post(url + path, json=BODY).raise_for_status().text
    events, comments = [], []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if "event" in fields:
            events.append((fields["event"], json.loads(fields["data"])))
        else:
            comments.append(block)
    return events, comments


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/ask", BODY),
        ("/api/ask/stream", BODY),
    ],
)
def test_a_client_that_goes_away_stops_the_model(
    ibid: Ibid, path: str, body: dict[str, Any]
) -> None:
    engine = ScriptedEngine(heartbeats)
    with serving(ibid, engine) as url:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(url + path, json=body, timeout=0.5)
        assert engine.closed.wait(CLOSED_SECONDS)


def test_a_client_that_leaves_in_the_middle_stops_the_model(
    ibid: Ibid, items: tuple[Statement, Answer]
) -> None:
    def script() -> Iterator[Item]:
        yield items[0]
        yield from heartbeats()

    engine = ScriptedEngine(script)
    with (
        serving(ibid, engine) as url,
        httpx.stream("POST", f"{url}/api/ask/stream", json=BODY) as response,
    ):
        assert next(response.iter_lines()) == "event: statement"
        assert not engine.closed.is_set()
        response.close()
        assert engine.closed.wait(CLOSED_SECONDS)


def test_heartbeats_are_a_comment_and_no_event(ibid: Ibid, items: tuple[Statement, Answer]) -> None:
    engine = ScriptedEngine(lambda: iter((WORKING, WORKING, items[0], WORKING, items[1])))
    with serving(ibid, engine) as url:
        events, comments = read_events(url)
        assert [name for name, _ in events] == ["statement", "answer"]
        assert comments == [": working"]
        answer = httpx.post(f"{url}/api/ask", json=BODY).json()
    assert events[-1][1] == answer == items[1].model_dump(mode="json")
    assert events[0][1]["cited"] == answer["citations"]


@pytest.mark.parametrize(
    ("error", "words"),
    [(LibraryError("The library is gone."), "The library is gone."),
     (RuntimeError("a secret path"), "Ibid failed on this request; its log says why.")],
)  # fmt: skip
def test_an_error_after_a_statement_is_an_event(
    ibid: Ibid, items: tuple[Statement, Answer], error: Exception, words: str
) -> None:
    def script() -> Iterator[Item]:
        yield items[0]
        raise error

    with serving(ibid, ScriptedEngine(script)) as url:
        events, _ = read_events(url)
        assert [name for name, _ in events] == ["statement", "error"]
        assert events[-1][1] == {"detail": words}
        assert httpx.post(f"{url}/api/ask", json=BODY).json()["detail"] == words


def test_an_error_before_anything_was_said_has_its_status(ibid: Ibid) -> None:
    def script() -> Iterator[Item]:
        raise LibraryError("The library is gone.")
        yield

    with serving(ibid, ScriptedEngine(script)) as url:
        response = httpx.post(f"{url}/api/ask/stream", json=BODY)
    assert (response.status_code, response.json()["detail"]) == (503, "The library is gone.")
