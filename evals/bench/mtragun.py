"""MTRAG-UN: turns of conversations, some of which the documents do not answer.

Y. Katsis et al., "MTRAG: A multi-turn conversational benchmark for evaluating retrieval-augmented
generation systems", arXiv 2501.03468, and its UN part.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evals.bench.articles import article_rows
from evals.bench.collections import Collection, Document, Question
from evals.bench.data import read_json_lines
from evals.bench.figures import Row, Table, row
from evals.bench.refusal import refusal_rows
from evals.bench.system import IBID, Measured, Setting
from evals.measures.figure import proportion
from rag.types import Turn

KINDS = ("ANSWERABLE", "PARTIAL", "UNDERSPECIFIED", "UNANSWERABLE")
CLEAR = ("ANSWERABLE", "UNANSWERABLE")
ROLES = {"user": "user", "agent": "assistant"}
NOTE = (
    "A turn is asked of all documents of its domain: the unanswerable ones come without any of "
    "their own. "
)


def read(data: Path) -> Collection:
    """Return every context as a document, and the last turn of each task as a question."""
    documents: dict[str, Document] = {}
    names: dict[str, str] = {}
    domains: dict[str, dict[str, None]] = {}
    records = list(read_json_lines(data, "mtragun_tasks_A.jsonl.gz"))
    for record in records:
        for context in record["contexts"]:
            name = names.setdefault(context["document_id"], str(len(names)))
            documents.setdefault(name, Document(context.get("title") or "", context["text"]))
            domains.setdefault(record["Collection"], {})[f"mtragun-{name}"] = None
    questions = [
        _question(
            record,
            tuple(domains[record["Collection"]]),
            tuple({f"mtragun-{names[c['document_id']]}": None for c in record["contexts"]}),
        )
        for record in records
        if record["Collection"] in domains
    ]
    return Collection("mtragun", documents, questions)


def run(setting: Setting) -> list[Table]:
    """Measure what is found, answered and refused, with and without the conversation before."""
    with setting.open(read(setting.data)) as measured:
        turns = measured.collection.questions
        alone = [replace(question, history=()) for question in turns]
        asked = {"with the history": turns, "without it": alone}
        answered = Table(
            title="Answered, by kind of turn",
            rows=tuple(
                answered_row(measured, f"{IBID}, {how}", questions)
                for how, questions in asked.items()
            ),
            note=NOTE + "High is right for the answerable, low for the unanswerable.",
        )
        refused = [
            Table(
                title=f"Answerable or unanswerable, {how}",
                rows=tuple(refusal_rows(measured, [q for q in questions if q.group in CLEAR])),
            )
            for how, questions in asked.items()
        ]
        found = [
            item
            for how, questions in asked.items()
            for item in article_rows(
                measured, [q for q in questions if q.gold and q.answerable], f", {how}"
            )
        ]
    title = "A passage that the answer stands on is found"
    return [answered, *refused, Table(title=title, rows=tuple(found))]


def answered_row(measured: Measured, name: str, questions: Sequence[Question]) -> Row:
    """Return the share of turns that is answered, by kind."""
    figures = []
    for kind in KINDS:
        of_kind = [question for question in questions if question.group == kind]
        answered = sum(measured.traced(q)[0].status == "answered" for q in of_kind)
        figures.append(proportion(kind.lower(), answered, len(of_kind)))
    return row(name, figures)


def _question(record: dict[str, Any], articles: tuple[str, ...], gold: tuple[str, ...]) -> Question:
    *before, last = record["input"]
    kind = record["answerability"][0]
    turns = [{"role": ROLES[turn["speaker"]], "content": turn["text"]} for turn in before]
    return Question(
        record["task_id"],
        last["text"],
        kind in ("ANSWERABLE", "PARTIAL"),
        kind,
        articles,
        gold=gold,
        history=tuple(Turn.model_validate(turn) for turn in turns),
    )
