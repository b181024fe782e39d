"""Choose retrieval settings by data: the share of BM25 in the fusion, passage size and overlap.

    python -m evals.bench.sweep --data DIR [--cache DIR] [--limit N]

Every size is a library of its own, made by the pipeline that users get, with two numbers of
`ingest.split` set otherwise. Recall is of the excerpts (chunking) or of the answer's own characters
(squad, whole pages as articles), because a longer passage would otherwise be credited with more
text: `@1000 tokens` reads the ranking until so many are retrieved, whatever the passages' size.
"""

import argparse
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track

import ingest.split
from evals.bench import chunking
from evals.bench.chunking import Excerpt, Excerpts, overlap
from evals.bench.collections import Collection, Document, Question
from evals.bench.data import read_json
from evals.bench.figures import Row, Table, row
from evals.bench.results import rich_table
from evals.bench.system import Measured, Setting
from evals.measures.figure import bootstrapped, mean
from ingest.types import Passage, Span
from ingest.vectors import Hit
from ingest.words import words
from rag.retrieve import CANDIDATES, LEXICAL_SHARE, convex_combination

SHARES = (0.0, 0.3, 0.5, 0.7, 1.0)
BUDGET = 1000
SQUAD_STEP = 3
"""Every so many answerable SQuAD questions are asked."""


class Variant(NamedTuple):
    """How passages are made."""

    tokens: int = ingest.split.PASSAGE_TOKENS
    overlap: int = ingest.split.OVERLAP_TOKENS

    def __str__(self) -> str:
        return f"{self.tokens}/{self.overlap}"


VARIANTS = tuple(itertools.starmap(Variant, itertools.product((150, 200, 250, 300), (0, 50))))


class Rankings(NamedTuple):
    """A question's passages by cosine and by BM25."""

    dense: Sequence[Hit]
    lexical: Sequence[Hit]


def by_share(excerpts: Excerpts, setting: Setting) -> Table:
    """Compare shares of BM25 in the fusion, over the passages that users get."""
    with _open(excerpts, Variant(), setting) as measured:
        ranked = _ranked(measured)
        rows = [_row(f"BM25 {share:g}", measured, excerpts, ranked, share) for share in SHARES]
    name = excerpts.collection.name
    title = f"{name}: share of BM25, passages {Variant()}; users get {LEXICAL_SHARE:g}"
    return Table(title=title, rows=tuple(rows))


def by_size(excerpts: Excerpts, setting: Setting, variants: Sequence[Variant] = VARIANTS) -> Table:
    """Compare sizes and overlaps of passages, fused as for users."""
    rows = []
    for variant in variants:
        with _open(excerpts, variant, setting) as measured:
            ranked = _ranked(measured)
            rows.append(_row(str(variant), measured, excerpts, ranked, LEXICAL_SHARE))
    title = f"{excerpts.collection.name}: tokens / overlap; users get {Variant()}"
    return Table(title=title, rows=tuple(rows))


def _ranked(measured: Measured) -> list[Rankings]:
    library, embedding = measured.ibid.library, measured.ibid.embedding
    return [
        Rankings(
            library.search_vectors(embedding.question(question.text), CANDIDATES),
            library.search_words(words(question.text), CANDIDATES),
        )
        for question in track(measured.collection.questions, f"{measured.collection.name}: ranking")
    ]


def _row(
    system: str, measured: Measured, excerpts: Excerpts, ranked: Sequence[Rankings], share: float
) -> Row:
    """Return recall at five passages and within the budget of tokens."""
    five, budget = [], []
    for question, rankings in zip(measured.collection.questions, ranked, strict=True):
        fused = convex_combination(rankings.dense, rankings.lexical, share)
        passages = measured.ibid.library.passages([hit.passage_id for hit in fused])
        wanted, name = excerpts.of[question.id], measured.collection.name
        five.append(overlap(wanted, passages[:5], name).recall)
        budget.append(overlap(wanted, _within(passages), name).recall)
    return row(
        system,
        [
            bootstrapped("recall@5", five, mean),
            bootstrapped(f"recall@{BUDGET} tokens", budget, mean),
        ],
    )


def _within(passages: Sequence[Passage]) -> list[Passage]:
    """Return as many of the first passages as the budget of tokens holds."""
    totals = itertools.accumulate(passage.tokens for passage in passages)
    return [p for p, total in zip(passages, totals, strict=True) if total <= BUDGET]


@contextmanager
def _open(excerpts: Excerpts, variant: Variant, setting: Setting) -> Iterator[Measured]:
    """Open the collection with passages of a variant; a limit takes fewer questions only."""
    collection = excerpts.collection
    step = max(1, len(collection.questions) // (setting.limit or len(collection.questions)))
    name = collection.name
    if variant != Variant():
        name = f"{name}-{variant.tokens}-{variant.overlap}"
    chosen = Collection(name, collection.documents, collection.questions[::step])
    with passages_of(variant), replace(setting, limit=None).open(chosen) as measured:
        yield measured


@contextmanager
def passages_of(variant: Variant) -> Iterator[None]:
    """Let the pipeline cut passages of another size while this lasts."""
    kept = ingest.split.PASSAGE_TOKENS, ingest.split.OVERLAP_TOKENS
    ingest.split.PASSAGE_TOKENS, ingest.split.OVERLAP_TOKENS = variant
    try:
        yield
    finally:
        ingest.split.PASSAGE_TOKENS, ingest.split.OVERLAP_TOKENS = kept


def squad_pages(data: Path) -> Excerpts:
    """Return SQuAD's pages whole, distractors too; an excerpt is the answer where it stands."""
    found = Excerpts(Collection("squad_pages", {}, []))
    answerable: list[Question] = []
    for page in read_json(data, "squad2_dev_A.json.gz")["data"]:
        start, name = 0, str(len(found.collection.documents))
        texts = [paragraph["context"] for paragraph in page["paragraphs"]]
        found.collection.documents[name] = _document(page["title"], texts)
        for paragraph in page["paragraphs"]:
            for item in paragraph["qas"]:
                if not item["is_impossible"]:
                    answer = item["answers"][0]
                    first = start + answer["answer_start"]
                    span = Span(first, first + len(answer["text"]))
                    answerable.append(Question(item["id"], item["question"], answerable=True))
                    found.of[item["id"]] = [Excerpt(name, span)]
            start += len(paragraph["context"]) + 2
    for page in read_json(data, "squad2_distractor_paragraphs.json.gz"):
        name = str(len(found.collection.documents))
        found.collection.documents[name] = _document(page["title"], page["paragraphs"])
    found.collection.questions.extend(answerable[::SQUAD_STEP])
    return found


def _document(title: str, paragraphs: Sequence[str]) -> Document:
    return Document(title.replace("_", " "), "\n\n".join(paragraphs))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both sets and print their tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data")
    parser.add_argument("--cache", type=Path, default=Path("out/bench"), help="where libraries go")
    parser.add_argument("--limit", type=int, help="ask only so many questions")
    options = parser.parse_args(arguments)
    setting = Setting(options.data, options.cache, limit=options.limit)
    console = Console()
    for read in (chunking.read, squad_pages):
        excerpts = read(options.data)
        for table in (by_share(excerpts, setting), by_size(excerpts, setting)):
            console.print(rich_table(table))


if __name__ == "__main__":
    main()
