"""Choose retrieval settings by data: fusion weight, passage size and overlap, and the header.

    python -m evals.bench.sweep --data DIR [--cache DIR] [--limit N] [--save FILE] [PART ...]

Every variant is a library of its own, made by the pipeline that users get, with two numbers of
`ingest.split` set otherwise; dense vectors without the header are computed here. Recall is of the
excerpts (chunking) or of the answer's own characters (squad, whole pages as articles), because a
longer passage would otherwise be credited with more text: `@1000` reads the ranking until 1,000
tokens are retrieved, whatever the size of the passages.
"""

import argparse
import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from evals.bench import chunking
from evals.bench.chunking import Excerpts
from evals.bench.collections import Collection
from evals.bench.figures import Table, row
from evals.bench.results import rich_table
from evals.bench.system import Measured, Setting
from evals.bench.variants import (
    MARKS,
    RANKINGS,
    Mark,
    Ranked,
    Variant,
    mark,
    nearest,
    passages_of,
    rank,
    squad_pages,
    vectors_without_header,
)
from evals.measures.figure import Figure, bootstrapped, mean
from ingest.embed import load_embedding
from rag.retrieve import LEXICAL_SHARE

SIZES = (150, 200, 250, 300)
OVERLAPS = (0, 50)
DEPTH = 50
USERS = f"convex, BM25 {LEXICAL_SHARE:g}"
"""What `Retriever` does."""
PARTS = ("size", "header")


def by_size(excerpts: Excerpts, setting: Setting) -> list[Table]:
    """Compare sizes and overlaps under every ranking."""
    marks: dict[str, dict[str, list[Mark]]] = {}
    for variant in itertools.starmap(Variant, itertools.product(SIZES, OVERLAPS)):
        with _open(excerpts, variant, setting) as measured:
            ranked = [
                rank(measured, question)
                for question in track(measured.collection.questions, f"{variant}: questions")
            ]
            marks[str(variant)] = {
                ranking: _marks(measured, excerpts, ranked, ranking) for ranking in RANKINGS
            }
    name, default = excerpts.collection.name, str(Variant())
    weights = Table(
        title=f"{name}: rankings, passages {default}",
        rows=tuple(row(ranking, _figures(found)) for ranking, found in marks[default].items()),
    )
    others = {
        **{ranking: found for ranking, found in marks[default].items() if ranking != USERS},
        **{f"passages {v}": found[USERS] for v, found in marks.items() if v != default},
    }
    title = f"{name}: difference to {USERS}, passages {default}"
    by_passage = (_by_passage(name, marks, column) for column in MARKS[1:4])
    return [weights, *by_passage, differences(title, marks[default][USERS], others)]


def by_header(excerpts: Excerpts, setting: Setting) -> list[Table]:
    """Compare dense vectors of header and text with those of the text alone."""
    both: dict[str, list[Mark]] = {}
    lexical: dict[str, list[Mark]] = {}
    with _open(excerpts, Variant(), setting) as measured:
        ids, vectors = vectors_without_header(measured, setting.cache)
        questions = measured.collection.questions
        ranked = [rank(measured, question) for question in track(questions, "header in both")]
        without = [
            replace(item, dense=nearest(measured, question, ids, vectors))
            for question, item in zip(questions, ranked, strict=True)
        ]
        for ranking in RANKINGS:
            both[f"header in both: {ranking}"] = _marks(measured, excerpts, ranked, ranking)
            lexical[f"in BM25 only: {ranking}"] = _marks(measured, excerpts, without, ranking)
    name = f"{excerpts.collection.name}: the header, passages {Variant()}"
    rows = (row(what, _figures(marks)) for what, marks in {**both, **lexical}.items())
    users = both[f"header in both: {USERS}"]
    title = f"{name}: difference to header in both, {USERS}"
    return [Table(title=name, rows=tuple(rows)), differences(title, users, lexical)]


def differences(title: str, users: Sequence[Mark], others: dict[str, list[Mark]]) -> Table:
    """Return how rankings differ from the one that users get, paired by question."""
    rows = []
    for what, marks in others.items():
        paired = [
            [mine[place] - theirs[place] for mine, theirs in zip(marks, users, strict=True)]
            for place in range(len(MARKS))
        ]
        figures = [bootstrapped(name, gaps, mean) for name, gaps in zip(MARKS, paired, strict=True)]
        rows.append(row(what, figures))
    return Table(title=title, rows=tuple(rows))


@contextmanager
def _open(excerpts: Excerpts, variant: Variant, setting: Setting) -> Iterator[Measured]:
    """Open the collection with passages of a variant; the default is the library of `bench`."""
    name = excerpts.collection.name
    if variant != Variant():
        name = f"{name}-{variant.tokens}-{variant.overlap}"
    questions = excerpts.collection.questions[:: _step(excerpts, setting)]
    collection = Collection(name, excerpts.collection.documents, questions)
    with passages_of(variant), replace(setting, limit=None).open(collection) as measured:
        yield measured


def _step(excerpts: Excerpts, setting: Setting) -> int:
    """A limit takes fewer questions; the documents stay whole, as they are what is measured."""
    count = len(excerpts.collection.questions)
    return max(1, count // (setting.limit or count))


def _marks(
    measured: Measured, excerpts: Excerpts, ranked: Sequence[Ranked], ranking: str
) -> list[Mark]:
    found = []
    for question, item in zip(measured.collection.questions, ranked, strict=True):
        passages = measured.library.passages(item.fused(ranking)[:DEPTH])
        found.append(mark(excerpts.of[question.id], passages, measured.collection.name))
    return found


def _figures(marks: Sequence[Mark]) -> list[Figure]:
    return [
        bootstrapped(name, [item[place] for item in marks], mean)
        for place, name in enumerate(MARKS)
    ]


def _by_passage(name: str, marks: dict[str, dict[str, list[Mark]]], column: str) -> Table:
    place = MARKS.index(column)
    rows = tuple(
        row(
            variant,
            [
                bootstrapped(ranking, [item[place] for item in found], mean)
                for ranking, found in by_ranking.items()
            ],
        )
        for variant, by_ranking in marks.items()
    )
    return Table(title=f"{name}: {column} by passage size / overlap", rows=rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the parts asked for, print their tables and keep them as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="size, header (both by default)")
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data")
    parser.add_argument("--cache", type=Path, default=Path("out/bench"), help="where libraries go")
    parser.add_argument("--limit", type=int, help="ask only so many questions")
    parser.add_argument("--save", type=Path, help="write all tables as one JSON file")
    options = parser.parse_args(arguments)
    setting = Setting(options.data, options.cache, load_embedding("minilm"), options.limit)
    console = Console()
    console.width = max(console.width, 240)
    tables: list[Table] = []
    for part in options.parts or PARTS:
        for read in (chunking.read, squad_pages):
            if part == "header" and read is chunking.read:
                continue  # its corpora have no title
            made = (by_size if part == "size" else by_header)(read(options.data), setting)
            for table in made:
                console.print(rich_table(table))
            tables += made
    if options.save:
        text = json.dumps([table.model_dump() for table in tables], indent=1)
        options.save.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
