"""Real components on small data: the packaged model, SQLite, Chroma, and a real server."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock

from ingest.embed import Embedding, load_embedding
from ingest.library import Library
from ingest.pipeline import ingest_paths
from ingest.settings import Settings
from ingest.types import Outcome
from rag.build import Ibid, build

REPOSITORY = Path(__file__).parents[1]
CORPUS = REPOSITORY / "corpus"
SERVER_SECONDS = 60

Run = Callable[..., subprocess.CompletedProcess[str]]


def settings_for(folder: Path, **others: Any) -> Settings:
    return Settings(_env_file=None, library=folder, corpus=CORPUS, **others)


def ingest(library: Library, embedding: Embedding, *targets: Path | str) -> list[Outcome]:
    return list(ingest_paths(library, embedding, targets, settings_for(library.folder)))


@pytest.fixture(scope="session")
def embedding() -> Embedding:
    return load_embedding("e5-small")


@pytest.fixture
def library(tmp_path: Path, embedding: Embedding) -> Iterator[Library]:
    with Library(tmp_path / "library", embedding) as opened:
        yield opened


@pytest.fixture(scope="session")
def corpus_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed library of the five articles, made once for all workers; not to be opened."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "corpus" / "library"
    with FileLock(shared / "corpus.lock"):
        if not folder.exists():
            folder.parent.mkdir()
            done = run_ibid(folder, "ingest")
            assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def five(corpus_library: Path, tmp_path: Path) -> Path:
    """A library of the five articles of the test's own, closed."""
    return copied(corpus_library, tmp_path)


def copied(library: Path, folder: Path) -> Path:
    """Return a copy of a closed library in a folder."""
    return Path(shutil.copytree(library, folder / "library"))


@pytest.fixture(scope="session")
def ibid(tmp_path_factory: pytest.TempPathFactory, corpus_library: Path) -> Iterator[Ibid]:
    """The five articles, for tests that only read."""
    folder = copied(corpus_library, tmp_path_factory.mktemp("corpus"))
    with build(settings_for(folder)) as opened:
        yield opened


def environment(folder: Path, **others: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("IBID_")}
    return {**kept, "IBID_LIBRARY": str(folder), "IBID_CORPUS": str(CORPUS), **others}


def run_ibid(folder: Path, *arguments: str, **others: str) -> subprocess.CompletedProcess[str]:
    """Run the real command on a library folder."""
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        env=environment(folder, **others),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def start_server(folder: Path, **others: str) -> tuple[subprocess.Popen[str], str]:
    """Start `ibid serve` on a free port; return the process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "serve", "--port", "0"],
        env=environment(folder, **others),
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + SERVER_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            url = json.loads((folder / "owner.json").read_text())["url"]
            if url and httpx.get(f"{url}/health").is_success:
                return process, str(url)
        except (OSError, ValueError, httpx.HTTPError):
            pass
        time.sleep(0.2)
    process.kill()
    raise RuntimeError(f"the server did not start: {process.communicate()[0]}")


def stop_server(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=30)


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, corpus_library: Path
) -> Iterator[tuple[Path, str]]:
    """A real server over the five articles: its library folder and its address."""
    folder = copied(corpus_library, tmp_path_factory.mktemp("served"))
    process, url = start_server(folder)
    yield folder, url
    stop_server(process)


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
