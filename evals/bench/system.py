"""What is measured: the engine that users get over one collection, and two plain baselines."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from evals.bench.collections import Collection, Question
from ingest.embed import OnnxEmbedding, Vectors
from ingest.library import Filters, Library
from ingest.types import Passage
from ingest.vectors import Hit
from ingest.words import terms
from rag.engine import Engine
from rag.evidence import Evidence, EvidenceFinder
from rag.retrieve import Retriever
from rag.types import Answer

IBID = "Ibid"
WORDS = "BM25 alone"
DENSE = "dense alone"
SYSTEMS = (IBID, WORDS, DENSE)


@dataclass(frozen=True)
class Setting:
    """Where a benchmark reads and keeps things, and how much of it is run.

    `corpus` is the user's own copy of the MultiHop-RAG articles.
    """

    data: Path
    cache: Path
    embedding: OnnxEmbedding
    limit: int | None = None
    corpus: Path | None = None

    @contextmanager
    def open(self, collection: Collection) -> Iterator["Measured"]:
        """Open a collection, as limited as the setting says, with the system over it."""
        collection = collection.limited(self.limit)
        with collection.open(self.cache, self.embedding) as library:
            retriever = Retriever(library, self.embedding)
            finder = EvidenceFinder(library, self.embedding, retriever)
            engine = Engine(library, retriever, finder)
            yield Measured(collection, library, self.embedding, retriever, finder, engine)


@dataclass(frozen=True)
class Measured:
    """The system over a collection."""

    collection: Collection
    library: Library
    embedding: OnnxEmbedding
    retriever: Retriever
    finder: EvidenceFinder
    engine: Engine
    _seen: dict[str, Vectors] = field(default_factory=dict, repr=False)

    def rank(self, system: str, question: Question, limit: int) -> list[Passage]:
        """Return the best passages for a question: Ibid's, or those of one ranking alone."""
        if system == IBID:
            found = self.retriever.find(question.text, limit, self._filters(question))
            return [item.passage for item in found]
        hits = self._hits(system, question, limit)
        return self.library.passages([hit.passage_id for hit in hits])

    def best_score(self, system: str, question: Question) -> float:
        """Return a baseline's confidence: BM25 or cosine of its best passage, 0 without one."""
        hits = self._hits(system, question, 1)
        return hits[0].score if hits else 0.0

    def evidence(self, question: Question) -> Evidence:
        """Return the evidence that the engine would answer from."""
        passages = self.retriever.find(question.text, filters=self._filters(question))
        return self.finder.find(question.text, passages)

    def ask(self, question: Question) -> Answer:
        """Return the engine's answer."""
        return self.engine.ask(question.text, question.history, self._filters(question))

    def _hits(self, system: str, question: Question, limit: int) -> Sequence[Hit]:
        articles = question.articles or None
        if system == WORDS:
            return self.library.search_words(terms(question.text), limit, articles)
        return self.library.search_vectors(self.vectors([question.text])[0], limit, articles)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text; a text seen before is not embedded again."""
        new = [text for text in dict.fromkeys(texts) if text not in self._seen]
        self._seen.update(zip(new, self.embedding.embed(new), strict=True))
        return np.stack([self._seen[text] for text in texts])

    def _filters(self, question: Question) -> Filters | None:
        return Filters(articles=question.articles) if question.articles else None
