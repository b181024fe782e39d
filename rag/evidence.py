"""Which sentences bear on a question, and whether they answer it.

Every sentence of the retrieved passages, together with what it needs to stand alone (context.py),
is scored by a logistic model over a few readable features; a second one estimates the probability
that the best of them answers the question. The weights stand in `evidence.json` with the data and
the command they come from.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from ingest.embed import OnnxEmbedding
from ingest.library import ARTICLES_KEPT, Library
from ingest.types import Article
from ingest.words import terms
from rag.catalogue import is_named
from rag.context import Reader, Unit, is_statement
from rag.features import (
    QUESTION_FEATURES,
    SENTENCE_FEATURES,
    SHOWN,
    Features,
    Query,
    Shown,
    coverage,
    make_query,
    question_features,
    sentence_features,
)
from rag.retrieve import Retrieved, Retriever
from rag.speaker import asked_speaker, is_by

MAX_CANDIDATES = 24
"""How many sentences are embedded for a question; the rest is left out by word overlap."""


@dataclass(frozen=True)
class Model:
    """The weights of both logistic models and the refusal thresholds, as kept in evidence.json."""

    sentence: Features
    sentence_bias: float
    question: Features
    question_bias: float
    answer_threshold: float
    scope_threshold: float

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Read the weights, in the order of the feature names."""
        data = json.loads(path.read_text("utf-8"))
        sentence, question = data["sentence"], data["question"]
        return cls(
            np.array([sentence["weights"][name] for name in SENTENCE_FEATURES]),
            sentence["bias"],
            np.array([question["weights"][name] for name in QUESTION_FEATURES]),
            question["bias"],
            data["answer_threshold"],
            data["scope_threshold"],
        )


@cache
def default_model() -> Model:
    """Return the model that comes with Ibid."""
    return Model.load(Path(__file__).parent / "evidence.json")


@dataclass(frozen=True)
class Candidate:
    """A sentence in its context, its features (in the order of `SENTENCE_FEATURES`) and score."""

    unit: Unit
    passage: Retrieved
    features: Features
    score: float = 0.0

    @property
    def context(self) -> str:
        """Its text, its passage, and who wrote and published it."""
        data = self.unit.article.metadata
        said = (self.unit.text, self.passage.passage.indexed_text, data.author, data.publisher)
        return " ".join(filter(None, said))


@dataclass(frozen=True)
class Evidence:
    """The candidates for a question, best first, and the probability that they answer it."""

    query: Query
    candidates: tuple[Candidate, ...]
    passages: tuple[Retrieved, ...]
    features: Features
    probability: float


class EvidenceFinder:
    """Scores the sentences of retrieved passages against a question."""

    def __init__(
        self,
        library: Library,
        embedding: OnnxEmbedding,
        retriever: Retriever,
        model: Model | None = None,
    ) -> None:
        self._library = library
        self._embedding = embedding
        self._retriever = retriever
        self.model = model or default_model()
        self._readers = lru_cache(maxsize=ARTICLES_KEPT)(self._open_reader)

    def with_model(self, model: Model) -> "EvidenceFinder":
        """Return the same finder with other weights."""
        return EvidenceFinder(self._library, self._embedding, self._retriever, model)

    def find(self, question: str, passages: Sequence[Retrieved]) -> Evidence:
        """Return the evidence that passages hold for a question."""
        query = self.query(question)
        return self.weigh(query, self.candidates(query, passages), passages)

    def candidates(self, query: Query, passages: Sequence[Retrieved]) -> list[Candidate]:
        """Return the sentences of passages that may bear on a question, not yet scored."""
        pool = self._pool(query, passages)
        if not pool:
            return []
        question, *texts = self._embedding.encode([query.text, *(unit.text for unit, _ in pool)])
        return [
            Candidate(unit, passage, sentence_features(query, question, unit, text, passage))
            for (unit, passage), text in zip(pool, texts, strict=True)
        ]

    def weigh(
        self, query: Query, candidates: Sequence[Candidate], passages: Sequence[Retrieved]
    ) -> Evidence:
        """Rank candidates and estimate how probable it is that they answer the question."""
        if not candidates:
            return Evidence(query, (), tuple(passages), np.zeros(len(QUESTION_FEATURES)), 0.0)
        ranked = from_those_asked(query.text, self._rank(candidates))
        features = question_features(
            query,
            [Shown(c.unit.text, c.context, c.features) for c in ranked[:SHOWN]],
            max(item.similarity or 0.0 for item in passages),
            ranked[0].score - (ranked[SHOWN].score if len(ranked) > SHOWN else 0.0),
        )
        logit = float(features @ self.model.question + self.model.question_bias)
        return Evidence(query, tuple(ranked), tuple(passages), features, _sigmoid(logit))

    def _rank(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        matrix = np.stack([candidate.features for candidate in candidates])
        logits = matrix @ self.model.sentence + self.model.sentence_bias
        scored = [
            replace(candidate, score=_sigmoid(float(logit)))
            for candidate, logit in zip(candidates, logits, strict=True)
        ]
        return sorted(scored, key=lambda c: (-c.score, c.unit.article.id, c.unit.number))

    def query(self, question: str) -> Query:
        """Return a question with what the library knows of its words."""
        found = list(dict.fromkeys(terms(question)))
        return make_query(
            question,
            self._library.document_frequencies(found),
            self._library.count_passages(),
            self._retriever.respelled(found),
        )

    def reader(self, article: Article) -> Reader:
        """Return what reads an article of the library."""
        return self._readers(article.id, article.sha256)

    def _open_reader(self, article_id: str, _sha256: str) -> Reader:
        """Return the reader of an article; another text of it gets another one."""
        return Reader(self._library.article(article_id))

    def _pool(self, query: Query, passages: Sequence[Retrieved]) -> list[tuple[Unit, Retrieved]]:
        """Return the statements of the passages, each once, the most promising first."""
        found: dict[tuple[str, int], tuple[float, Unit, Retrieved]] = {}
        for rank, retrieved in enumerate(passages):
            article = self._library.article(retrieved.passage.article_id)
            reader = self.reader(article)
            for number in range(retrieved.passage.first, retrieved.passage.last + 1):
                sentence = article.sentences[number]
                text = article.text[sentence.start : sentence.end]
                if is_statement(sentence, text) and (article.id, number) not in found:
                    unit = reader.unit(number)
                    promise = coverage(query, terms(unit.text)) - rank / len(passages) / 2
                    found[article.id, number] = (promise, unit, retrieved)
        pool = sorted(found.values(), key=lambda item: -item[0])
        return [(unit, retrieved) for _, unit, retrieved in pool[:MAX_CANDIDATES]]


def from_those_asked(question: str, ranked: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the candidates by whom a question asks for: a speaker, an author, an article.

    All of them where it asks for nobody's words, or none of theirs is there.
    """
    speaker = asked_speaker(question)
    said = [c for c in ranked if is_by(c.unit, speaker)] if speaker else []
    ranked = said or ranked
    return [c for c in ranked if is_named(c.unit.article, question)] or ranked


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
