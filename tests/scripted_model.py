"""A scripted language model behind a real OpenAI-compatible server on this machine."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[str], Iterable[str] | int]
"""From the last prompt to the pieces of a reply, or to the HTTP status of an error."""


class ScriptedServer:
    """Answers every call as `script` says; keeps the requests, and sets `gone` when cut off."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.script: Script = lambda _: [statements()]
        self.requests: list[dict[str, Any]] = []
        self.gone = threading.Event()

    @property
    def spec(self) -> str:
        return f"openai-like:{self.url}/v1#scripted"

    @property
    def prompts(self) -> list[str]:
        return ["\n".join(m["content"] for m in body["messages"]) for body in self.requests]


def statements(*items: tuple[str, Any]) -> str:
    """Return a reply in the asked form, of pairs of a text and its quotes."""
    listed = [{"quotes": quotes, "text": text} for text, quotes in items]
    return json.dumps({"statements": listed}, ensure_ascii=False)


def quote(passage: int, words: str) -> dict[str, Any]:
    return {"passage": passage, "words": words}


def passages(prompt: str) -> dict[int, str]:
    """Return the passages of a prompt, by number, without their source lines."""
    shown = re.search(r"<passages-(\w+)>\n(.*?)\n</passages-\1>", prompt, re.S)
    parts = re.split(r"(?:^|\n\n)\[(\d+)\] .*\n", shown[2] if shown else "")
    return {int(number): text for number, text in zip(parts[1::2], parts[2::2], strict=True)}


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
            usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
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
