"""Public question sets as libraries with questions, read from the files named here.

Each set is ingested once, by the same pipeline that users get, into a folder of its own: a second
run embeds nothing.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.embed import OnnxEmbedding
from ingest.errors import NotFoundError
from ingest.library import Library
from ingest.pipeline import ingest_bytes

UPLOAD_LIMIT_MB = 50


@dataclass(frozen=True)
class Question:
    """A question over a collection.

    `articles` are the ids it is asked of (all when empty); `answers` are strings, one of which the
    right sentence holds; `group` is what training and test are kept apart by.
    """

    id: str
    text: str
    answerable: bool
    group: str
    articles: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """A named set of documents (name -> title, text) with questions."""

    name: str
    documents: dict[str, tuple[str, str]]
    questions: list[Question]

    def open(self, cache: Path, embedding: OnnxEmbedding) -> Library:
        """Return the collection's library, ingesting what is not there yet."""
        library = Library(cache / self.name, embedding, "ibid bench")
        seen = {entry.location: entry.fingerprint for entry in library.ledger()}
        for name, (title, text) in self.documents.items():
            location = f"{self.name}:{name}.txt"
            ingest_bytes(
                library, embedding, location, text.encode(), {"title": title} if title else {},
                seen.get(location), UPLOAD_LIMIT_MB,
            )  # fmt: skip
        return library


def read_json_lines(path: Path) -> Iterator[Any]:
    """Yield the records of a gzipped JSON-lines file."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no {path}; give the folder that holds it with --data."
        ) from None


def squad(data: Path) -> Collection:
    """SQuAD 2.0 development half, one article a Wikipedia page, opened to the whole collection."""
    documents: dict[str, tuple[str, str]] = {}
    questions: list[Question] = []
    with gzip.open(data / "squad2_dev_A.json.gz", "rt", encoding="utf-8") as file:
        pages = json.load(file)["data"]
    for page in pages:
        name = page["title"]
        documents[name] = (
            name.replace("_", " "), "\n\n".join(p["context"] for p in page["paragraphs"])
        )  # fmt: skip
        for paragraph in page["paragraphs"]:
            for item in paragraph["qas"]:
                answers = tuple(answer["text"] for answer in item["answers"])
                questions.append(
                    Question(
                        item["id"], item["question"], not item["is_impossible"], name,
                        answers=answers,
                    )
                )  # fmt: skip
    return Collection("squad", documents, questions)


def nomiracl(data: Path) -> Collection:
    """NoMIRACL English: ten passages a question, relevant or not."""
    documents: dict[str, tuple[str, str]] = {}
    questions: list[Question] = []
    for number, record in enumerate(read_json_lines(data / "nomiracl_en_test_A.jsonl.gz")):
        names = []
        for rank, passage in enumerate(record["ps"]):
            title, _, text = passage.partition(": ")
            name = f"{number}_{rank}"
            documents[name] = (title, text or passage)
            names.append(f"nomiracl-{name}")
        questions.append(
            Question(
                str(record["query_id"]), record["q"], record["subset"] == "relevant",
                str(number % 2), tuple(names),
            )
        )  # fmt: skip
    return Collection("nomiracl", documents, questions)


def clapnq(data: Path) -> Collection:
    """CLAP NQ: a question and its passage, which answers it or not."""
    documents: dict[str, tuple[str, str]] = {}
    questions: list[Question] = []
    for number, record in enumerate(read_json_lines(data / "clapnq_dev_A.jsonl.gz")):
        passage = record["passages"][0]
        documents[str(number)] = (passage["title"], passage["text"])
        selected = tuple(record["output"][0].get("selected_sentences") or ())
        questions.append(
            Question(
                record["id"], record["input"], record["answerable"], str(number % 2),
                (f"clapnq-{number}",), selected,
            )
        )  # fmt: skip
    return Collection("clapnq", documents, questions)


COLLECTIONS: dict[str, Callable[[Path], Collection]] = {
    "squad": squad,
    "nomiracl": nomiracl,
    "clapnq": clapnq,
}
