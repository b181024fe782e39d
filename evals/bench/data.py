"""The public data files: where a user gets each, and how they are read.

Every file is a part of a public set in one format: gzipped JSON, or a gzipped line of JSON a
record. docs/benchmarks.md describes the fields.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ingest.errors import BadInputError, NotFoundError


class MissingDataError(NotFoundError):
    """A benchmark's data file is not in the data folder."""


class Source(NamedTuple):
    """Where a file was made from: a public repository, a commit of it, and the paths there."""

    repository: str
    commit: str
    paths: str

    def __str__(self) -> str:
        return f"https://github.com/{self.repository} ({self.paths}, commit {self.commit})"


_REALTIMEQA = Source(
    "realtimeqa/realtimeqa_public", "bc15fba7", "past/2022/*_{qa,qa_nota,gcs,gold}.jsonl"
)
_SQUAD = Source("chrischute/squad", "85623ade", "data/dev-v2.0.json, data/test-v2.0.json")
_CHUNKING = Source(
    "brandonstarxel/chunking_evaluation",
    "d451fc4c",
    "chunking_evaluation/evaluation_framework/general_evaluation_data",
)
SOURCES = {
    "chroma_chunkeval_corpora.json.gz": _CHUNKING,
    "chroma_chunkeval_questions_A.jsonl.gz": _CHUNKING,
    "rtqa_articles_2022.jsonl.gz": _REALTIMEQA,
    "rtqa_questions_A.jsonl.gz": _REALTIMEQA,
    "squad2_dev_A.json.gz": _SQUAD,
    "squad2_distractor_paragraphs.json.gz": _SQUAD,
    "nomiracl_en_test_A.jsonl.gz": Source(
        "project-miracl/nomiracl",
        "9c787daa",
        "results/baselines/{relevant,non_relevant}/en.test.vanilla_prompt.jsonl",
    ),
    "clapnq_dev_A.jsonl.gz": Source("primeqa/clapnq", "eb26840d", "annotated_data/dev/*.jsonl"),
    "rgb_en_fact_A.jsonl.gz": Source("chen700564/RGB", "65ec39e4", "data/en_fact.json"),
    "mtragun_tasks_A.jsonl.gz": Source(
        "IBM/mt-rag-benchmark", "cc5b1d48", "mtragun-human/generation_tasks/reference.jsonl"
    ),
    "qacc_conflicts_train_dev.jsonl.gz": Source(
        "amazon-science/qa-with-conflicting-context", "fff5a4cd", "data/ConflictQA_Dataset.json"
    ),
    "multihoprag_sample_A.jsonl.gz": Source(
        "zc277584121/search-datasets", "80980f31", "multihop_rag/{queries,ground_truth}.json"
    ),
    "multihoprag_author_output_8q.json.gz": Source(
        "yixuantt/MultiHop-RAG", "7b33728", "output/llm-embedder_retrieval_test.json"
    ),
}


def read_json(data: Path, name: str) -> Any:  # noqa: ANN401 its shape is the set's own
    """Return what a gzipped JSON file of the data folder holds."""
    return json.loads(_text(data, name))


def read_json_lines(data: Path, name: str) -> Iterator[Any]:
    """Yield the records of a gzipped JSON-lines file of the data folder."""
    for line in _text(data, name).split("\n"):
        if line:
            yield json.loads(line)


def sha256(path: Path) -> str:
    """Return a file's hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text(data: Path, name: str) -> str:
    path = data / name
    if not path.is_file():
        where = f" It is made from {SOURCES[name]}" if name in SOURCES else ""
        raise MissingDataError(
            f"There is no {path}. Give the folder that holds {name} with --data.{where}; "
            "docs/benchmarks.md says how."
        )
    try:
        return gzip.decompress(path.read_bytes()).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not gzipped text ({error}). Fetch it again.") from None
