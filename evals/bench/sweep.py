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
from evals.bench.figures import Row, Table, row
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

SIZES = (100, 150, 200, 250)
OVERLAPS = (0, 50)
DEPTH = 50
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
    return [weights, *(_by_passage(name, marks, column) for column in MARKS[1:4])]


def by_header(excerpts: Excerpts, setting: Setting) -> list[Table]:
    """Compare dense vectors of header and text with those of the text alone."""
    rows: list[Row] = []
    with _open(excerpts, Variant(), setting) as measured:
        ids, vectors = vectors_without_header(measured, setting.cache)
        for what in ("header in both", "header in BM25 only"):
            ranked = []
            for question in track(measured.collection.questions, what):
                item = rank(measured, question)
                if what != "header in both":
                    item = replace(item, dense=nearest(measured, question, ids, vectors))
                ranked.append(item)
            for ranking in RANKINGS:
                marks = _marks(measured, excerpts, ranked, ranking)
                rows.append(row(f"{what}: {ranking}", _figures(marks)))
    title = f"{excerpts.collection.name}: the header, passages {Variant()}"
    return [Table(title=title, rows=tuple(rows))]


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
    console.width = max(console.width, 160)
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
