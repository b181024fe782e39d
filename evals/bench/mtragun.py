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
from evals.bench.refusal import Asked, ask_all, refusal_rows
from evals.bench.system import IBID, Measured, Setting
from evals.measures.figure import proportion
from rag.conversation import stand_alone
from rag.types import Turn

KINDS = ("ANSWERABLE", "PARTIAL", "UNDERSPECIFIED", "UNANSWERABLE")
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
        led = [standing(question) for question in turns]
        found = _found_rows(measured, led, "with the history")
        found_alone = _found_rows(measured, alone, "without it")
        asked_alone = ask_all(measured, alone)
        asked = [
            item._replace(scores=of_led.scores)  # sure of the question that the engine makes of it
            for item, of_led in zip(ask_all(measured, turns), ask_all(measured, led), strict=True)
        ]
    with_history = answered_row(f"{IBID}, with the history", asked)
    without = answered_row(f"{IBID}, without it", asked_alone)
    return [
        Table(
            title="Answered, by kind of turn",
            rows=(with_history, without),
            note=NOTE + "High is right for the answerable, low for the unanswerable.",
        ),
        Table(
            title="Answerable or unanswerable, with the history",
            rows=tuple(refusal_rows(_clear(asked))),
        ),
        Table(
            title="Answerable or unanswerable, without it",
            rows=tuple(refusal_rows(_clear(asked_alone))),
        ),
        Table(title="A passage that the answer stands on is found", rows=(*found, *found_alone)),
    ]


def answered_row(system: str, asked: Sequence[Asked]) -> Row:
    """Return the share of turns that is answered, by kind."""
    figures = []
    for kind in KINDS:
        of_kind = [item for item in asked if item.question.group == kind]
        answered = sum(item.answer.status == "answered" for item in of_kind)
        figures.append(proportion(kind.lower(), answered, len(of_kind)))
    return row(system, figures)


def standing(question: Question) -> Question:
    """Return a turn as the question that the engine makes of it and its history."""
    return replace(question, text=stand_alone(question.text, question.history), history=())


def _found_rows(measured: Measured, turns: Sequence[Question], what: str) -> list[Row]:
    answerable = [question for question in turns if question.answerable and question.gold]
    return article_rows(measured, answerable, f", {what}")


def _clear(asked: Sequence[Asked]) -> list[Asked]:
    return [item for item in asked if item.question.group in ("ANSWERABLE", "UNANSWERABLE")]


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
