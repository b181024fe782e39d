"""The features by which sentences are ranked and questions judged answerable."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from ingest.embed import Encoded
from ingest.words import STOP_WORDS, terms, words
from rag.align import SAME_WORD
from rag.answer_type import EXACT, Asked, asked_for, has_type
from rag.context import Unit
from rag.retrieve import Retrieved

Features = npt.NDArray[np.float64]

SENTENCE_FEATURES = (
    "cosine",
    "passage_cosine",
    "soft_match",
    "weakest_match",
    "coverage",
    "context_coverage",
    "longest_match",
    "type_match",
    "type_miss",
    "length",
)
QUESTION_FEATURES = (
    "cosine",
    "passage_cosine",
    "context_coverage",
    "names_missing",
    "names_apart",
    "value_missing",
    "value_not_shown",
    "unknown",
    "margin",
)
SHOWN = 3
"""How many of the best sentences a question's features look at."""

_NAME = re.compile(r"(?<!^)(?<![.!?:“\"] )\b[A-ZÀ-ÖØ-Þ][\w’'-]+|\b\w*\d\w*")


@dataclass(frozen=True)
class Query:
    """A question's content terms with their weights (inverse document frequency), and what it asks.

    `names` are the terms that are capitalised inside it or hold a digit; `unknown` those that the
    library does not have in any spelling (see `Retriever.respelled`).
    """

    text: str
    weights: dict[str, float]
    spellings: dict[str, str]
    names: frozenset[str]
    unknown: frozenset[str]
    asked: Asked | None

    @property
    def total(self) -> float:
        """The weight of all terms."""
        return sum(self.weights.values()) or 1.0


class Shown(NamedTuple):
    """One of the best sentences: its unit's text, that with its passage, and its features."""

    text: str
    context: str
    features: Features


def make_query(
    question: str, frequencies: Mapping[str, int], passages: int, spellings: dict[str, str]
) -> Query:
    """Weigh a question's terms, given in how many of the library's passages each occurs.

    The weight is the inverse document frequency of BM25: ln(1 + (N - n + 0.5) / (n + 0.5)).
    """
    weights = {
        term: math.log(1 + (max(passages, 1) - count + 0.5) / (count + 0.5))
        for term, count in frequencies.items()
    }
    unknown = {term for term, count in frequencies.items() if not count} - spellings.keys()
    names = frozenset(terms(" ".join(_NAME.findall(question)))) & weights.keys()
    return Query(question, weights, spellings, names, frozenset(unknown), asked_for(question))


def sentence_features(
    query: Query, question: Encoded, unit: Unit, text: Encoded, retrieved: Retrieved
) -> Features:
    """Return the features of a sentence, in the order of `SENTENCE_FEATURES`.

    `question` and `text` are the question and the unit's text as the model reads them.
    """
    own, around = terms(unit.sentence), terms(f"{unit.text} {retrieved.passage.indexed_text}")
    typed = has_value(query, unit.sentence)
    matches, weights = soft_matches(query, question, unit, text)
    return np.array(
        [
            float(question.vector @ text.vector),
            retrieved.similarity or 0.0,
            float(np.average(matches, weights=weights)) if len(matches) else 0.0,
            float(matches.min()) if len(matches) else 0.0,
            coverage(query, own),
            coverage(query, around),
            _longest_match(query.text, unit.text),
            float(query.asked is not None and typed),
            float(not typed),
            math.log(1 + len(unit.text.split())),
        ]
    )


def soft_matches(
    query: Query, question: Encoded, unit: Unit, text: Encoded
) -> tuple[Features, Features]:
    """Return how well the sentence matches each content word of the question in its context.

    They are each word's highest cosine to a word of the sentence, and its weight: the weighted
    mean is BERTScore's recall with importance weighting (Zhang et al. 2020), by inverse document
    frequency. Both are empty where one side has no content word.
    """
    start = unit.text.find(unit.sentence)
    inside = [n for n, (a, b) in enumerate(text.places)
              if start <= a and b <= start + len(unit.sentence)
              and _is_content(unit.text[a:b])]  # fmt: skip
    asked = [n for n, (a, b) in enumerate(question.places) if _is_content(query.text[a:b])]
    if not inside or not asked:
        return np.empty(0), np.empty(0)
    weights = [_weight(query, query.text[slice(*question.places[n])]) for n in asked]
    cosines = question.words[asked].astype(np.float32) @ text.words[inside].astype(np.float32).T
    return cosines.max(axis=1).astype(np.float64), np.array(weights)


def _is_content(word: str) -> bool:
    found = words(word)
    return bool(found) and found[0] not in STOP_WORDS


def _weight(query: Query, word: str) -> float:
    return max((query.weights.get(term, 0.0) for term in terms(word)), default=0.0) or 1e-6


def question_features(
    query: Query, shown: Sequence[Shown], similarity: float, margin: float
) -> Features:
    """Return the features of a question, in the order of `QUESTION_FEATURES`.

    `shown` are the best sentences, best first, `similarity` is that of the nearest passage, and
    `margin` is by how much the best candidate outscores the fourth.
    """
    best = shown[0]
    absent = missing_names(query, best.context)
    return np.array(
        [
            max(item.features[0] for item in shown),
            similarity,
            best.features[SENTENCE_FEATURES.index("context_coverage")],
            len(absent) / max(len(query.names), 1),
            float(all(missing_names(query, item.context) for item in shown)),
            float(lacks_value(query, best.text)),
            float(all(lacks_value(query, item.text) for item in shown)),
            sum(query.weights[term] for term in query.unknown) / query.total,
            margin,
        ]
    )


def has_value(query: Query, text: str) -> bool:
    """Whether a text has a thing of the kind asked for; the question's own words are none."""
    asked = query.asked
    if asked is None:
        return True
    return has_type(text if asked.counted else _without_question(text, query), asked)


def lacks_value(query: Query, text: str) -> bool:
    """Whether a text surely has nothing of the kind asked for."""
    exact = query.asked is not None and query.asked.kind in EXACT
    return exact and not has_value(query, text)


def missing_names(query: Query, text: str) -> list[str]:
    """Return the question's names that a text has in no spelling."""
    present = set(terms(text))
    return sorted(name for name in query.names if not has_term(name, present, query.spellings))


def coverage(query: Query, held: Sequence[str]) -> float:
    """Return the share, by weight, of the query's terms that a text has in some spelling."""
    present = set(held)
    found = (w for term, w in query.weights.items() if has_term(term, present, query.spellings))
    return sum(found) / query.total


def has_term(term: str, present: set[str], spellings: Mapping[str, str] | None = None) -> bool:
    """Whether a term, or a spelling near to it, is among those of a text."""
    if term in present or (spellings or {}).get(term) in present:
        return True
    return len(term) > 5 and any(
        other[0] == term[0] and len(other) > 5 and fuzz.ratio(term, other) >= SAME_WORD
        for other in present
    )


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
