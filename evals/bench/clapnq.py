"""CLAP NQ: a long answer made of several sentences of one passage, or none.

S. Rosenthal et al., "CLAPnq: Cohesive long-form answers from passages in Natural Questions for RAG
systems", arXiv 2404.02103.
"""

from collections.abc import Sequence

from evals.bench.collections import Question, clapnq, training_groups
from evals.bench.data import read_json_lines
from evals.bench.figures import Row, Table, published, row
from evals.bench.refusal import refusal_rows
from evals.bench.rouge import rouge_l
from evals.bench.sentences import ranked_sentences, sentence_rows
from evals.bench.system import DENSE, IBID, Measured, Setting
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
        asked = measured.collection.questions
        held_out = [question for question in asked if question.group not in fitted]
        answerable = [question for question in held_out if question.answerable]
        return [
            Table(
                title="The answer's wording, and unanswerable questions refused",
                rows=(
                    answer_row(measured, IBID, held_out, gold),
                    answer_row(measured, f"{IBID}, all questions", asked, gold),
                    *baseline_rows(measured, answerable, gold),
                    _whole_passage(measured, answerable, gold),
                ),
                published=PUBLISHED,
                note=(
                    "On the half that the evidence weights were not fitted on, unless said. "
                    "A refused answerable question has ROUGE-L 0. The baselines answer every "
                    "question with the best sentences by cosine."
                ),
            ),
            Table(title="Answered or refused", rows=tuple(refusal_rows(measured, held_out))),
            Table(
                title="A sentence that annotators chose is ranked first",
                rows=tuple(sentence_rows(measured, answerable)),
            ),
        ]


def answer_row(
    measured: Measured, name: str, questions: Sequence[Question], gold: dict[str, list[str]]
) -> Row:
    """Return ROUGE-L over answerable questions and the share of the others that is refused."""
    answers = {question: measured.traced(question)[0] for question in questions}
    wordings = [
        rouge_l(" ".join(statement.text for statement in answer.statements), gold[question.id])
        for question, answer in answers.items()
        if question.answerable
    ]
    others = [answer for question, answer in answers.items() if not question.answerable]
    refused = sum(answer.status == "refused" for answer in others)
    unanswerable = proportion("unanswerable", refused, len(others))
    return row(name, [bootstrapped("ROUGE-L", wordings, mean), unanswerable])


def baseline_rows(
    measured: Measured, questions: Sequence[Question], gold: dict[str, list[str]]
) -> list[Row]:
    """Return ROUGE-L of the best sentences by cosine alone."""
    ranked = [(ranked_sentences(measured, DENSE, q), gold[q.id]) for q in questions]
    rows = []
    for count in SENTENCES:
        wordings = [rouge_l(" ".join(best[:count]), texts) for best, texts in ranked]
        rows.append(row(f"{DENSE}, best {count}", [bootstrapped("ROUGE-L", wordings, mean)]))
    return rows


def _whole_passage(
    measured: Measured, questions: Sequence[Question], gold: dict[str, list[str]]
) -> Row:
    wordings = [
        rouge_l(measured.ibid.library.article(q.articles[0]).text, gold[q.id]) for q in questions
    ]
    return row("the whole passage", [bootstrapped("ROUGE-L", wordings, mean)])
