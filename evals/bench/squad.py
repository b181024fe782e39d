"""SQuAD 2.0 opened to a collection: the paragraph, its sentence, and impossible questions.

P. Rajpurkar, R. Jia and P. Liang, "Know what you don't know", ACL 2018.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evals.bench.articles import article_rows
from evals.bench.collections import Collection, Document, Question, training_groups
from evals.bench.data import read_json
from evals.bench.figures import Table, published
from evals.bench.refusal import refusal_rows
from evals.bench.sentences import sentence_rows
from evals.bench.system import Measured, Setting

REMOVED_STEP = 5
"""Every so many answerable questions are asked again with their page taken away."""
PARAGRAPHS = published(
    {
        "BM25": {"R@1": 80.1, "R@5": 93.5, "R@10": 95.9},
        "MiniLM": {"R@1": 64.8, "R@5": 88.0, "R@10": 92.9},
        "both, rank fusion": {"R@1": 74.4, "R@5": 94.6, "R@10": 97.4},
    },
    "plain baselines, all questions, 1,216 paragraphs",
)
SENTENCES = published(
    {
        "BM25": {"top@1": 83.7, "top@3": 96.6},
        "MiniLM": {"top@1": 79.8, "top@3": 96.0},
        "both, rank fusion": {"top@1": 81.3, "top@3": 97.3},
    },
    "plain baselines, all questions",
)
IMPOSSIBLE = published(
    {"best sentence's cosine": {"AUROC": 63.9}, "MiniLM-L12 reader, no answer": {"accuracy": 73.9}},
    "within the right article",
)
HELD_OUT = "On the three pages that the evidence weights were not fitted on."


def read(data: Path) -> Collection:
    """Return every paragraph as a document under its page's title, and all questions."""
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    pages = read_json(data, "squad2_dev_A.json.gz")["data"]
    for number, page in enumerate(pages):
        for place, paragraph in enumerate(page["paragraphs"]):
            name = f"{number}_{place}"
            documents[name] = Document(page["title"].replace("_", " "), paragraph["context"])
            questions += [
                Question(
                    item["id"], item["question"], not item["is_impossible"], page["title"],
                    answers=tuple(answer["text"] for answer in item["answers"]),
                    gold=(f"squad_open-{name}",),
                )
                for item in paragraph["qas"]
            ]  # fmt: skip
    distractors = read_json(data, "squad2_distractor_paragraphs.json.gz")
    for number, page in enumerate(distractors, len(pages)):
        for place, text in enumerate(page["paragraphs"]):
            documents[f"{number}_{place}"] = Document(page["title"].replace("_", " "), text)
    return Collection("squad_open", documents, questions)


def run(setting: Setting) -> list[Table]:
    """Measure paragraph recall, the answer's sentence, and what is refused."""
    collection = read(setting.data)
    fitted = training_groups(collection.questions)
    with setting.open(collection) as measured:
        questions = measured.collection.questions
        answerable = [question for question in questions if question.answerable]
        held_out = [question for question in questions if question.group not in fitted]
        within = [replace(question, articles=question.gold) for question in answerable]
        unseen = [question for question in within if question.group not in fitted]
        return [
            Table(
                title=f"The paragraph among {len(measured.collection.documents):,}",
                rows=tuple(article_rows(measured, answerable)),
                published=PARAGRAPHS,
            ),
            Table(
                title="The answer's sentence within its paragraph",
                rows=(
                    *sentence_rows(measured, unseen),
                    *sentence_rows(measured, within, ", all questions"),
                ),
                published=SENTENCES,
                note=HELD_OUT,
            ),
            *_refusal_tables(measured, held_out),
        ]


def without_page(questions: Sequence[Question], collection: Collection) -> list[Question]:
    """Return questions as asked of a library that lacks their whole page."""
    articles = {name: f"{collection.name}-{name}" for name in collection.documents}
    asked = []
    for question in questions:
        page = question.gold[0].removeprefix(f"{collection.name}-").partition("_")[0]
        others = tuple(a for name, a in articles.items() if name.partition("_")[0] != page)
        asked.append(replace(question, answerable=False, articles=others))
    return asked


def _refusal_tables(measured: Measured, questions: Sequence[Question]) -> list[Table]:
    answerable = [question for question in questions if question.answerable]
    removed = without_page(answerable[::REMOVED_STEP], measured.collection)
    return [
        Table(
            title="Impossible questions over the collection: near misses",
            rows=tuple(refusal_rows(measured, questions)),
            published=IMPOSSIBLE,
            note=HELD_OUT,
        ),
        Table(
            title="Answerable questions, and some asked without their page",
            rows=tuple(refusal_rows(measured, [*answerable, *removed])),
            published=published({"best sentence's cosine": {"AUROC": 96.3}}, "article removed"),
            note=HELD_OUT,
        ),
    ]
