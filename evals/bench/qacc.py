"""QACC: web questions whose snippets agree, or give a second answer.

S. Liu et al., "Open domain question answering with conflicting contexts", arXiv 2410.12311.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from evals.bench.collections import Collection, Document, Question
from evals.bench.data import read_json_lines
from evals.bench.figures import Judged, Table, balanced_accuracy, row
from evals.bench.sentences import ranked_sentences
from evals.bench.system import DENSE, IBID, Setting
from evals.measures.figure import Figure, proportion
from ingest.words import fold
from rag.types import Answer

NOTE = (
    "A question conflicts where annotators found a second answer. Any, both values: the statements "
    "have the first or second, the first and second answer as a string."
)

SENTENCES = 3
"""How many sentences the baseline shows."""


def read(data: Path) -> Collection:
    """Return every snippet as a document, and the questions; `gold` is left empty."""
    documents: dict[str, Document] = {}
    questions = []
    for number, record in enumerate(read_json_lines(data, "qacc_conflicts_train_dev.jsonl.gz")):
        articles = []
        for place, text in enumerate(record["contexts"]):
            if text.strip():
                documents[f"{number}_{place}"] = Document(record["sources"][place], text)
                articles.append(f"qacc-{number}_{place}")
        answers = tuple(filter(None, (record["firstAnswer"], record["secondAnswer"])))
        conflict = record["secondAnswerExist"] == "A"
        questions.append(
            Question(
                str(number), record["question"], answerable=True,
                group="conflict" if conflict else "agreed",
                articles=tuple(articles), answers=answers,
            )
        )  # fmt: skip
    return Collection("qacc", documents, questions)


def run(setting: Setting) -> list[Table]:
    """Measure whether a disagreement is shown, and whether both values are."""
    with setting.open(read(setting.data)) as measured:
        answers = [
            (question, measured.traced(question)[0])
            for question in track(measured.collection.questions, "qacc: questions")
        ]
        conflicts = [(q, answer) for q, answer in answers if q.group == "conflict"]
        best = [
            (question, " ".join(ranked_sentences(measured, DENSE, question)[:SENTENCES]))
            for question, _ in conflicts
        ]
    stated = [(question, _text(answer)) for question, answer in conflicts]
    rows = (
        row(IBID, [*detection(answers), *values(stated)]),
        row(f"{DENSE}, best {SENTENCES} sentences", values(best)),
    )
    return [Table(title="Conflicting answers", rows=rows, note=NOTE)]


def detection(answers: Sequence[tuple[Question, Answer]]) -> list[Figure]:
    """Return recall and precision of `Answer.disagreements`, and balanced accuracy."""
    judged = [
        Judged(question.group == "conflict", 0, bool(answer.disagreements))
        for question, answer in answers
    ]
    shown = sum(item.said for item in judged)
    right = sum(item.said and item.true for item in judged)
    return [
        proportion("recall", right, sum(item.true for item in judged)),
        proportion("precision", right, shown),
        balanced_accuracy("balanced accuracy", judged),
    ]


def values(texts: Sequence[tuple[Question, str]]) -> list[Figure]:
    """Return how often a text has either value, and both, over conflicting questions."""
    found = [
        [fold(" ".join(answer.split())) in fold(text) for answer in question.answers]
        for question, text in texts
    ]
    return [
        proportion("any value", sum(any(held) for held in found), len(found)),
        proportion("both values", sum(all(held) for held in found), len(found)),
    ]


def _text(answer: Answer) -> str:
    return " ".join(statement.text for statement in answer.statements)
