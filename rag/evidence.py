"""Which sentences bear on a question, and whether they answer it.

Every sentence of the retrieved passages, together with what it needs to stand alone (context.py),
is scored by a logistic model over a few readable features; a second one estimates the probability
that the best of them answers the question. The weights stand in `evidence.json` with the data and
the command they come from.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from ingest.embed import OnnxEmbedding
from ingest.library import Library
from ingest.types import Article
from ingest.words import STOP_WORDS, terms, words
from rag.answer_type import AnswerType, asked_for, has_type
from rag.context import Reader, Unit, is_statement
from rag.retrieve import Retrieved, Retriever
from rag.types import MESSAGES, Reason, Refusal

MAX_CANDIDATES = 24
"""How many sentences are embedded for a question; the rest is left out by word overlap."""
SAME_WORD = 82
"""Least rapidfuzz ratio at which two stems count as one word spelled in two ways."""

SENTENCE_FEATURES = (
    "cosine", "passage_cosine", "coverage", "context_coverage", "names", "longest_match",
    "type_match", "type_miss", "rank", "length",
)  # fmt: skip
QUESTION_FEATURES = (
    "best_score", "cosine", "passage_cosine", "coverage", "context_coverage", "rarest_missing",
    "names_missing", "unknown", "type_match", "type_miss", "margin",
)  # fmt: skip

_NAME = re.compile(r"(?<!^)(?<![.!?:“\"] )\b[A-ZÀ-ÖØ-Þ][\w’'-]+|\b\w*\d\w*")


@dataclass(frozen=True)
class Model:
    """The weights of both logistic models and the refusal thresholds, as kept in evidence.json."""

    sentence: npt.NDArray[np.float64]
    sentence_bias: float
    question: npt.NDArray[np.float64]
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
    features: npt.NDArray[np.float64]
    score: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """The candidates for a question, best first, and the probability that they answer it."""

    candidates: tuple[Candidate, ...]
    passages: tuple[Retrieved, ...]
    features: npt.NDArray[np.float64]
    probability: float


@dataclass(frozen=True)
class Query:
    """A question's content terms with their weights (inverse document frequency), and its type.

    `names` are the terms that are capitalised inside it or hold a digit; `unknown` those that the
    library does not have in any spelling (see `Retriever.respelled`).
    """

    text: str
    weights: dict[str, float]
    spellings: dict[str, str]
    names: frozenset[str]
    unknown: frozenset[str]
    answer_type: AnswerType | None

    @property
    def total(self) -> float:
        """The weight of all terms."""
        return sum(self.weights.values()) or 1.0


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
        self._model = model or default_model()
        self._readers: dict[tuple[str, str], Reader] = {}

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
        vectors = self._embedding.embed_cached([query.text, *(unit.text for unit, _ in pool)])
        cosines = vectors[1:] @ vectors[0]
        return [
            Candidate(unit, passage, _sentence_features(query, unit, passage, float(cosine), rank))
            for (unit, (rank, passage)), cosine in zip(pool, cosines, strict=True)
        ]

    def weigh(
        self, query: Query, candidates: Sequence[Candidate], passages: Sequence[Retrieved]
    ) -> Evidence:
        """Rank candidates and estimate how probable it is that they answer the question."""
        if not candidates:
            return Evidence((), tuple(passages), np.zeros(len(QUESTION_FEATURES)), 0.0)
        scored = self._rank(candidates)
        features = _question_features(query, scored, passages)
        logit = float(features @ self._model.question + self._model.question_bias)
        return Evidence(tuple(scored), tuple(passages), features, _sigmoid(logit))

    def refuse(self, evidence: Evidence) -> Refusal | None:
        """Return why the evidence does not carry an answer; None when it does."""
        if not evidence.passages or not evidence.candidates:
            reason = Reason.NO_EVIDENCE
        elif evidence.probability < self._model.scope_threshold:
            reason = Reason.OUT_OF_SCOPE
        elif evidence.probability < self._model.answer_threshold:
            reason = Reason.WEAK_EVIDENCE
        else:
            return None
        return Refusal(reason=reason, message=MESSAGES[reason])

    def _rank(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        matrix = np.stack([candidate.features for candidate in candidates])
        logits = matrix @ self._model.sentence + self._model.sentence_bias
        scored = [
            Candidate(c.unit, c.passage, c.features, _sigmoid(float(logit)))
            for c, logit in zip(candidates, logits, strict=True)
        ]
        return sorted(scored, key=lambda c: (-c.score, c.unit.article.id, c.unit.number))

    def query(self, question: str) -> Query:
        """Return a question with what the library knows of its words."""
        found = list(dict.fromkeys(terms(question)))
        frequencies = self._library.document_frequencies(found)
        passages = max(self._library.count_passages(), 1)
        weights = {
            term: math.log(1 + (passages - count + 0.5) / (count + 0.5))
            for term, count in frequencies.items()
        }
        spellings = self._retriever.respelled(found)
        unknown = {term for term, count in frequencies.items() if not count} - spellings.keys()
        names = frozenset(terms(" ".join(_NAME.findall(question)))) & weights.keys()
        return Query(question, weights, spellings, names, frozenset(unknown), asked_for(question))

    def _reader(self, article: Article) -> Reader:
        key = (article.id, article.sha256)
        if key not in self._readers:
            self._readers[key] = Reader(article)
        return self._readers[key]

    def _pool(
        self, query: Query, passages: Sequence[Retrieved]
    ) -> list[tuple[Unit, tuple[int, Retrieved]]]:
        """Return the statements of the passages, each once, at most `MAX_CANDIDATES`."""
        found: dict[tuple[str, int], tuple[Unit, tuple[int, Retrieved]]] = {}
        for rank, retrieved in enumerate(passages, 1):
            article = self._library.article(retrieved.passage.article_id)
            reader = self._reader(article)
            for number in range(retrieved.passage.first, retrieved.passage.last + 1):
                sentence = article.sentences[number]
                text = article.text[sentence.start : sentence.end]
                if is_statement(sentence, text) and (article.id, number) not in found:
                    found[article.id, number] = (reader.unit(number), (rank, retrieved))
        pool = list(found.values())
        pool.sort(key=lambda item: -_covered(query, terms(item[0].text)) / query.total
                  + item[1][0] / len(passages) / 2)  # fmt: skip
        return pool[:MAX_CANDIDATES]


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def _covered(query: Query, held: Sequence[str]) -> float:
    """Return the weight of the query's terms that a text has, allowing for their spelling."""
    present = set(held)
    return sum(
        weight for term, weight in query.weights.items() if _has(term, present, query.spellings)
    )


def _has(term: str, present: set[str], spellings: dict[str, str]) -> bool:
    if term in present or spellings.get(term) in present:
        return True
    return len(term) > 5 and any(
        other[0] == term[0] and len(other) > 5 and fuzz.ratio(term, other) >= SAME_WORD
        for other in present
    )


def _sentence_features(
    query: Query, unit: Unit, retrieved: Retrieved, cosine: float, rank: int
) -> npt.NDArray[np.float64]:
    own, whole = terms(unit.sentence), terms(unit.text)
    kind = query.answer_type
    typed = kind is not None and has_type(_without_question(unit.sentence, query), kind)
    around = terms(retrieved.passage.indexed_text)
    return np.array(
        [
            cosine,
            retrieved.similarity or 0.0,
            _covered(query, own) / query.total,
            _covered(query, [*whole, *around]) / query.total,
            _share_of_names(query, whole),
            _longest_match(query.text, unit.text),
            float(typed),
            float(kind is not None and not typed),
            1 / rank,
            math.log(1 + len(unit.text.split())),
        ]
    )


def _share_of_names(query: Query, held: Sequence[str]) -> float:
    present = set(held)
    found = sum(_has(name, present, query.spellings) for name in query.names)
    return found / len(query.names) if query.names else 1.0


def _without_question(text: str, query: Query) -> str:
    """Return a text without the question's own words: they are not what is asked for."""
    asked = {word for word in words(query.text) if word not in STOP_WORDS}
    return " ".join(word for word in text.split() if not asked.intersection(words(word)))


def _longest_match(question: str, text: str) -> float:
    """Return the longest run of the question's content stems in a text, as a share of them."""
    asked, held = terms(question), terms(text)
    best, previous = 0, [0] * (len(held) + 1)
    for term in asked:
        row = [0] * (len(held) + 1)
        for n, other in enumerate(held, 1):
            row[n] = previous[n - 1] + 1 if term == other else 0
        best, previous = max(best, *row), row
    return best / max(len(asked), 1)


def _question_features(
    query: Query, candidates: Sequence[Candidate], passages: Sequence[Retrieved]
) -> npt.NDArray[np.float64]:
    best = dict(zip(SENTENCE_FEATURES, candidates[0].features, strict=True))
    unit, passage = candidates[0].unit, candidates[0].passage.passage
    around = terms(f"{unit.text} {passage.indexed_text}")
    present = set(around)
    missing = [
        weight for term, weight in query.weights.items() if not _has(term, present, query.spellings)
    ]
    rest = candidates[3].score if len(candidates) > 3 else 0.0
    values = {
        **best,
        "best_score": math.log(candidates[0].score / (1 - candidates[0].score)),
        "passage_cosine": max((item.similarity or 0.0) for item in passages),
        "rarest_missing": max(missing, default=0.0) / query.total,
        "names_missing": 1 - _share_of_names(query, around),
        "unknown": sum(query.weights[term] for term in query.unknown) / query.total,
        "margin": candidates[0].score - rest,
    }
    return np.array([values[name] for name in QUESTION_FEATURES])
