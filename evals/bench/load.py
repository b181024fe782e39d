"""Many clients at a server that takes in articles meanwhile.

    python -m evals.bench.load [--clients N] [--seconds S] [--questions N] [--corpus DIR]

Starts `ibid serve` on a new library of CORPUS. Locust's clients ask the known facts one after
another, for S seconds or until N answers are there; beside them /health is read ten times a second
and an article uploaded every two. Ends with code 1 if a call failed, or an uploaded article is not
in the library afterwards.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from locust import FastHttpUser, constant, task
from locust.env import Environment
from rich.console import Console
from rich.table import Table

from evals.facts import load_facts

FACTS = Path(__file__).parents[1] / "facts" / "belarus.yaml"
IBID = Path(sys.executable).with_name("ibid")
START_SECONDS = 60
MB = 2**20


class Asker(FastHttpUser):
    """Asks one question after another, each client from another one on."""

    wait_time = constant(0)
    questions: Sequence[str] = ()
    numbers = count()

    def on_start(self) -> None:
        """Choose where to begin."""
        self._next = next(self.numbers) * 7

    @task
    def ask(self) -> None:
        """Ask the next question."""
        self._next += 1
        question = self.questions[self._next % len(self.questions)]
        self.client.post("/api/ask", json={"question": question})


class Watcher(FastHttpUser):
    """Looks whether the server lives, and at its memory."""

    fixed_count = 1
    wait_time = constant(0.1)
    memory: list[float]

    @task
    def look(self) -> None:
        """Read /health, and now and then the metrics."""
        self.client.get("/health")
        if len(Watcher.memory) * 20 <= self.environment.stats.get("/health", "GET").num_requests:
            Watcher.memory.append(_memory(self.client.get("/metrics").text or ""))


class Uploader(FastHttpUser):
    """Brings a new article every two seconds."""

    fixed_count = 1
    wait_time = constant(2)
    names: list[str]

    @task
    def upload(self) -> None:
        """Bring an article that is not there yet."""
        number = len(self.names)
        said = " ".join(f"Pier {n} of port {number} was built in {1800 + n}." for n in range(60))
        files = {"file": (f"port-{number}.md", f"# Port {number}\n\n{said}\n", "text/markdown")}
        request = httpx.Request("POST", f"{self.host}/api/articles", files=files)
        answer = self.client.post(
            "/api/articles", data=request.read().decode(), headers=dict(request.headers)
        )
        if answer.status_code == httpx.codes.CREATED:
            self.names.append(f"port-{number}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--questions", type=int, default=sys.maxsize)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    options = parser.parse_args(arguments)
    Asker.questions = [fact.question for fact in load_facts(FACTS)]
    Watcher.memory, Uploader.names = [], []
    with TemporaryDirectory() as folder, _server(Path(folder), options.corpus) as address:
        environment = Environment(user_classes=[Asker, Watcher, Uploader], host=address)
        runner = environment.create_local_runner()
        asked = environment.stats.get("/api/ask", "POST")
        begun = time.monotonic()
        runner.start(options.clients + 2, spawn_rate=options.clients + 2)
        while time.monotonic() < begun + options.seconds and asked.num_requests < options.questions:
            time.sleep(0.5)  # which Locust has made gevent's
        seconds = time.monotonic() - begun
        runner.quit()
        there = {
            article["id"]
            for article in json.loads(_ibid(Path(folder), "articles", "list", "--json"))
        }
    lost = [name for name in Uploader.names if name not in there]
    _show(environment, seconds, lost)
    return int(bool(lost) or environment.stats.total.num_failures > 0)


@contextmanager
def _server(folder: Path, corpus: Path) -> Iterator[str]:
    """Serve a new library of a corpus until the end of the block; give the address."""
    _ibid(folder, "ingest", str(corpus))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = [str(IBID), "serve", "--port", address.rpartition(":")[2]]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=_environment(folder), stderr=log, stdout=log)
        try:
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait(address: str) -> None:
    for _ in range(START_SECONDS * 10):
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/health").is_success:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server was not there after {START_SECONDS} s.")


def _ibid(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [str(IBID), *words], env=_environment(folder), check=True, capture_output=True, text=True
    )
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "IBID_LIBRARY": str(Path(folder) / "library")}


def _show(environment: Environment, seconds: float, lost: Sequence[str]) -> None:
    table = Table("call", "count", "failed", "a second", "p50 ms", "p95 ms", "most ms")
    for entry in environment.stats.entries.values():
        times = (entry.get_response_time_percentile(0.5), entry.get_response_time_percentile(0.95))
        table.add_row(
            f"{entry.method} {entry.name}",
            str(entry.num_requests),
            str(entry.num_failures),
            f"{entry.num_requests / seconds:.1f}",
            *(f"{value:.0f}" for value in (*times, entry.max_response_time)),
        )
    console = Console()
    console.print(table)
    for error in environment.stats.errors.values():
        console.print(f"{error.occurrences} x {error.method} {error.name}: {error.error}")
    tenths = Watcher.memory[:: max(1, len(Watcher.memory) // 10)]
    console.print("memory, MB:", *(f"{megabytes:.0f}" for megabytes in tenths))
    console.print(f"{len(Uploader.names)} uploaded, {len(lost)} lost", *lost)


def _memory(metrics: str) -> float:
    """Return the server's memory in MB from its metrics; 0 where the system does not tell."""
    lines = (line.rsplit(" ", 1) for line in metrics.splitlines())
    return next((float(v) / MB for k, v in lines if k == "process_resident_memory_bytes"), 0.0)


if __name__ == "__main__":
    sys.exit(main())
