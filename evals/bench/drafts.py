"""Sentences of the project's own articles, altered in one thing and checked as drafts.

An altered sentence must never be supported; contradicted is better than not in the corpus. The
alterations are those of `altered`, with names that other sentences of the articles have.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import track

from evals.bench.altered import (
    ALTERATIONS,
    PARAPHRASES,
    SEED,
    Case,
    make_pool,
    usable,
)
from evals.bench.figures import Row, Table, row
from evals.bench.system import Setting
from evals.measures.figure import proportion
from ingest.library import Library
from ingest.pipeline import ingest_paths
from ingest.types import BlockKind
from rag.check import Checker, Finding
from rag.evidence import EvidenceFinder
from rag.retrieve import Retriever

CORPUS = Path(__file__).parents[2] / "corpus"
NEIGHBOURS = 3
"""How many sentences on either side must not have what is put into one."""
MOST = 60
"""How many sentences are altered in each way."""


def run(setting: Setting) -> list[Table]:
    """Check altered and unaltered sentences of the articles."""
    most = min(setting.limit or MOST, MOST)
    with Library(setting.cache / "drafts", setting.embedding) as library:
        for _ in ingest_paths(library, setting.embedding, [CORPUS], limit_mb=20):
            pass
        retriever = Retriever(library, setting.embedding)
        finder = EvidenceFinder(library, setting.embedding, retriever)
        checker = Checker(library, retriever, finder)
        cases = list(_cases(library))
        pool = make_pool(cases)
        rows = []
        for kind, change in ALTERATIONS.items():
            generator = random.Random(f"{SEED} {kind}")  # noqa: S311 not for secrets
            texts = [text for case in cases if (text := change(case, pool, generator))]
            rows.append(_row(f"altered: {kind}", _spread(texts, most), checker))
        for kind, rewrite in PARAPHRASES.items():
            texts = [text for case in cases if (text := rewrite(case.text))]
            rows.append(_row(f"the same: {kind}", _spread(texts, most), checker))
    return [Table(title="What a draft's sentences are found to be", rows=tuple(rows))]


def _cases(library: Library) -> Iterator[Case]:
    """Yield the sentences of the articles, each with those around it."""
    for entry in library.catalogue():
        article = library.article(entry.id)
        texts = [article.text[sentence.start : sentence.end] for sentence in article.sentences]
        for number, sentence in enumerate(article.sentences):
            if sentence.kind is BlockKind.TEXT and usable(texts[number]):
                around = texts[max(0, number - NEIGHBOURS) : number + NEIGHBOURS + 1]
                yield Case(article.id, texts[number], tuple(around))


def _spread(texts: Sequence[str], most: int) -> list[str]:
    count = min(most, len(texts))
    return [texts[n * len(texts) // count] for n in range(count)]


def _row(name: str, texts: Sequence[str], checker: Checker) -> Row:
    found: Counter[Finding] = Counter()
    for text in track(texts, name):
        sentences = checker.check(text).sentences
        found[min((item.finding for item in sentences), key=_ORDER.index)] += 1
    return row(name, [proportion(kind, found[kind], len(texts)) for kind in Finding])


_ORDER = (Finding.CONTRADICTED, Finding.NOT_IN_CORPUS, Finding.SUPPORTED)
"""A sentence that the splitter cuts in two is what the worse of both is."""
