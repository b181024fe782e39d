"""Is anything lost by `kill -9`? An ingest is killed at random points, and always run again.

    python -m evals.bench.kills --count 50

When a killed run's next one has come to its end, the library is compared with that of a run that
nothing disturbed: articles, passages, vectors, full-text index, ledger, and what Chroma finds.
"""

import argparse
import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ingest.embed import Embedding, load_embedding
from ingest.library import Library
from ingest.pipeline import ingest_paths
from ingest.settings import Settings
from ingest.words import words

FILES = 40
WITHOUT_TIMES = {
    "article": "id, sha256, location, text, title, units",
    "passage": "id, number, start, end, first, last, header, text, vector",
    "unit_vectors": "article_id, vectors",
    "ledger": "location, fingerprint, stage, error",
    "version": "id, sha256",
    "term": "term, doc, cnt",
}
"""What of each table must be the same; how often a broken file was tried is another matter."""


def write_articles(folder: Path, count: int = FILES) -> None:
    """Write short articles; one in five is of a kind that fails."""
    folder.mkdir(parents=True)
    for number in range(count):
        name = folder / f"{number:03}.{'txt' if number % 5 else 'pdf'}"
        lines = [f"Ship {number} brought {number + n} tonnes to Lindow." for n in range(25)]
        name.write_text("\n\n".join(lines))


def contents(folder: Path, embedding: Embedding) -> str:
    """Return a hash of all that a library holds and finds, times aside."""
    found = hashlib.sha256()
    with Library(folder, embedding) as library:
        hits = library.vectors.search(embedding.question("grain"), library.count_passages())
        lexical = library.search_words(words("Ship 7"), 9)
        found.update(repr(sorted(hit.passage_id for hit in hits)).encode())
        found.update(repr([hit.passage_id for hit in lexical]).encode())
    with closing(sqlite3.connect(folder / "library.sqlite")) as database:
        for table, columns in WITHOUT_TIMES.items():
            for row in database.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2"):  # noqa: S608
                found.update(repr(row).encode())
    return found.hexdigest()


def killed_runs(source: Path, folder: Path, seconds: float, chance: random.Random) -> Iterator[str]:
    """Start ingests and kill each at a random time, yielding how far it was, until one ends."""
    while True:
        run = _start(source, folder)
        assert run.stdout is not None  # noqa: S101 it is piped
        line = run.stdout.readline()  # begun
        time.sleep(chance.uniform(0, seconds))
        ended = run.poll() is not None
        if not ended:
            run.send_signal(signal.SIGKILL)
        lines = [line, *run.communicate()[0].splitlines()]
        if ended:
            return
        yield f"killed after {lines[-1].strip()}"


def undisturbed(source: Path, folder: Path) -> float:
    """Ingest without being killed; return how long that took, in seconds, from its first sign."""
    run = _start(source, folder)
    assert run.stdout is not None  # noqa: S101 it is piped
    run.stdout.readline()
    begun = time.monotonic()
    run.communicate()
    return time.monotonic() - begun


def _start(source: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "evals.bench.kills", "--ingest", str(source), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _ingest(source: Path, folder: Path) -> None:
    embedding = load_embedding("e5-small")
    print("begun", flush=True)
    with Library(folder, embedding) as library:
        for outcome in ingest_paths(library, embedding, [source], Settings()):
            print(json.dumps([outcome.done, outcome.total]), flush=True)


def main() -> None:
    """Kill as often as asked for; exit code 1 where a library is another one afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=50, help="how many kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ingest", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ingest:
        _ingest(*given.ingest)
        return
    chance, embedding = random.Random(given.seed), load_embedding("e5-small")  # noqa: S311
    with tempfile.TemporaryDirectory() as scratch:
        source, whole, folder = (Path(scratch) / name for name in ("source", "whole", "library"))
        write_articles(source)
        seconds = undisturbed(source, whole)
        wanted = contents(whole, embedding)
        kills = 0
        while kills < given.count:
            shutil.rmtree(folder, ignore_errors=True)
            for where in killed_runs(source, folder, seconds, chance):
                kills += 1
                print(f"{kills}: {where}")
            if contents(folder, embedding) != wanted:
                sys.exit(f"After {kills} kills the library is another one.")
    print(f"{kills} kills: every library was that of an undisturbed run.")


if __name__ == "__main__":
    main()
