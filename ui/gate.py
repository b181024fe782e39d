"""What stands before every route: who may call from where, how much, how long, and what it tells.

A page of another site must not reach this server with its visitor's browser: not by a form or a
script (`Origin`), not under a name of its own for this address (`Host`), not in a frame. Answers to
programs, which send no `Origin`, are a matter of keys (ui/keys.py).
"""

import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.settings import Settings
from ui.problems import problem

logger = logging.getLogger("ibid.requests")

BODY_MB = 2
"""Largest body of a request that uploads nothing; PAGE_MB of one that restores a conversation."""
PAGE_MB = 16
UPLOADS = ("/api/articles", "/gradio_api/upload")
BODY_SECONDS = 60
"""Longest wait for a body, and a second more for each SLOWEST bytes of it that have come."""
SLOWEST = 10_000

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ID = re.compile(r"[\w.-]{1,64}")
_PORTS = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Gradio's page is made by scripts in it, which make others.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Gate:
    """ASGI middleware: refuses what must not come in, and marks and logs what goes out."""

    def __init__(
        self, app: ASGIApp, settings: Settings, body_seconds: float = BODY_SECONDS
    ) -> None:
        self._app, self._body_seconds = app, body_seconds
        self._hosts = {*settings.names(settings.allowed_hosts), settings.host.lower(), "localhost"}
        self._origins = settings.names(settings.allowed_origins)
        self._upload_mb = settings.max_upload_mb + 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with the reason why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        call = _Call(scope, headers, send)
        refusal = self._refusal(scope, headers)
        if refusal:
            await problem(*refusal)(scope, receive, call.send)
        else:
            body = _Body(receive, self._most(scope["path"]), self._body_seconds)
            await self._app(scope, body.receive, call.send)
        call.log()

    def _most(self, path: str) -> int:
        if path.startswith(UPLOADS):
            return self._upload_mb
        return PAGE_MB if path.startswith("/gradio_api/") else BODY_MB

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return status and reason where a request must not come in."""
        if scope.get("method", "GET") not in _METHODS:
            return 405, f"{scope['method']} is nothing that this server does."
        host, origin = headers.get("host", "").lower(), headers.get("origin", "").lower()
        if not self._is_here(host):
            return 400, (
                f"This server is not known as {host!r}. Use its IP address, or allow the name with "
                "IBID_ALLOWED_HOSTS."
            )
        reads = scope.get("method", "POST") in _SAFE - {"OPTIONS"}
        foreign = origin and not self._is_own(origin, host)
        if not reads and (foreign or headers.get("sec-fetch-site") == "cross-site"):
            if origin in self._origins:
                return None
            return 403, (
                f"A page of {origin or 'another site'} may not do this. Allow it with "
                "IBID_ALLOWED_ORIGINS, if it is yours."
            )
        length = headers.get("content-length", "0")
        most = self._most(scope["path"])
        if length.isdecimal() and int(length) > most * 1_000_000:
            return 413, f"The request has {int(length) / 1e6:.1f} MB, the limit is {most} MB."
        return None

    def _is_here(self, host: str) -> bool:
        """Whether a name may be this server's: an address is, for it is not resolved by others."""
        name = re.sub(r":\d+$", "", host).strip("[]")
        with suppress(ValueError):
            return bool(ipaddress.ip_address(name))
        return name in self._hosts or name.endswith(".localhost") or "*" in self._hosts

    def _is_own(self, origin: str, host: str) -> bool:
        parts = urlsplit(origin)
        default = _PORTS.get(parts.scheme, "")
        return parts.netloc.removesuffix(default) == host.removesuffix(default) != ""


class _Call:
    """One request: what is sent for it, and what its log line says."""

    def __init__(self, scope: Scope, headers: Headers, send: Send) -> None:
        given = headers.get("x-request-id", "")
        self.id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        self.status = 0
        self._scope, self._send = scope, send
        self._begun = time.perf_counter()
        scope.setdefault("state", {})["request_id"] = self.id

    async def send(self, message: Message) -> None:
        """Send a message of the response, with the headers that every one has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers().items():
                headers.setdefault(name, value)
        await self._send(message)

    def _headers(self) -> Mapping[str, str]:
        of_api = self._scope["path"].startswith(("/api/", "/v1/", "/health", "/metrics"))
        policy = _API_POLICY if of_api else _PAGE_POLICY
        return {**_HEADERS, "Content-Security-Policy": policy, "X-Request-ID": self.id}

    def log(self) -> None:
        """Write one line, without what was asked."""
        told = {
            "request_id": self.id,
            "method": self._scope.get("method", "WEBSOCKET"),
            "path": self._scope.get("raw_path", b"").decode("ascii", "backslashreplace"),
            "status": self.status,
            "ms": round((time.perf_counter() - self._begun) * 1000, 1),
        }
        logger.info("request", extra=told)


class _Body:
    """The body of a request, as far as it may go, in megabytes, and as long as it may take."""

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self._receive, self._most, self._seconds = receive, most, seconds
        self._begun = time.monotonic()
        self._length, self._whole = 0, False

    async def receive(self) -> Message:
        """Return the next message; raise HTTPException where the body is too large or too slow."""
        if self._whole:
            return await self._receive()
        allowed = self._seconds + self._length / SLOWEST
        try:
            with anyio.fail_after(self._begun + allowed - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            late = f"The rest of the request did not come within {allowed:.0f} s."
            raise HTTPException(408, late, headers={"Connection": "close"}) from None
        self._length += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._length > self._most * 1_000_000:
            raise HTTPException(413, f"The request has more than {self._most} MB.")
        return message
