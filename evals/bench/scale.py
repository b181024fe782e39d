"""How time, memory and disk grow with the library.

    python -m evals.bench.scale [PASSAGES ...] [--real]

For each size a library of articles made of the corpus's sentences, perturbed so that words and
numbers grow with it. Its vectors are made up, for the store alone; with --real the model embeds
them. Measured: ingest, ingest of the same once more, questions with and without a filter beside the
sum of their bare parts (embed the question, one query to Chroma, one to FTS5), memory and disk.
"""

import argparse
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from evals.facts import load_facts
from ingest.embed import Embedding, PassageVectors, Vectors, load_embedding
from ingest.library import Filters, Library
from ingest.pipeline import ingest_paths
from ingest.settings import Settings
from ingest.types import Span
from rag.engine import Engine
from rag.evidence import EvidenceFinder
from rag.question import ask
from rag.retrieve import CANDIDATES, Retriever

CORPUS = Path("corpus")
FACTS = Path(__file__).parents[1] / "facts" / "belarus.yaml"
SIZES = (1_000, 10_000, 100_000)
SENTENCES = 60
"""Of one article; some ten passages."""
PER_ARTICLE = 9
PUBLISHERS = 10
QUESTIONS = 50
COLUMNS = {
    "ingest_s": "ingest s",
    "again_s": "again s",
    "p50_ms": "question p50 ms",
    "p95_ms": "p95 ms",
    "filtered_p50_ms": "filtered p50 ms",
    "bare_p50_ms": "bare parts p50 ms",
    "memory_mb": "memory MB",
    "disk_mb": "disk MB",
}
MB = 2**20


class MadeUp:
    """The model for questions; for passages made up vectors, which take no time."""

    def __init__(self, model: Embedding) -> None:
        self._model = model
        self.name, self.dimensions = f"{model.name}-made-up", model.dimensions
        self.question, self.rarity = model.question, model.rarity

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Return made up vectors."""
        return np.stack([self.passage(text, ()).vector for text in texts])

    def passage(self, text: str, spans: Sequence[Span]) -> PassageVectors:
        """Return random vectors, the same for the same text."""
        drawn = np.random.default_rng(zlib.crc32(text.encode()))
        vectors = drawn.standard_normal((len(spans) + 1, self.dimensions), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return PassageVectors(vectors[0], vectors[1:])

    def passages(self, items: Sequence[tuple[str, Sequence[Span]]]) -> list[PassageVectors]:
        """Return `passage` of each item."""
        return [self.passage(*item) for item in items]


def write_articles(folder: Path, count: int) -> None:
    """Write articles of the corpus's sentences in which one word in eight is another one."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(CORPUS.glob("*.txt")))
    sentences = [line for line in re.split(r"(?<=[.!?])\s+", text) if len(line.split()) > 5]
    for number in range(count):
        drawn = random.Random(number)  # noqa: S311
        said = [_perturbed(line, drawn) for line in drawn.choices(sentences, k=SENTENCES)]
        paragraphs = [" ".join(said[n : n + 4]) for n in range(0, SENTENCES, 4)]
        head = f"---\ntitle: Report {number}\npublisher: Press {number % PUBLISHERS}\n---\n\n"
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.md").write_text(head + "\n\n".join(paragraphs), "utf-8")


def _perturbed(line: str, drawn: random.Random) -> str:
    return " ".join(
        "".join(drawn.sample(word, len(word))).capitalize() if drawn.random() < 1 / 8 else word
        for word in line.split()
    )


def measure(size: int, *, real: bool) -> dict[str, float]:
    """Return the figures of a library of about `size` passages."""
    model = load_embedding("e5-small")
    embedding: Embedding = model if real else MadeUp(model)
    with TemporaryDirectory() as temporary:
        articles, folder = Path(temporary) / "articles", Path(temporary) / "library"
        write_articles(articles, size // PER_ARTICLE)
        settings = Settings(_env_file=None, library=folder)
        with Library(folder, embedding) as library:
            run = partial(_ingest, library, embedding, articles, settings)
            figures = {"ingest_s": _seconds(run), "again_s": _seconds(run)}
            figures["passages"] = library.count_passages()
        with Library(folder, embedding) as library:
            figures |= _asked(library, embedding)
        files = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    figures["disk_mb"] = sum(files) / MB
    figures["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def _ingest(library: Library, embedding: Embedding, articles: Path, settings: Settings) -> None:
    deque(ingest_paths(library, embedding, [articles], settings), maxlen=0)


def _asked(library: Library, embedding: Embedding) -> dict[str, float]:
    """Return the milliseconds of questions, and of their bare parts."""
    engine = Engine(library, embedding, Retriever(library), EvidenceFinder(library))
    questions = [fact.question for fact in load_facts(FACTS)][:QUESTIONS]
    press = Filters(publishers=("Press 3",))
    engine.ask(questions[-1])
    times: dict[str, list[float]] = {"": [], "filtered_": [], "bare_": []}
    for question in questions:
        terms = ask(question, embedding, library).terms
        words = [term.spelling for term in terms if term.weight > 0 and term.spelling]
        for name, call in (
            ("bare_", partial(_bare, library, embedding, question, words)),
            ("", partial(engine.ask, question)),
            ("filtered_", partial(engine.ask, question, filters=press)),
        ):
            times[name].append(1000 * _seconds(call))
    figures = {f"{name}p50_ms": statistics.median(taken) for name, taken in times.items()}
    return {**figures, "p95_ms": statistics.quantiles(times[""], n=20)[-1]}


def _bare(library: Library, embedding: Embedding, question: str, words: Sequence[str]) -> None:
    library.vectors.search(embedding.question(question), CANDIDATES)
    library.search_words(words, CANDIDATES)


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in a process of its own; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench.scale", description=__doc__)
    parser.add_argument("sizes", metavar="PASSAGES", type=int, nargs="*", default=SIZES)
    parser.add_argument("--real", action="store_true", help="let the model embed the passages")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.alone:
        print(json.dumps(measure(options.sizes[0], real=options.real)))
        return 0
    table = Table("passages", *COLUMNS.values())
    console = Console(width=160)
    for size in options.sizes:
        real = ["--real"] if options.real else []
        command = [sys.executable, "-m", "evals.bench.scale", "--alone", str(size), *real]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        figures = json.loads(done.stdout)
        table.add_row(f"{figures['passages']:,}", *(f"{figures[name]:,.1f}" for name in COLUMNS))
        console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
