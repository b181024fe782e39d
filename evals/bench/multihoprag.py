"""MultiHop-RAG with its authors' own metric, on the user's own copy of the articles.

Y. Tang and Y. Yang, "MultiHop-RAG: Benchmarking retrieval-augmented generation for multi-hop
queries", arXiv 2401.15391.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rich.progress import track

from evals.bench.collections import Collection, Document, Question
from evals.bench.data import MissingDataError, read_json, read_json_lines, sha256
from evals.bench.figures import Row, Table, published, row
from evals.bench.system import SYSTEMS, Setting
from evals.measures.figure import bootstrapped, mean, proportion
from ingest.errors import BadInputError

CORPUS_SHA256 = "20b61b5ab84de84a927420c5d265b7ec8d859ae49980699958a787ade9e4d28f"
CORPUS_FROM = "https://huggingface.co/datasets/yixuantt/MultiHopRAG (corpus.json, ODC-BY 1.0)"
DEPTH = 10
_SYSTEMS = {
    "bge-large-en-v1.5": (42.98, 34.23, 67.18, 52.21),
    "voyage-02": (39.34, 31.43, 65.06, 46.19),
    "voyage-02 + bge-reranker-large": (58.60, 47.95, 74.67, 66.25),
}
PUBLISHED = published(
    {
        name: dict(zip(("MRR@10", "MAP@10", "Hits@10", "Hits@4"), values, strict=True))
        for name, values in _SYSTEMS.items()
    },
    "paper, 2,255 queries, 256-token passages",
)
AUTHORS = published(
    {"the authors' script": {"Hits@10": 75.0, "Hits@4": 62.5, "MAP@10": 27.46, "MRR@10": 54.91}},
    "their repository",
)


class Scores(NamedTuple):
    """One query's marks."""

    hits_at_10: bool
    hits_at_4: bool
    average_precision: float
    reciprocal_rank: float


def run(setting: Setting) -> list[Table]:
    """Check the metric on the authors' own output; measure on the corpus where there is one."""
    output = read_json(setting.data, "multihoprag_author_output_8q.json.gz")
    marks = [
        score([item["text"] for item in query["retrieval_list"]], _facts(query["gold_list"]))
        for query in output
        if query["question_type"] != "null_query"
    ]
    check = Table(
        title="Our metric on the authors' own sample output",
        rows=(_row("their llm-embedder", marks),),
        published=AUTHORS,
        note=(
            "" if setting.corpus
            else f"To measure Ibid, get {CORPUS_FROM} and give it with --corpus FILE."
        ),
    )  # fmt: skip
    if setting.corpus is None:
        return [check]
    return [check, measure(setting, read(setting.data, setting.corpus))]


def score(passages: Sequence[str], facts: Sequence[str]) -> Scores:
    """Mark one query as the authors' retrieval_evaluate.py does.

    Without spaces and line breaks on both sides, a passage (with its header) is relevant if a fact
    is a part of it. Hits@k: some fact in the first k. Reciprocal rank: of the first relevant
    passage within ten. Average precision: over ranks to 10, facts newly found / rank, summed and
    divided by min(facts, 10).
    """
    texts = [_bare(passage) for passage in passages[:DEPTH]]
    wanted = [_bare(fact) for fact in facts]
    found: set[str] = set()
    first, precision = 0, 0.0
    for rank, text in enumerate(texts, 1):
        held = [fact for fact in wanted if fact in text]
        if held and not first:
            first = rank
        new = [fact for fact in held if fact not in found]
        precision += len(new) / rank
        found.update(new)
    return Scores(
        first > 0, 0 < first <= 4, precision / min(len(wanted), DEPTH), 1 / first if first else 0.0
    )


def read(data: Path, corpus: Path) -> Collection:
    """Return the articles of the user's copy with the queries that have evidence."""
    if not corpus.is_file():
        raise MissingDataError(f"There is no {corpus}. Get {CORPUS_FROM}.")
    if sha256(corpus) != CORPUS_SHA256:
        raise BadInputError(
            f"{corpus} is not the published file (sha256 {CORPUS_SHA256}), so figures would not "
            f"compare. Get {CORPUS_FROM}."
        )
    return make_collection(
        json.loads(corpus.read_text("utf-8")),
        list(read_json_lines(data, "multihoprag_sample_A.jsonl.gz")),
    )


def make_collection(articles: Sequence[dict[str, Any]], queries: Sequence[Any]) -> Collection:
    """Return articles and queries as a collection; a question's `answers` are its facts."""
    documents = {
        str(number): Document(article["title"], article["body"], article["published_at"][:10])
        for number, article in enumerate(articles)
    }
    questions = [
        Question(query["id"], query["query"], True, answers=tuple(_facts(query["evidence_list"])))
        for query in queries
        if query["question_type"] != "null_query"
    ]
    return Collection("multihoprag", documents, questions)


def measure(setting: Setting, collection: Collection) -> Table:
    """Mark every system's best ten passages, with their headers."""
    rows = []
    with setting.open(collection) as measured:
        for system in SYSTEMS:
            marks = []
            for question in track(measured.collection.questions, f"multihoprag: {system}"):
                passages = measured.rank(system, replace(question, articles=()), DEPTH)
                marks.append(score([p.indexed_text for p in passages], question.answers))
            rows.append(_row(system, marks))
    return Table(title="Evidence for multi-hop queries", rows=tuple(rows), published=PUBLISHED)


def _row(system: str, marks: Sequence[Scores]) -> Row:
    return row(
        system,
        [
            proportion("Hits@10", sum(mark.hits_at_10 for mark in marks), len(marks)),
            proportion("Hits@4", sum(mark.hits_at_4 for mark in marks), len(marks)),
            bootstrapped("MAP@10", [mark.average_precision for mark in marks], mean),
            bootstrapped("MRR@10", [mark.reciprocal_rank for mark in marks], mean),
        ],
    )


def _facts(evidence: Sequence[dict[str, Any]]) -> list[str]:
    return [item["fact"] for item in evidence]


def _bare(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")
