"""NoMIRACL English: refusing a question that none of its ten passages answers.

N. Thakur et al., "NoMIRACL: Knowing when you don't know", arXiv 2312.11361.
"""

import re
from collections.abc import Sequence
from typing import Any

from evals.bench.collections import nomiracl, training_groups
from evals.bench.data import read_json_lines
from evals.bench.figures import Judged, Row, Table, published, row
from evals.bench.refusal import refusal_figures, refusal_rows
from evals.bench.system import Setting

PUBLISHED = published(
    {
        "GPT-4": {"error": 5.2, "hallucination": 42.4, "balanced accuracy": 76.2},
        "Mixtral-8x7B": {"error": 20.8, "hallucination": 27.6, "balanced accuracy": 75.8},
        "GPT-3.5": {"error": 8.8, "hallucination": 44.4, "balanced accuracy": 73.4},
        "Mistral-7B": {"error": 60.4, "hallucination": 9.2, "balanced accuracy": 65.2},
        "Llama-2-70B": {"error": 0.4, "hallucination": 99.2, "balanced accuracy": 50.2},
    },
    "stored outputs, all 500 questions",
)


def run(setting: Setting) -> list[Table]:
    """Measure refusals, beside those of the eleven language models whose outputs are stored."""
    collection = nomiracl(setting.data)
    fitted = training_groups(collection.questions)
    records = {
        str(record["query_id"]): record
        for record in read_json_lines(setting.data, "nomiracl_en_test_A.jsonl.gz")
    }
    with setting.open(collection) as measured:
        asked = measured.collection.questions
        held_out = [question for question in asked if question.group not in fitted]
        return [
            Table(
                title=title,
                rows=(
                    *refusal_rows(measured, questions),
                    *model_rows([records[question.id] for question in questions]),
                ),
                published=PUBLISHED,
                note=note,
            )
            for title, questions, note in (
                ("Questions that the evidence weights were not fitted on", held_out, ""),
                ("All questions", asked, "Ibid's evidence weights were fitted on half of them."),
            )
        ]


def model_rows(records: Sequence[dict[str, Any]]) -> list[Row]:
    """Return the figures of the stored language models' outputs."""
    names = list(records[0]["llm_outputs"]) if records else []
    return [
        row(
            name,
            refusal_figures(
                [
                    Judged(record["subset"] == "relevant", 0, not refuses(output))
                    for record in records
                    if (output := record["llm_outputs"].get(name)) is not None
                ],
                scored=False,
            ),
        )
        for name in names
    ]


def refuses(output: str) -> bool:
    """Whether a language model's output says that the passages do not answer.

    As in the authors' `VanillaTemplate.postprocess`: it says "I don't know" and not also "Yes,
    answer is present"; or neither, but "answer is not present". An output that is neither (which
    they call invalid) does not refuse, which is how the published rates come about.
    """
    said = re.sub(r"[\n\t]", " ", output).lower()
    if "yes, answer is present" in said or "i don't know" in said:
        return "yes, answer is present" not in said
    return "answer is not present" in said and "answer is present" not in said
