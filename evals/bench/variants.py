"""Variants of retrieval for the sweep: passages of other sizes, other rankings, their marks."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.progress import track

import ingest.split
from evals.bench.chunking import Excerpt, Excerpts, overlap
from evals.bench.collections import Collection, Document, Question
from evals.bench.data import read_json
from evals.bench.figures import first_rank
from evals.bench.system import Measured
from ingest.embed import Vectors
from ingest.types import Passage, Span
from ingest.vectors import Hit
from ingest.words import terms
from rag.retrieve import CANDIDATES, convex_combination

RRF_K = 60
WEIGHTS = (0.5, 1.0, 2.0, 3.0)
SHARES = (0.5, 0.7, 0.8)
RANKINGS = (
    "dense",
    "BM25",
    *(f"RRF, BM25 x {weight:g}" for weight in WEIGHTS),
    *(f"convex, BM25 {share:g}" for share in SHARES),
)
BUDGET = 1000
SQUAD_STEP = 3
"""Every so many answerable SQuAD questions are asked."""


class Variant(NamedTuple):
    """How passages are made."""

    tokens: int = ingest.split.PASSAGE_TOKENS
    overlap: int = ingest.split.OVERLAP_TOKENS

    def __str__(self) -> str:
        return f"{self.tokens}/{self.overlap}"


class Mark(NamedTuple):
    """One question's marks under one ranking."""

    first: float
    five: float
    budget: float
    union: float
    reciprocal: float


MARKS = ("recall@1", "recall@5", f"recall@{BUDGET} tokens", "IoU@5", "MRR@10")


@dataclass(frozen=True)
class Ranked:
    """Two rankings of a question's passages: by cosine and by BM25."""

    dense: list[Hit]
    lexical: list[Hit]

    def fused(self, ranking: str) -> list[str]:
        """Return passage ids by one of `RANKINGS`."""
        if ranking == "dense":
            return [hit.passage_id for hit in self.dense]
        if ranking == "BM25":
            return [hit.passage_id for hit in self.lexical]
        number = float(ranking.rpartition(" ")[2])
        if ranking.startswith("RRF"):
            return fuse(self.dense, self.lexical, number)
        return [hit.passage_id for hit in convex_combination(self.dense, self.lexical, number)]


def fuse(dense: Sequence[Hit], lexical: Sequence[Hit], weight: float) -> list[str]:
    """Fuse by reciprocal rank, that of the lexical ranking taken `weight` times.

    G. Cormack, C. Clarke and S. Büttcher, "Reciprocal rank fusion outperforms Condorcet and
    individual rank learning methods", SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for share, ranking in ((1.0, dense), (weight, lexical)):
        for rank, hit in enumerate(ranking, 1):
            scores[hit.passage_id] = scores.get(hit.passage_id, 0) + share / (RRF_K + rank)
    return sorted(scores, key=lambda passage_id: (-scores[passage_id], passage_id))


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
    for number, page in enumerate(read_json(data, "squad2_dev_A.json.gz")["data"]):
        start, name = 0, str(number)
        texts = [paragraph["context"] for paragraph in page["paragraphs"]]
        found.collection.documents[name] = Document(_title(page), "\n\n".join(texts))
        for paragraph in page["paragraphs"]:
            for item in paragraph["qas"]:
                if not item["is_impossible"]:
                    answer = item["answers"][0]
                    first = start + answer["answer_start"]
                    span = Span(first, first + len(answer["text"]))
                    answerable.append(Question(item["id"], item["question"], answerable=True))
                    found.of[item["id"]] = [Excerpt(name, span)]
            start += len(paragraph["context"]) + 2
    distractors = read_json(data, "squad2_distractor_paragraphs.json.gz")
    for number, page in enumerate(distractors, len(found.collection.documents)):
        text = "\n\n".join(page["paragraphs"])
        found.collection.documents[str(number)] = Document(_title(page), text)
    found.collection.questions.extend(answerable[::SQUAD_STEP])
    return found


def rank(measured: Measured, question: Question) -> Ranked:
    """Rank passages as `Retriever.find` does before it fuses."""
    words = terms(question.text)
    return Ranked(
        measured.library.search_vectors(measured.vectors([question.text])[0], CANDIDATES),
        measured.library.search_words(
            [*words, *measured.retriever.respelled(words).values()], CANDIDATES
        ),
    )


def vectors_without_header(measured: Measured, cache: Path) -> tuple[list[str], Vectors]:
    """Return the ids of all passages and the vectors of their texts alone, kept in the cache."""
    anything = np.zeros(measured.embedding.dimensions, np.float32)
    articles = [entry.id for entry in measured.library.catalogue()]
    hits = measured.library.search_vectors(anything, measured.library.count_passages(), articles)
    ids = sorted(hit.passage_id for hit in hits)
    path = cache / f"{measured.collection.name}-text-{_digest(ids)}.npy"
    if not path.is_file():
        passages = measured.library.passages(ids)
        vectors = [
            measured.embedding.embed([passage.text])[0]
            for passage in track(passages, "vectors without header")
        ]
        np.save(path, np.stack(vectors))
    return ids, np.asarray(np.load(path), dtype=np.float32)


def nearest(
    measured: Measured, question: Question, ids: Sequence[str], vectors: Vectors
) -> list[Hit]:
    """Return the nearest of these passages, exactly."""
    scores = vectors @ measured.vectors([question.text])[0]
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    return [Hit(ids[number], float(scores[number])) for number in best]


def mark(excerpts: Sequence[Excerpt], passages: Sequence[Passage], collection: str) -> Mark:
    """Mark one ranking of one question."""
    read: list[Passage] = []
    for passage in passages:
        if sum(item.tokens for item in read) + passage.tokens > BUDGET:
            break
        read.append(passage)
    five = overlap(excerpts, passages[:5], collection)
    holding = [p.id for p in passages if overlap(excerpts, [p], collection).recall > 0]
    rank_of_first = first_rank([p.id for p in passages[:10]], holding)
    return Mark(
        overlap(excerpts, passages[:1], collection).recall,
        five.recall,
        overlap(excerpts, read, collection).recall,
        five.union,
        1 / rank_of_first if rank_of_first else 0.0,
    )


def _title(page: dict[str, str]) -> str:
    return page["title"].replace("_", " ")


def _digest(ids: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
