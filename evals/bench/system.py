"""What is measured: the engine that users get over one collection, and two plain baselines."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evals.bench.collections import Collection, Question
from ingest.embed import DEFAULT
from ingest.library import Filters
from ingest.settings import Settings
from ingest.types import Passage
from ingest.vectors import Hit
from ingest.words import words
from rag.build import Ibid, build
from rag.engine import Trace
from rag.types import Answer

IBID = "Ibid"
WORDS = "BM25 alone"
DENSE = "dense alone"
SYSTEMS = (IBID, WORDS, DENSE)
REMEMBERED = 512
"""Questions whose answer and trace are kept: several measures of one benchmark read them."""


@dataclass(frozen=True)
class Setting:
    """Where a benchmark reads and keeps things, and how much of it is run.

    `embedding` is what IBID_EMBEDDING takes; `corpus` is the user's own copy of the MultiHop-RAG
    articles.
    """

    data: Path
    cache: Path
    embedding: str = DEFAULT
    limit: int | None = None
    corpus: Path | None = None

    @contextmanager
    def open(self, collection: Collection) -> Iterator["Measured"]:
        """Open a collection, as limited as the setting says, with the system over it."""
        collection = collection.limited(self.limit)
        folder = self.cache / collection.name
        settings = Settings(_env_file=None, library=folder, embedding=self.embedding)
        with build(settings, "ibid bench") as ibid:
            collection.fill(ibid.library, ibid.embedding)
            yield Measured(collection, ibid)


class Measured:
    """The system over a collection."""

    def __init__(self, collection: Collection, ibid: Ibid) -> None:
        self.collection = collection
        self.ibid = ibid
        self.traced = lru_cache(maxsize=REMEMBERED)(self._ask)

    def _ask(self, question: Question) -> tuple[Answer, Trace]:
        """Return the engine's answer and what it was made from."""
        filters = Filters(articles=question.articles) if question.articles else None
        return self.ibid.engine.traced(question.text, question.history, filters)

    def rank(self, system: str, question: Question, limit: int) -> list[Passage]:
        """Return the best passages for a question: Ibid's, or those of one ranking alone."""
        if system == IBID:
            return [item.passage for item in self.traced(question)[1].passages[:limit]]
        hits = self._hits(system, question, limit)
        return self.ibid.library.passages([hit.passage_id for hit in hits])

    def best_score(self, system: str, question: Question) -> float:
        """Return how sure a system is: its probability, BM25 or cosine of the best passage."""
        if system == IBID:
            return self.traced(question)[1].probability
        hits = self._hits(system, question, 1)
        return hits[0].score if hits else 0.0

    def _hits(self, system: str, question: Question, limit: int) -> Sequence[Hit]:
        articles, library = question.articles or None, self.ibid.library
        if system == WORDS:
            return library.search_words(words(question.text), limit, articles)
        vector = self.ibid.embedding.question(question.text)
        return library.search_vectors(vector, limit, articles)
