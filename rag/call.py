"""A reply that is read on an event loop of its own and handed on to any thread.

Only so can a call be given up at any moment: at its deadline, or when nobody waits for it any more.
Giving up closes the connection, which makes a server stop writing.
"""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from functools import cache

from rag.model import Usage

CLOSING = 1.0
"""Seconds at most that giving up a call may take."""
HEARTBEAT = 0.2
"""Seconds between two signs of life while a model says nothing."""


class Call:
    """A reply that is read on the event loop, iterated from any thread."""

    def __init__(self, pieces: AsyncIterator[str | Usage]) -> None:
        self._queue: queue.SimpleQueue[str | Usage | Exception | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._future = asyncio.run_coroutine_threadsafe(self._read(pieces), _event_loop())

    async def _read(self, pieces: AsyncIterator[str | Usage]) -> None:
        try:
            async for piece in pieces:
                self._queue.put(piece)
            self._queue.put(None)
        except Exception as error:  # noqa: BLE001 raised where the reply is iterated
            self._queue.put(error)
        finally:
            self._ended.set()

    def __iter__(self) -> Iterator[str | Usage]:
        while True:
            try:
                item = self._queue.get(timeout=HEARTBEAT)
            except queue.Empty:
                item = ""
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def cancel(self) -> None:
        """Give the call up, if it has not ended, and let its connection close."""
        if self._future.cancel():
            self._ended.wait(CLOSING)


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    """Return the one loop on which models are called: clients keep connections to a loop."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="language-model", daemon=True).start()
    return loop
