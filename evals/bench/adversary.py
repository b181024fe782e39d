"""False statements of every kind that a language model may write, with true quotes.

Each stands on the sentences it was made of, and again on those with their neighbours: who may
choose the quotes cites much. The sentences are those of the project's own articles and of news
articles. Faithful rewrites of the same sentences must still pass.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.progress import track

from evals.bench.altered import SEED, Case, make_pool, usable
from evals.bench.data import read_json_lines
from evals.bench.falsehoods import LIES, Falsehood, Place
from evals.bench.figures import Row, Table, row
from evals.bench.rewrites import REWRITINGS
from evals.bench.system import Setting
from evals.measures.figure import Figure, proportion
from ingest.pipeline import make_article
from ingest.types import Article, BlockKind, Span
from rag.types import Quote
from rag.verdict import judge, tidy

CORPUS = Path(__file__).parents[2] / "corpus"
NEIGHBOURS = 2
"""How many sentences on either side are quoted too, where much is."""
NEWS = 40
"""How many news articles sentences are taken from, evenly spread."""
MOST_OF_ONE = 12
"""How many sentences are taken from one news article."""


class Seen(NamedTuple):
    """A statement, its kind, and whether it passed with the least quotes and with many."""

    kind: str
    statement: Falsehood
    alone: bool
    among_many: bool


class Source(NamedTuple):
    """An article, the number of the sentence in question, and the sentence to cite wrongly."""

    article: Article
    number: int
    place: Place


def run(setting: Setting) -> list[Table]:
    """Judge every falsehood and every faithful rewrite."""
    chosen = list(sources(setting.data))
    if setting.limit:
        chosen = chosen[:: max(1, len(chosen) // setting.limit)]
    false, faithful = list(falsehoods(chosen)), list(rewrites(chosen))
    return [
        Table(title="False statements: share let through", rows=_rows(false), note=NOTE),
        Table(title="Faithful rewrites: share let through", rows=_rows(faithful)),
    ]


NOTE = (
    "Every statement stands on the true sentences that it was made of, and once more on those and "
    f"the {NEIGHBOURS} before and after. Some alterations by chance leave a sentence true."
)


def falsehoods(chosen: Sequence[Source]) -> Iterator[Seen]:
    """Make every kind of falsehood of each sentence that allows it, and judge it."""
    for kind, lie in track(LIES.items(), "adversary: false"):
        generator = random.Random(f"{SEED} {kind}")  # noqa: S311 not for secrets
        for source in chosen:
            statement = lie(source.place, generator)
            if statement and not _is_true(statement):
                yield _judged(kind, statement, source)


def rewrites(chosen: Sequence[Source]) -> Iterator[Seen]:
    """Make every kind of faithful rewrite of each sentence that allows it, and judge it."""
    for kind, rewrite in track(REWRITINGS.items(), "adversary: faithful"):
        for source in chosen:
            statement = rewrite(source.place)
            if statement:
                yield _judged(kind, statement, source)


def sources(data: Path) -> Iterator[Source]:
    """Yield sentences of the project's articles and of news articles, with what is around them."""
    articles = [*_own(), *_news(data)]
    texts = [sentence for article in articles for sentence in _texts(article) if usable(sentence)]
    pool = make_pool([Case("", text, ()) for text in texts])
    for number, article in enumerate(articles):
        other = articles[number - 1]
        elsewhere = next((text for text in _texts(other) if usable(text)), "")
        found = list(_of(article))
        step = max(1, len(found) // MOST_OF_ONE) if article.id.startswith("news") else 1
        for place, around, after in found[::step]:
            text = tidy(_cut(article, place))
            yield Source(article, place, Place(text, around, after, elsewhere, pool))


def _own() -> Iterator[Article]:
    for path in sorted(CORPUS.glob("*.txt")):
        yield make_article(path.stem, path.name, path.read_text("utf-8"))


def _news(data: Path) -> Iterator[Article]:
    records = list(read_json_lines(data, "rtqa_articles_2022.jsonl.gz"))
    count = min(NEWS, len(records))
    for number in range(count):
        record = records[number * len(records) // count]
        yield make_article(f"news-{number}", f"{number}.txt", record["text"])


def _of(article: Article) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Yield the number of each usable sentence, those around it, and the usable one after it."""
    kinds = [sentence.kind for sentence in article.sentences]
    texts = [tidy(text) for text in _texts(article)]
    for number, text in enumerate(texts):
        if kinds[number] is not BlockKind.TEXT or not (usable(text) or text.endswith("?")):
            continue
        around = texts[max(0, number - NEIGHBOURS) : number + NEIGHBOURS + 1]
        after = texts[number + 1] if number + 1 < len(texts) else ""
        yield number, tuple(around), after if usable(f"{after} ") or usable(after) else ""


def _texts(article: Article) -> list[str]:
    return [_cut(article, number) for number in range(len(article.sentences))]


def _cut(article: Article, number: int) -> str:
    sentence = article.sentences[number]
    return article.text[sentence.start : sentence.end]


def _is_true(statement: Falsehood) -> bool:
    """Whether a falsehood is by chance what a sentence nearby says, word for word."""
    own = statement.text.casefold()
    return statement.text != "" and any(own in text.casefold() for text in statement.stands_on)


def _judged(kind: str, statement: Falsehood, source: Source) -> Seen:
    article, number = source.article, source.number
    if statement.stands_on == (source.place.elsewhere,):
        other = make_article("other", "other.txt", statement.stands_on[0])
        quote = Quote.of(other, Span(0, len(other.text)))
        passed = judge(statement.text, [quote], {"other": other}, derived=True).supported
        return Seen(kind, statement, passed, passed)
    few = range(number, number + len(statement.stands_on))
    many = range(max(0, number - NEIGHBOURS), min(len(article.sentences), number + NEIGHBOURS + 1))
    articles = {article.id: article}
    alone, among_many = (
        judge(statement.text, _quotes(article, part), articles, derived=True).supported
        for part in (few, many)
    )
    return Seen(kind, statement, alone, among_many)


def _quotes(article: Article, numbers: Iterable[int]) -> list[Quote]:
    spans = (article.sentences[number] for number in numbers)
    return [Quote.of(article, Span(span.start, span.end)) for span in spans]


def _rows(seen: Sequence[Seen]) -> tuple[Row, ...]:
    kinds = dict.fromkeys(item.kind for item in seen)
    groups = {kind: [item for item in seen if item.kind == kind] for kind in kinds}
    return tuple(row(kind, _figures(items)) for kind, items in {**groups, "all": seen}.items())


def _figures(items: Sequence[Seen]) -> list[Figure]:
    return [
        proportion("one quote", sum(item.alone for item in items), len(items)),
        proportion("several quotes", sum(item.among_many for item in items), len(items)),
    ]
