"""The question: its terms with their weight, its anchors and its shape; computed once, passed on.

Nothing here knows a word of any language. How much a word says is how rare it is, in the library
and in the languages that the embedding model was trained on; what shape of answer is wanted is read
from the question's vector by a linear model (rag/shape.npz, made by evals/bench/fit_shape.py).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from ingest.embed import Embedding, Vectors
from ingest.library import Library
from ingest.words import ALIKE, same_word, tokens, words

COMMON = 10.8
"""Rarity (minus the log probability, see `Embedding.rarity`) up to which a word says nothing."""
LETTER = 8.0
"""Rarity above which a single capital letter is no word of its language (I, A), but a label."""
RARE = 16.0
"""Rarity from which on a word says all that it can."""


class Shape(StrEnum):
    """What kind of answer is wanted; the last five are no questions to the articles' contents.

    `SOURCE` asks who wrote an article, or when.
    """

    FACT = "fact"
    YES_NO = "yes_no"
    LIST = "list"
    STEPS = "steps"
    EXPLANATION = "explanation"
    COMPARISON = "comparison"
    BROAD = "broad"
    SUMMARY = "summary"
    SOURCE = "source"
    CATALOGUE = "catalogue"
    GREETING = "greeting"
    INSTRUCTION = "instruction"


class Asks(StrEnum):
    """What kind of value is wanted; `NUMBER` is one whose kind the question leaves open."""

    NUMBER = "number"
    COUNT = "count"
    MONEY = "money"
    LENGTH = "length"
    MASS = "mass"
    DURATION = "duration"
    SHARE = "share"
    MEASURE = "measure"
    DATE = "date"
    TIME = "time"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    OTHER = "other"


class Kind(StrEnum):
    """What a term is by its form. All but plain words are anchors."""

    WORD = "word"
    NAME = "name"
    NUMBER = "number"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A word of the question: folded, as written, its kind, and how much it says (0 to 1).

    `spelling` is how the library has it: in this form or one that begins so, or spelt most alike;
    None where it has nothing like it.
    """

    word: str
    written: str
    kind: Kind
    weight: float
    spelling: str | None

    @property
    def known(self) -> bool:
        """Whether the library has it in any form or spelling."""
        return self.spelling is not None

    @property
    def exact(self) -> bool:
        """Whether only the very same characters are the same thing."""
        return self.kind in (Kind.NUMBER, Kind.IDENTIFIER)


@dataclass(frozen=True)
class Question:
    """A question as every step after it reads it.

    `vector` is the embedding's; `follow_up` is how probably it cannot be understood without the
    question before it; `common` are its commonest words, which tell its language, and `foreign` is
    the share of them that the library does not have.
    """

    text: str
    vector: Vectors
    terms: tuple[Term, ...]
    shapes: Mapping[Shape, float]
    asks: Mapping[Asks, float]
    follow_up: float = 0.0
    common: frozenset[str] = frozenset()
    foreign: float = 0.0

    @property
    def shape(self) -> Shape:
        """The likeliest shape of answer."""
        return max(self.shapes, key=lambda shape: self.shapes[shape])

    @property
    def asked(self) -> Asks:
        """The likeliest kind of value."""
        return max(self.asks, key=lambda kind: self.asks[kind])

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, folded."""
        return frozenset(term.word for term in self.terms)

    def says(self, text: str) -> bool:
        """Whether it has a word of a text."""
        return not self.words.isdisjoint(words(text))

    @property
    def unknown(self) -> float:
        """The share, by weight, of its terms that the library does not have."""
        return sum(term.weight for term in self.terms if not term.known) / self.weight

    @property
    def names_unknown(self) -> float:
        """The share of its names that the library does not have in any spelling."""
        names = [term for term in self.terms if term.kind is Kind.NAME]
        return sum(not term.known for term in names) / max(len(names), 1)

    @property
    def anchors(self) -> tuple[Term, ...]:
        """Its names, numbers and identifiers."""
        return tuple(term for term in self.terms if term.kind is not Kind.WORD)

    @cached_property
    def weight(self) -> float:
        """The weight of all terms."""
        return sum(term.weight for term in self.terms) or 1.0


_SENTENCE_START = re.compile(r"(?:^|[.!?:;…。！？]|[“\"«„‘'(])\s*$")


def ask(text: str, embedding: Embedding, library: Library) -> Question:
    """Return a question as the library and the embedding model see it."""
    written = _written(text)
    frequencies = library.document_frequencies(written)
    passages = max(1, library.count_passages())
    rarities = {word: embedding.rarity(token) for word, token in written.items()}
    kinds = {word: kind_of(text, token, rarities[word]) for word, token in written.items()}
    spellings = _spellings(frequencies, library)
    terms = tuple(
        Term(
            word,
            token,
            kinds[word],
            _weight(rarities[word], frequencies[word], passages, kinds[word]),
            spellings.get(word),
        )
        for word, token in written.items()
    )
    vector = embedding.question(text)
    shapes, asks, follow_up = default_shape_model().read(vector)
    common = frozenset(word for word, rarity in rarities.items() if rarity <= COMMON)
    foreign = sum(not frequencies[word] for word in common) / max(len(common), 1)
    return Question(text, vector, terms, shapes, asks, follow_up, common, foreign)


def _spellings(frequencies: Mapping[str, int], library: Library) -> dict[str, str]:
    """Map each word that the library has, in some form or spelling, to that."""
    found = {word: word for word, count in frequencies.items() if count}
    unknown = [
        word
        for word, count in frequencies.items()
        if not count and len(word) > 3 and not any(c.isdigit() for c in word)
    ]
    vocabulary = library.vocabulary() if unknown else []
    for word in unknown:
        best = process.extractOne(word, vocabulary, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best and same_word(word, best[0]):
            found[word] = best[0]
    return found


def _written(text: str) -> dict[str, str]:
    """Map each folded word of a question to how it is written."""
    found: dict[str, str] = {}
    for token in tokens(text):
        whole, *parts = words(token)
        for word in [whole] if "-" in whole else [whole, *parts]:
            found.setdefault(word, token)
    return found


def _weight(rarity: float, frequency: int, passages: int, kind: Kind) -> float:
    """Return how much a term says: rarity in the languages, times that in the library.

    The latter is BM25's inverse document frequency over its greatest value, halved towards 1 since
    a small library's counts say little.
    """
    share = min(1.0, max(0.0, (rarity - COMMON) / (RARE - COMMON)))
    if kind is not Kind.WORD:
        share = max(share, 0.7)
    idf = math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))
    return share * (0.5 + 0.5 * idf / math.log(1 + (passages + 0.5) / 0.5))


def kind_of(text: str, token: str, rarity: float) -> Kind:
    """Return what a word of a text is, by its form, place and rarity."""
    if any(character.isdigit() for character in token):
        letters = any(character.isalpha() for character in token)
        if (
            (letters and token.lower() != token)
            or "_" in token
            or len(token) > 4
            or token[0].isalpha()
        ):
            return Kind.IDENTIFIER
        return Kind.NUMBER
    if "_" in token.strip("_") or re.search(r"[a-z][A-Z]", token):
        return Kind.IDENTIFIER
    if len(token) > 1 and token.isupper() and not text.isupper():
        return Kind.NAME
    start = text.find(token)
    if len(token) == 1 and start > 0 and token.isupper() and rarity > LETTER:
        return Kind.NUMBER  # a label: line D, group B
    inside = not _SENTENCE_START.search(text[:start])
    return Kind.NAME if token[0].isupper() and inside else Kind.WORD


@dataclass(frozen=True)
class ShapeModel:
    """Linear models for the shape of an answer, the kind of value asked for, and follow-ups.

    Each has a row of weights for each of its classes and one column more than the vector, the bias.
    """

    shape: npt.NDArray[np.float32]
    asks: npt.NDArray[np.float32]
    follow_up: npt.NDArray[np.float32]

    def read(self, vector: Vectors) -> tuple[dict[Shape, float], dict[Asks, float], float]:
        """Return the probability of each shape, of each kind of value, and of a follow-up."""
        given = np.append(vector, np.float32(1))
        shapes = _softmax(self.shape @ given)
        asks = _softmax(self.asks @ given)
        return (
            dict(zip(Shape, map(float, shapes), strict=True)),
            dict(zip(Asks, map(float, asks), strict=True)),
            float(_softmax(self.follow_up @ given)[1]),
        )


@cache
def default_shape_model() -> ShapeModel:
    """Return the models that come with Ibid."""
    with np.load(Path(__file__).parent / "shape.npz") as stored:
        return ShapeModel(*(stored[n].astype(np.float32) for n in ("shape", "asks", "follow_up")))


def _softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())
