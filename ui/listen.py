"""The socket that the server listens on."""

import socket

from ingest.errors import LibraryError
from ingest.settings import Settings


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say.

    Raises:
        LibraryError: another program listens there, or there is no such address.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise LibraryError(
            f"Ibid cannot listen on {settings.host}:{settings.port} ({error.strerror}). Stop what "
            "uses that port, or choose another with IBID_PORT or --port."
        ) from None
    return listener


def address_of(host: str, port: int) -> str:
    """Return the address at which this machine reaches a server that listens there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{reachable}:{port}"
