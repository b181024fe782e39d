"""Public question sets as libraries with questions.

Each set is ingested once, by the same pipeline that users get, into a folder of its own: a second
run embeds nothing, and one that was stopped goes on where it was.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rich.progress import track

from evals.bench.data import read_json, read_json_lines
from ingest.embed import Embedding
from ingest.errors import BadInputError
from ingest.library import Library
from ingest.pipeline import ingest_bytes
from ingest.types import Status
from ingest.words import fold
from rag.types import Turn, tidy

UPLOAD_LIMIT_MB = 50
OTHERS = 5
"""Documents kept beside those needed, for each question of a limited collection."""
SQUAD_TRAINING_PAGES = 5


class Document(NamedTuple):
    """A text with what its set says of it."""

    title: str
    text: str
    published: str | None = None


@dataclass(frozen=True)
class Question:
    """A question over a collection.

    `articles` are the ids it is asked of (all when empty), `gold` those that answer it; `answers`
    are strings, one of which the right sentence holds; `group` is what training and test are kept
    apart by.
    """

    id: str
    text: str
    answerable: bool
    group: str = ""
    articles: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Collection:
    """A named set of documents, by name, with questions. Article ids are `<name>-<document>`."""

    name: str
    documents: dict[str, Document]
    questions: list[Question]

    def open(self, cache: Path, embedding: Embedding) -> Library:
        """Return the collection's library, ingesting what is not there yet."""
        library = Library(cache / self.name, embedding, "ibid bench")
        try:
            self.fill(library, embedding)
        except BaseException:
            library.close()
            raise
        return library

    def fill(self, library: Library, embedding: Embedding) -> None:
        """Ingest into a library what is not there yet."""
        for name, document in track(self.documents.items(), f"{self.name}: documents"):
            location = f"{self.name}:{name}.txt"
            entry = {"title": document.title, "published": document.published}
            outcome = ingest_bytes(
                library, embedding, location, document.text.encode(),
                {key: value for key, value in entry.items() if value},
                UPLOAD_LIMIT_MB,
            )  # fmt: skip
            if outcome.status is Status.FAILED:
                raise BadInputError(f"{location} cannot be ingested: {outcome.error}")

    def limited(self, count: int | None) -> "Collection":
        """Return `count` of the questions, evenly spread, with the documents they need."""
        if count is None or count >= len(self.questions):
            return self
        questions = [self.questions[n * len(self.questions) // count] for n in range(count)]
        prefix = len(f"{self.name}-")
        needed = {article[prefix:] for q in questions for article in (*q.articles, *q.gold)}
        asked_of_all = any(not question.articles for question in questions)
        others = [name for name in self.documents if name not in needed]
        needed.update(others[: OTHERS * count] if asked_of_all else ())
        kept = {name: document for name, document in self.documents.items() if name in needed}
        limited = f"{self.name}-{count}"
        return Collection(
            limited, kept, [self._renamed(question, limited) for question in questions]
        )

    def _renamed(self, question: Question, name: str) -> Question:
        def rename(articles: Sequence[str]) -> tuple[str, ...]:
            return tuple(f"{name}{article.removeprefix(self.name)}" for article in articles)

        return replace(question, articles=rename(question.articles), gold=rename(question.gold))


def holds(sentence: str, answers: Sequence[str]) -> bool:
    """Whether a folded sentence has one of the folded answers, or is part of a longer one."""
    return any(
        answer in sentence or (len(sentence) > 40 and sentence in answer)
        for answer in answers
        if answer
    )


def folded(answers: Sequence[str]) -> list[str]:
    """Return answers as `holds` compares them."""
    return [fold(tidy(answer)) for answer in answers]


def training_groups(questions: Sequence[Question]) -> frozenset[str]:
    """Return the groups of questions that the evidence weights were fitted on.

    Five of the eight SQuAD pages, and every second question of the other sets.
    """
    groups = sorted({question.group for question in questions})
    return frozenset(groups[: SQUAD_TRAINING_PAGES if len(groups) > 2 else 1])


def squad(data: Path) -> Collection:
    """SQuAD 2.0 development half, one article a Wikipedia page, opened to the whole collection."""
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    for page in read_json(data, "squad2_dev_A.json.gz")["data"]:
        name = page["title"]
        text = "\n\n".join(paragraph["context"] for paragraph in page["paragraphs"])
        documents[name] = Document(name.replace("_", " "), text)
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
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    for number, record in enumerate(read_json_lines(data, "nomiracl_en_test_A.jsonl.gz")):
        names = []
        for rank, passage in enumerate(record["ps"]):
            title, _, text = passage.partition(": ")
            name = f"{number}_{rank}"
            documents[name] = Document(title, text or passage)
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
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    for number, record in enumerate(read_json_lines(data, "clapnq_dev_A.jsonl.gz")):
        passage = record["passages"][0]
        documents[str(number)] = Document(passage["title"], passage["text"])
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
"""The sets that `fit_evidence` fits the weights on."""
