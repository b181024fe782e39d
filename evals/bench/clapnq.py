"""CLAP NQ: a long answer made of several sentences of one passage, or none.

S. Rosenthal et al., "CLAPnq: Cohesive long-form answers from passages in Natural Questions for RAG
systems", arXiv 2404.02103.
"""

from collections.abc import Sequence

from evals.bench.collections import clapnq, training_groups
from evals.bench.data import read_json_lines
from evals.bench.figures import Row, Table, published, row
from evals.bench.refusal import BASELINES, Asked, ask_all, refusal_rows
from evals.bench.rouge import rouge_l
from evals.bench.sentences import ranked_sentences, sentence_rows
from evals.bench.system import IBID, Measured, Setting
from evals.measures.figure import bootstrapped, mean, proportion

PUBLISHED = (
    *published(
        {
            "GPT-4": {"ROUGE-L": 35.9, "unanswerable": 18.0},
            "GPT-3.5": {"ROUGE-L": 39.8, "unanswerable": 37.0},
            "CLAPnq-T5-large (trained on it)": {"ROUGE-L": 57.2, "unanswerable": 89.2},
            "the whole passage": {"ROUGE-L": 49.5, "unanswerable": 0.0},
        },
        "CLAPnq paper, whole dev set",
    ),
    *published(
        {f"best {n} by cosine": {"ROUGE-L": f} for n, f in ((1, 44.0), (2, 53.0), (3, 55.3))},
        "plain baseline, whole dev set",
    ),
)
SENTENCES = (1, 2, 3)
"""How many sentences a baseline answers with."""


def run(setting: Setting) -> list[Table]:
    """Measure the wording of answers, what is refused, and the ranking of sentences."""
    collection = clapnq(setting.data)
    fitted = training_groups(collection.questions)
    gold = {
        record["id"]: [output["answer"] for output in record["output"] if output["answer"]]
        for record in read_json_lines(setting.data, "clapnq_dev_A.jsonl.gz")
    }
    with setting.open(collection) as measured:
        asked = ask_all(measured, measured.collection.questions)
        held_out = [item for item in asked if item.question.group not in fitted]
        answerable = [item.question for item in held_out if item.question.answerable]
        return [
            Table(
                title="The answer's wording, and unanswerable questions refused",
                rows=(
                    answer_row(IBID, held_out, gold),
                    answer_row(f"{IBID}, all questions", asked, gold),
                    *(
                        r
                        for name in BASELINES
                        for r in baseline_rows(measured, name, held_out, gold)
                    ),
                    _whole_passage(measured, held_out, gold),
                ),
                published=PUBLISHED,
                note=(
                    "On the half that the evidence weights were not fitted on, unless said. "
                    "A refused answerable question has ROUGE-L 0. The baselines answer every "
                    "question with their best sentences."
                ),
            ),
            Table(title="Answered or refused", rows=tuple(refusal_rows(held_out))),
            Table(
                title="A sentence that annotators chose is ranked first",
                rows=tuple(sentence_rows(measured, answerable)),
            ),
        ]


def answer_row(system: str, asked: Sequence[Asked], gold: dict[str, list[str]]) -> Row:
    """Return ROUGE-L over answerable questions and the share of the others that is refused."""
    wordings = [
        rouge_l(" ".join(s.text for s in item.answer.statements), gold[item.question.id])
        for item in asked
        if item.question.answerable
    ]
    others = [item for item in asked if not item.question.answerable]
    refused = sum(item.answer.status == "refused" for item in others)
    return row(
        system,
        [
            bootstrapped("ROUGE-L", wordings, mean),
            proportion("unanswerable", refused, len(others)),
        ],
    )


def baseline_rows(
    measured: Measured, system: str, asked: Sequence[Asked], gold: dict[str, list[str]]
) -> list[Row]:
    """Return ROUGE-L of a baseline's best sentences."""
    ranked = [
        (ranked_sentences(measured, system, item.question), gold[item.question.id])
        for item in asked
        if item.question.answerable
    ]
    return [
        row(
            f"{system}, best {count}",
            [
                bootstrapped(
                    "ROUGE-L",
                    [rouge_l(" ".join(best[:count]), texts) for best, texts in ranked],
                    mean,
                )
            ],
        )
        for count in SENTENCES
    ]


def _whole_passage(measured: Measured, asked: Sequence[Asked], gold: dict[str, list[str]]) -> Row:
    wordings = [
        rouge_l(measured.library.article(item.question.articles[0]).text, gold[item.question.id])
        for item in asked
        if item.question.answerable
    ]
    return row("the whole passage", [bootstrapped("ROUGE-L", wordings, mean)])
