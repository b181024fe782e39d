"""The engine's stream, read for one HTTP request and stopped when its client goes away."""

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, contextmanager
from functools import cached_property

import anyio
from anyio import to_thread
from fastapi import HTTPException, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from ingest.errors import IbidError
from rag.types import Answer, Statement, Working
from ui.metrics import Metrics

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
"""How often a client hears that a language model is at work."""
RUN_SECONDS = 0.05
"""How long the engine runs on before what it has found is sent: too short to be noticed."""
RUN_ITEMS = 16
"""How much it finds at most before that is sent, more than most answers have."""
BEAT = format_sse_event(comment="working")
FAILED = "Ibid failed on this request; its log says why."
EVENTS = {"description": "Server-sent events", "content": {"text/event-stream": {}}}
"""The response of a route that streams, for the documentation."""

WAITING = 256
"""Most questions that wait or are answered; further ones are told to come again."""
RETRY_SECONDS = 5

Item = Statement | Working | Answer
Items = AsyncGenerator[Item, None]


class EventStream(StreamingResponse):
    """Server-sent events made of an answer's items, which are closed however the response ends."""

    media_type = "text/event-stream"

    def __init__(self, items: Items, events: AsyncIterator[bytes]) -> None:
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers)
        self._items = items

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events while the client is there."""
        async with aclosing(self._items):
            await super().__call__(scope, receive, send)


class AnswerQueue:
    """Where questions wait: `at_once` are worked on, and no more than `most` are let in.

    An engine is mostly Python, of which one thread runs at a time, so that many at once are no
    faster and hold up all else that the server does.
    """

    def __init__(self, metrics: Metrics, at_once: int, most: int = WAITING) -> None:
        self._metrics, self._at_once, self._most = metrics, at_once, most
        self._inside = 0

    @cached_property
    def threads(self) -> anyio.CapacityLimiter:
        """Bounds the steps that run at once; made where the event loop runs."""
        return anyio.CapacityLimiter(self._at_once)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place; raise HTTPException where none is free."""
        if self._inside >= self._most:
            self._metrics.turned_away.inc()
            raise HTTPException(
                503,
                f"{self._most} questions are waiting already. Try again in {RETRY_SECONDS} s.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        self._inside += 1
        self._metrics.inside.set(self._inside)
        try:
            yield
        finally:
            self._inside -= 1
            self._metrics.inside.set(self._inside)

    def answered(self, answer: Answer, seconds: float) -> None:
        """Count an answer."""
        self._metrics.answered(answer, seconds)


async def follow(request: Request, stream: Iterator[Item]) -> Items:
    """Yield what the engine yields while the client is there; of its heartbeats only some.

    The engine runs in the thread pool, a short while at a call, and a cancelled task waits for the
    call that runs. So however this ends, the stream stands still, at its next heartbeat at the
    latest, and is closed there, which stops a language model.
    """
    queue: AnswerQueue = request.app.state.answers
    begun, beaten = time.monotonic(), float("-inf")
    ended = False
    with queue.place():
        try:
            while not ended:
                found, ended, error = await to_thread.run_sync(_run, stream, limiter=queue.threads)
                if await request.is_disconnected():
                    return
                for item in found:
                    if isinstance(item, Working):
                        if time.monotonic() < beaten + BEAT_SECONDS:
                            continue
                        beaten = time.monotonic()
                    if isinstance(item, Answer):
                        queue.answered(item, time.monotonic() - begun)
                    yield item
                if error:
                    raise error
        finally:
            if not ended:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(_close, stream, limiter=queue.threads)


async def collect(items: Items) -> Answer:
    """Return the answer at the end of the items; a client that left gets none."""
    async with aclosing(items):
        async for item in items:
            if isinstance(item, Answer):
                return item
    raise gone()


def gone() -> HTTPException:
    """Return the error of a client that left; nobody reads it, 499 is for the log of a proxy."""
    return HTTPException(499, "The client went away.")


async def event_stream(
    items: Items,
    write: Callable[[AsyncIterator[Item]], AsyncIterator[bytes]],
    write_error: Callable[[str], bytes],
) -> EventStream:
    """Return the response that writes the items as events, once the first item is there.

    So an error before it has its HTTP status; one after it is the stream's last event.
    """
    first = await anext(items, None)
    return EventStream(items, _ended_well(write(_from(first, items)), write_error))


async def _from(first: Item | None, others: Items) -> AsyncIterator[Item]:
    if first is not None:
        yield first
    async for item in others:
        yield item


async def _ended_well(
    events: AsyncIterator[bytes], write_error: Callable[[str], bytes]
) -> AsyncIterator[bytes]:
    try:
        async for event in events:
            yield event
    except IbidError as error:
        yield write_error(str(error))
    except Exception:
        logger.exception("an answer failed after it had begun")
        yield write_error(FAILED)


def _run(stream: Iterator[Item]) -> tuple[list[Item], bool, Exception | None]:
    """Return what a stream yields in a short while, whether it has ended, and what it failed on."""
    begun, found = time.monotonic(), list[Item]()
    try:
        for item in stream:
            found.append(item)
            if len(found) == RUN_ITEMS or time.monotonic() > begun + RUN_SECONDS:
                return found, False, None
    except Exception as error:  # noqa: BLE001 raised once what came before it is sent
        return found, True, error
    return found, True, None


def _close(stream: Iterator[Item]) -> None:
    if isinstance(stream, Generator):
        stream.close()
