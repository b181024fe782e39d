"""RGB en_fact: web snippets of which a growing share is noise.

J. Chen et al., "Benchmarking large language models in retrieval-augmented generation", AAAI 2024.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evals.bench.collections import Collection, Document, Question
from evals.bench.data import read_json_lines
from evals.bench.figures import Table, published
from evals.bench.refusal import refusal_rows
from evals.bench.sentences import sentence_rows
from evals.bench.system import Measured, Setting

SNIPPETS = 5
"""How many snippets a question is asked of (`passage_num` of the authors' evalue.py)."""
NOISE = (0.0, 0.2, 0.4, 0.6, 0.8)
PUBLISHED = {
    0.0: published({"cosine": {"top@1": 55.0, "top@3": 85.8}}, "plain baseline, 100 questions"),
    0.8: published({"cosine": {"top@1": 24.0, "top@3": 59.8}}, "plain baseline, 100 questions"),
}
REJECTION = published(
    {
        "ChatGPT": {"hallucination": 100 - 24.67},
        "Qwen-7B": {"hallucination": 100 - 31.0},
        "Vicuna-7B": {"hallucination": 100 - 17.0},
    },
    "RGB paper: 100 - negative rejection",
)


@dataclass(frozen=True)
class Snippets:
    """The collection, and the ids of each question's right and irrelevant snippets."""

    collection: Collection
    positive: dict[str, tuple[str, ...]]
    negative: dict[str, tuple[str, ...]]


def read(data: Path) -> Snippets:
    """Return every snippet as a document. The counterfactual snippets are left out."""
    found = Snippets(Collection("rgb", {}, []), {}, {})
    for record in read_json_lines(data, "rgb_en_fact_A.jsonl.gz"):
        number = str(record["id"])
        for kind, ids in (("positive", found.positive), ("negative", found.negative)):
            names = [f"{number}_{kind}_{place}" for place in range(len(record[kind]))]
            for name, text in zip(names, record[kind], strict=True):
                found.collection.documents[name] = Document("", text)
            ids[number] = tuple(f"rgb-{name}" for name in names)
        found.collection.questions.append(
            Question(
                number, record["query"], answerable=True, answers=_flat(record["answer"]),
                articles=(*found.positive[number], *found.negative[number]),
            )
        )  # fmt: skip
    return found


def run(setting: Setting) -> list[Table]:
    """Measure the sentence with the answer by noise, and refusal where all is noise."""
    snippets = read(setting.data)
    with setting.open(snippets.collection) as measured:
        tables = [
            Table(
                title=f"A sentence with the answer, noise {noise:.0%}",
                rows=tuple(sentence_rows(measured, with_noise(snippets, measured, noise))),
                published=PUBLISHED.get(noise, ()),
            )
            for noise in NOISE
        ]
        noise_only = with_noise(snippets, measured, 1)
        rows = tuple(refusal_rows(measured, [*only_right(snippets, measured), *noise_only]))
    note = "Answerable: right snippets only. Hallucination: answered from irrelevant ones only."
    return [
        *tables,
        Table(title="Only irrelevant snippets", rows=rows, published=REJECTION, note=note),
    ]


def with_noise(snippets: Snippets, measured: Measured, noise: float) -> list[Question]:
    """Return the questions, asked of five snippets of which a share is irrelevant.

    As in the authors' `processdata`: ceil(5 noise) irrelevant ones and right ones for the rest;
    where there are too few of a kind, the other kind fills up; a noise of 1 means no right one.
    """
    asked = []
    for question in measured.collection.questions:
        positive, negative = snippets.positive[question.id], snippets.negative[question.id]
        wrong = min(math.ceil(SNIPPETS * noise), len(negative))
        if noise < 1:
            wrong = min(max(wrong, SNIPPETS - len(positive)), len(negative))
        right = 0 if noise == 1 else SNIPPETS - wrong
        asked.append(_asked_of(measured, question, [*positive[:right], *negative[:wrong]]))
    return asked


def only_right(snippets: Snippets, measured: Measured) -> list[Question]:
    """Return the questions, asked of right snippets only, five at most."""
    return [
        _asked_of(measured, question, snippets.positive[question.id][:SNIPPETS])
        for question in measured.collection.questions
    ]


def _asked_of(measured: Measured, question: Question, articles: Sequence[str]) -> Question:
    name = measured.collection.name
    return replace(
        question,
        articles=tuple(f"{name}{article.removeprefix('rgb')}" for article in articles),
        answerable=any("positive" in article for article in articles),
    )


def _flat(answer: str | Sequence[object]) -> tuple[str, ...]:
    """Return the accepted answers, which the set nests as lists where there are several."""
    if isinstance(answer, str):
        return (answer,)
    return tuple(text for part in answer for text in _flat(part))  # type: ignore[arg-type]
