"""A scripted language model: at its interface, and behind a real OpenAI-compatible server."""

import json
import re
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ingest.errors import ModelError
from rag.model import Message, Usage

Script = Callable[[str], Iterable[str] | int]
"""From the prompt to the pieces of a reply, or to the HTTP status of an error."""

USAGE = Usage(prompt_tokens=1000, completion_tokens=100)


class ScriptedModel:
    """Says what its script says; keeps the prompts, and sets `closed` when a reply has ended."""

    name = "scripted"

    def __init__(self, script: Script, context: int = 8192) -> None:
        self.script = script
        self.context = context
        self.asked: list[Sequence[Message]] = []
        self.closed = threading.Event()

    @property
    def prompts(self) -> list[str]:
        return ["\n".join(message.content for message in messages) for messages in self.asked]

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, messages: Sequence[Message]) -> Generator[str | Usage, None, None]:
        self.asked.append(messages)
        reply = self.script(self.prompts[-1])
        try:
            if isinstance(reply, int):
                raise ModelError(f"The language model scripted failed (HTTP {reply}).")
            yield ""
            yield from reply
            yield USAGE
        finally:
            self.closed.set()


class ScriptedServer:
    """Answers every call as `script` says; keeps the requests, and sets `gone` when cut off."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.script: Script = lambda _: ["none"]
        self.requests: list[dict[str, Any]] = []
        self.gone = threading.Event()

    @property
    def spec(self) -> str:
        return f"openai-like:{self.url}/v1#scripted"

    @property
    def prompts(self) -> list[str]:
        return ["\n".join(m["content"] for m in body["messages"]) for body in self.requests]


def sentences(prompt: str) -> dict[int, str]:
    """Return the sentences of a prompt, by number."""
    shown = re.search(r"<sentences-(\w+)>\n(.*?)\n</sentences-\1>", prompt, re.S)
    lines = re.findall(r"^\[(\d+)\] (.*)$", shown[2] if shown else "", re.M)
    return {int(number): text for number, text in lines}


def choosing(*words: str) -> Script:
    """Script the choice of the sentences that have these words, best first."""

    def script(prompt: str) -> Iterator[str]:
        shown = sentences(prompt)
        numbers = [next((n for n, text in shown.items() if word in text), 0) for word in words]
        yield ", ".join(str(number) for number in numbers if number) or "none"

    return script


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """Yield a running server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    scripted = ScriptedServer(f"http://127.0.0.1:{server.server_port}")
    _Handler.served[server.server_port] = scripted
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: dict[int, ScriptedServer] = {}  # noqa: RUF012 filled by port
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        scripted = self.served[self.server.server_address[1]]  # type: ignore[index]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        scripted.requests.append({**body, "key": self.headers.get("Authorization", "")})
        reply = scripted.script(scripted.prompts[-1])
        if isinstance(reply, int):
            self._end(reply, json.dumps({"error": {"message": "Minsk was founded in 2077."}}))
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for piece in reply:
                self._send({"choices": [{"index": 0, "delta": {"content": piece}}]})
            usage = {**USAGE._asdict(), "total_tokens": sum(USAGE)}
            self._send({"choices": [], "usage": usage})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            scripted.gone.set()
        self.close_connection = True

    def _send(self, chunk: dict[str, Any]) -> None:
        chunk |= {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def _end(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        return
