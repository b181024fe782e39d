"""The server, which finishes what was begun when it is told to stop."""

import asyncio
import signal
import socket
from contextlib import suppress
from typing import Any

import uvicorn

ENDLESS = b"/gradio_api/heartbeat/"
"""What a page that is open holds on to: it does not end by itself."""


class Server(uvicorn.Server):
    """Stops at SIGTERM as at Ctrl+C: takes nothing more, finishes its answers and returns."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        # When all is done, uvicorn raises anew the signal that stopped it.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            super().run(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for the answers, but not for the pages that are open."""
        leaving = asyncio.create_task(self._let_pages_go())
        await super().shutdown(sockets)
        leaving.cancel()

    async def _let_pages_go(self) -> None:
        """Close what pages hold on to once they have their answers, which Gradio ends with it."""
        while not all(map(_is_endless, self.server_state.connections)):
            await asyncio.sleep(0.1)
        for connection in list(self.server_state.connections):
            connection.transport.close()


def _is_endless(connection: Any) -> bool:  # noqa: ANN401 one of uvicorn's protocols
    cycle: Any = getattr(connection, "cycle", None)
    return cycle is not None and cycle.scope["raw_path"].startswith(ENDLESS)
