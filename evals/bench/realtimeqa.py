"""RealTimeQA 2022: finding the news article that a quiz question was written from.

J. Kasai et al., "RealTime QA: What's the answer right now?", NeurIPS 2023.
"""

from pathlib import Path

from evals.bench.articles import article_rows
from evals.bench.collections import Collection, Document, Question
from evals.bench.data import read_json_lines
from evals.bench.figures import Table
from evals.bench.system import Setting

NOTE = (
    "Plain baselines, measured once on 1,668 of the articles cut at 6,000 characters and so not "
    "comparable: BM25 .500/.762/.869, dense .442/.752/.879, both fused .505/.801/.888."
)


def read(data: Path) -> Collection:
    """Return all articles with the questions whose article is known."""
    documents: dict[str, Document] = {}
    names: dict[str, str] = {}
    for number, record in enumerate(read_json_lines(data, "rtqa_articles_2022.jsonl.gz")):
        names[record["url"]] = f"realtimeqa-{number}"
        documents[str(number)] = Document(record["title"], record["text"], _day(record["date"]))
    questions = []
    for record in read_json_lines(data, "rtqa_questions_A.jsonl.gz"):
        gold = tuple(names[url] for url in record["gold_urls"] if url in names)
        if gold:
            questions.append(Question(record["id"], record["question"], answerable=True, gold=gold))
    return Collection("realtimeqa", documents, questions)


def run(setting: Setting) -> list[Table]:
    """Measure recall and reciprocal rank of the gold article among all articles."""
    with setting.open(read(setting.data)) as measured:
        rows = tuple(article_rows(measured, measured.collection.questions))
        articles = len(measured.collection.documents)
    return [Table(title=f"The gold article among {articles:,}", rows=rows, note=NOTE)]


def _day(date: str | None) -> str | None:
    return date[:10] if date and len(date) >= len("2022-01-01") else None
