"""Chroma's chunking evaluation: whether the best five passages hold the excerpts that answer.

B. Smith and A. Troynikov, "Evaluating chunking strategies for retrieval", Chroma, 2024.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rich.progress import track

from evals.bench.collections import Collection, Document, Question
from evals.bench.data import read_json, read_json_lines
from evals.bench.figures import Published, Table, published, row
from evals.bench.system import SYSTEMS, Measured, Setting
from evals.measures.figure import Figure, bootstrapped, mean
from ingest.errors import IbidError
from ingest.types import Passage, Span

DEPTH = 5
COLUMNS = ("recall@5", "precision@5", "IoU@5")
PUBLISHED: tuple[Published, ...] = (
    *published(
        {
            "MiniLM, fixed 250 tokens, overlap 125": {"recall@5": 82.4},
            "MiniLM, fixed 250 tokens": {"recall@5": 77.1},
            "MiniLM, recursive 200 tokens": {"recall@5": 75.7},
            "text-embedding-3-large, fixed 400 tokens": {"recall@5": 89.2},
            "text-embedding-3-large, LLM chunker": {"recall@5": 91.9},
        },
        "Chroma report, all 472 questions",
    ),
)


class Excerpt(NamedTuple):
    """Part of a corpus that a question's answer stands on."""

    article: str
    span: Span


@dataclass(frozen=True)
class Excerpts:
    """The collection, and the excerpts of each question by its id."""

    collection: Collection
    of: dict[str, list[Excerpt]] = field(default_factory=dict)


class Overlap(NamedTuple):
    """A question's recall, precision and intersection over union, in characters."""

    recall: float
    precision: float
    union: float


def read(data: Path) -> Excerpts:
    """Return the five corpora, pooled, with the questions and their excerpts."""
    corpora = read_json(data, "chroma_chunkeval_corpora.json.gz")
    found = Excerpts(
        Collection("chunking", {name: Document("", text) for name, text in corpora.items()}, [])
    )
    for record in read_json_lines(data, "chroma_chunkeval_questions_A.jsonl.gz"):
        number, article = str(record["i"]), f"chunking-{record['corpus_id']}"
        found.collection.questions.append(
            Question(number, record["question"], answerable=True, gold=(article,))
        )
        found.of[number] = [
            Excerpt(record["corpus_id"], Span(part["start_index"], part["end_index"]))
            for part in record["references"]
        ]
    return found


def run(setting: Setting) -> list[Table]:
    """Measure recall, precision and intersection over union at five passages."""
    excerpts = read(setting.data)
    with setting.open(excerpts.collection) as measured:
        check_texts(measured)
        overlaps = {
            system: [
                overlap(
                    excerpts.of[question.id],
                    measured.rank(system, question, DEPTH),
                    measured.collection.name,
                )
                for question in track(measured.collection.questions, f"chunking: {system}")
            ]
            for system in SYSTEMS
        }
    rows = tuple(row(system, overlap_figures(found)) for system, found in overlaps.items())
    return [Table(title="Excerpts within the best five passages", rows=rows, published=PUBLISHED)]


def check_texts(measured: Measured) -> None:
    """Make sure that the excerpts' offsets are those of the articles as ingested."""
    for name, document in measured.collection.documents.items():
        if (
            measured.ibid.library.article(f"{measured.collection.name}-{name}").text
            != document.text
        ):
            raise IbidError(f"The corpus {name} was changed by ingesting; its offsets are lost.")


def overlap_figures(overlaps: Sequence[Overlap]) -> list[Figure]:
    """Return the means over questions."""
    return [
        bootstrapped(name, [item[place] for item in overlaps], mean)
        for place, name in enumerate(COLUMNS)
    ]


def overlap(excerpts: Sequence[Excerpt], passages: Sequence[Passage], collection: str) -> Overlap:
    """Compare retrieved passages with a question's excerpts.

    As in `chunking_evaluation` (base_evaluation.py): with I the characters of excerpts that some
    passage holds, recall = I / characters of the excerpts; precision = I / characters retrieved;
    IoU = I / (characters retrieved + excerpt characters missed). What two passages both hold is
    retrieved twice.
    """
    wanted = length(excerpt.span for excerpt in excerpts)
    retrieved = length(Span(passage.start, passage.end) for passage in passages)
    found = 0
    for article in {excerpt.article for excerpt in excerpts}:
        spans = [
            Span(p.start, p.end) for p in passages if p.article_id == f"{collection}-{article}"
        ]
        found += length(
            merged(
                Span(max(span.start, excerpt.span.start), min(span.end, excerpt.span.end))
                for span in spans
                for excerpt in excerpts
                if excerpt.article == article
            )
        )
    missed = wanted - found
    return Overlap(found / wanted, found / max(retrieved, 1), found / max(retrieved + missed, 1))


def length(spans: Iterable[Span]) -> int:
    """Return the number of characters of spans, overlaps counted twice."""
    return sum(span.end - span.start for span in spans)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the union of spans; empty ones (start at or after the end) are dropped."""
    found: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found
