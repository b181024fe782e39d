"""Units of retrieved passages as evidence for a question: their features and scores.

The weights (rag/evidence.json) are fitted on public question sets by
`python -m evals.bench.fit_evidence --data DIR --write`; docs/benchmarks.md has the ablation.
"""

import json
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.library import ARTICLES_KEPT, Library
from ingest.types import Article, Span, Unit
from ingest.words import same_word
from rag.question import Asks, Question, Term
from rag.reading import Reader, Reading
from rag.retrieve import Retrieved
from rag.rivals import has_rival, places
from rag.values import VALUES, match

Matrix = npt.NDArray[np.float64]

UNIT_FEATURES = (
    "cosine",
    "window",
    "passage_score",
    "rare",
    "before",
    "around",
    "exact_missing",
    "rival",
    "typed",
    "news",
    "fragment",
)
"""Of one unit. `window` is the cosine of it together with the unit before, which says what its
pronouns stand for; `rare` the share of the question's terms that it has itself, weighed by how few
of the candidates have them; `before` is what the unit before it adds to that, by weight, `around`
what its headings and the article's title add then; `exact_missing` whether a number or identifier
is in none of these; `rival` whether another name or number stands where the question's own would;
`typed` how probably it has a value of the kind asked for; `news` the logarithm
of how many words it has that the question has not; `fragment` whether it is a line, no sentence."""
QUESTION_FEATURES = (
    "cosine",
    "covered",
    "exact_missing",
    "rival",
    "names_unknown",
    "foreign",
    "valued",
    "typed",
    "passage_score",
    "margin",
)
"""Of the best units of a question. `covered` is the share, by weight, of terms that a unit has in
all, `names_unknown` that of names which the library does not have, `foreign` the share of its
commonest words that the library does not have, or the first one's article beyond what one may miss,
as in another language, whose cosines are lower, `valued` how probably a value is asked for (where
none is, `typed` is 1), `margin` by how much the best score is above the fourth."""
OWN = 0.5
"""Share of a question's commonest words that an article in its language may well not have.

Of the cases' questions in an article's language three in four miss at most .4 of them there; of
those in another, 19 in 20 miss at least .7.
"""
SHOWN = 3
"""How many of the best units a question's features look at."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """A unit of an article with its features (in the order of `UNIT_FEATURES`) and score, 0 to 1.

    `own` are the question's terms that it has itself, `around` those that only its headings or
    title have, `before` those that only the unit before it has. `foreign` is the share of the
    question's commonest words that nothing found of its article has.
    """

    article: Article
    number: int
    passage: Retrieved
    own: frozenset[Term]
    around: frozenset[Term]
    before: frozenset[Term]
    foreign: float
    features: Matrix
    score: float = 0.0

    @property
    def unit(self) -> Unit:
        """The unit."""
        return self.article.units[self.number]

    @property
    def span(self) -> Span:
        """Its place in the article."""
        return self.unit.span

    @property
    def text(self) -> str:
        """Its words as the article has them."""
        return self.article.text[self.unit.start : self.unit.end]

    @property
    def rival(self) -> bool:
        """Whether it speaks of another thing in the place of the one asked for."""
        return bool(self.features[UNIT_FEATURES.index("rival")])

    @property
    def held(self) -> frozenset[Term]:
        """The question's terms that it has, itself or in its context."""
        return self.own | self.around | self.before


@dataclass(frozen=True)
class Findings:
    """The evidence for a question, best first, and the probability that it is answered."""

    question: Question
    passages: tuple[Retrieved, ...]
    evidence: tuple[Evidence, ...]
    features: Matrix
    probability: float


@dataclass(frozen=True)
class Model:
    """Two logistic models, does a unit answer and is the question answered, and a threshold.

    A question less probably answered than `threshold` is refused.
    """

    unit: Matrix
    unit_bias: float
    question: Matrix
    question_bias: float
    threshold: float

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Read the weights by the names of their features; `bias` is one of them."""
        data = json.loads(path.read_text("utf-8"))
        unit, question = data["unit"], data["question"]
        return cls(
            np.array([unit[name] for name in UNIT_FEATURES]),
            unit["bias"],
            np.array([question[name] for name in QUESTION_FEATURES]),
            question["bias"],
            data["threshold"],
        )


@cache
def default_model() -> Model:
    """Return the model that comes with Ibid."""
    return Model.load(Path(__file__).parent / "evidence.json")


class _Candidate(NamedTuple):
    """A unit of a passage, not yet weighed."""

    reader: Reader
    number: int
    passage: Retrieved
    reading: Reading


class _Matching:
    """Which words of a vocabulary are forms of a question's terms."""

    def __init__(self, question: Question, vocabulary: Collection[str]) -> None:
        by_letter: dict[str, list[str]] = {}
        for word in vocabulary:  # forms of one word begin with the same letter
            by_letter.setdefault(word[0], []).append(word)
        self._terms: dict[str, list[Term]] = {}
        for term in question.terms:
            for word in _forms(term, by_letter):
                self._terms.setdefault(word, []).append(term)
        self._forms = frozenset(self._terms)

    def held(self, words: frozenset[str]) -> frozenset[Term]:
        """Return the terms that some of these words are forms of."""
        return frozenset(term for word in self._forms & words for term in self._terms[word])

    def count_new(self, words: frozenset[str]) -> int:
        """Return how many of these words are no form of any term."""
        return len(words) - len(self._forms & words)


def _forms(term: Term, by_letter: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the words that are forms of a term; of an exact one, itself."""
    if term.exact:
        yield from {term.word}.intersection(by_letter.get(term.word[0], ()))
        return
    spelling = term.spelling or term.word
    for word in dict.fromkeys(
        word for form in (term.word, spelling) for word in by_letter.get(form[0], ())
    ):
        if same_word(term.word, word) or same_word(spelling, word):
            yield word


class EvidenceFinder:
    """Scores the units of retrieved passages against a question. Nothing is embedded."""

    def __init__(self, library: Library, model: Model | None = None) -> None:
        self._library = library
        self.model = model or default_model()
        self._readers = lru_cache(maxsize=ARTICLES_KEPT)(self._open_reader)

    def find(self, question: Question, passages: Sequence[Retrieved]) -> Findings:
        """Return the evidence that passages hold for a question."""
        return self.weigh(question, passages, self.candidates(question, passages))

    def candidates(self, question: Question, passages: Sequence[Retrieved]) -> list[Evidence]:
        """Return every unit of the passages, not yet scored."""
        pool = list(self._pool(passages))
        if not pool:
            return []
        said = [item.reading for item in pool]
        vocabulary = set[str]()
        for reading in said:
            vocabulary.update(reading.own, reading.around, reading.before)
        matching = _Matching(question, vocabulary)
        held = [matching.held(reading.own) for reading in said]
        rare = _rarity(question, held)
        foreign = _foreign(question, pool)
        asked = places(question)
        exact = frozenset(term for term in question.terms if term.exact)
        typed = cache(partial(_typed, question.asks))
        found = []
        for item, own, cosines in zip(pool, held, self._cosines(question, pool), strict=True):
            reader, reading = item.reader, item.reading
            before = matching.held(reading.before) - own
            around = matching.held(reading.around) - own - before
            features = (
                *cosines,
                item.passage.score,
                sum(rare[term] for term in own),
                share(question, before),
                share(question, around),
                bool(exact - own - around - before),
                has_rival(asked, own, reading.tokens),
                typed(reading.named(question.words), reading.kinds(question.words)),
                math.log1p(matching.count_new(reading.own)),
                reading.fragment,
            )
            found.append(
                Evidence(
                    reader.article,
                    item.number,
                    item.passage,
                    own,
                    around,
                    before,
                    foreign[reader.article.id],
                    np.array(features, np.float64),
                )
            )
        return found

    def _pool(self, passages: Sequence[Retrieved]) -> Iterator[_Candidate]:
        """Yield the units of passages that are no questions, each with the best that has it."""
        seen = set[tuple[str, int]]()
        for passage in passages:
            reader = self._reader(passage.passage.article_id)
            for number in range(passage.passage.first, passage.passage.last + 1):
                reading = reader.read(number)
                if not reading.asks and (reader.article.id, number) not in seen:
                    seen.add((reader.article.id, number))
                    yield _Candidate(reader, number, passage, reading)

    def _cosines(
        self, question: Question, pool: Sequence[_Candidate]
    ) -> Iterator[tuple[float, float]]:
        """Yield each unit's cosine to the question, and that of it with the unit before it."""
        for article, items in groupby(pool, lambda item: item.reader.article.id):
            vectors = self._library.unit_vectors(article)
            candidates = list(items)
            numbers = np.array([item.number for item in candidates])
            before = np.array([item.reader.goes_on(item.number) for item in candidates], np.int64)
            both = vectors[numbers] + vectors[numbers - before]
            yield from zip(
                vectors[numbers] @ question.vector,
                both @ question.vector / np.linalg.norm(both, axis=1),
                strict=True,
            )

    def weigh(
        self, question: Question, passages: Sequence[Retrieved], candidates: Sequence[Evidence]
    ) -> Findings:
        """Rank candidates and say how probable it is that they answer the question."""
        model = self.model
        if not candidates:
            return Findings(question, tuple(passages), (), np.zeros(len(QUESTION_FEATURES)), 0.0)
        matrix = np.stack([candidate.features for candidate in candidates])
        scores = sigmoid(matrix @ model.unit + model.unit_bias)
        scored = sorted(
            (replace(c, score=float(s)) for c, s in zip(candidates, scores, strict=True)),
            key=lambda c: (-c.score, c.article.id, c.number),
        )
        ranked = list(self._distinct(scored))
        features = question_features(question, ranked)
        logit = features @ model.question + model.question_bias
        return Findings(question, tuple(passages), tuple(ranked), features, float(sigmoid(logit)))

    def _distinct(self, ranked: Sequence[Evidence]) -> Iterator[Evidence]:
        """Yield evidence without what a better one of another article says in the same words.

        What holds more of the question than that one, as by its title, is no copy of it.
        """
        heard: dict[str, list[Evidence]] = {}
        for item in ranked:
            said = self._reader(item.article.id).read(item.number).said
            better = heard.setdefault(said, [])
            if not any(b.article.id != item.article.id and item.held <= b.held for b in better):
                better.append(item)
                yield item

    def _reader(self, article_id: str) -> Reader:
        article = self._library.article(article_id)
        return self._readers(article.id, article.sha256)

    def _open_reader(self, article_id: str, _sha256: str) -> Reader:
        """Return the reader of an article; another text of it gets another one."""
        return Reader(self._library.article(article_id))


def question_features(question: Question, ranked: Sequence[Evidence]) -> Matrix:
    """Return the features of a question from its ranked evidence (see `QUESTION_FEATURES`)."""
    shown = np.stack([item.features for item in ranked[:SHOWN]])
    unit = {name: shown[:, column] for column, name in enumerate(UNIT_FEATURES)}
    return np.array(
        [
            unit["cosine"].max(),
            (unit["rare"] + unit["before"] + unit["around"]).max(),
            unit["exact_missing"].min(),
            unit["rival"][0],
            question.names_unknown,
            max(question.foreign, (ranked[0].foreign - OWN) / (1 - OWN)),
            sum(share for kind, share in question.asks.items() if kind in VALUES),
            unit["typed"][0],
            unit["passage_score"][0],
            ranked[0].score - (ranked[SHOWN].score if len(ranked) > SHOWN else 0.0),
        ]
    )


def _foreign(question: Question, pool: Sequence[_Candidate]) -> dict[str, float]:
    """Return the share of the question's commonest words that nothing found of an article has."""
    said: dict[str, set[str]] = {}
    for item in pool:
        said.setdefault(item.reader.article.id, set()).update(item.reading.own)
    common = question.common
    return {article: len(common - own) / max(len(common), 1) for article, own in said.items()}


def _rarity(question: Question, units: Sequence[frozenset[Term]]) -> dict[Term, float]:
    """Return each term's share of what the terms say, by how few of the candidates have it."""
    counts = Counter(term for held in units for term in held)
    weights = {
        term: term.weight * np.log1p(len(units) / (counts[term] + 0.5)) for term in question.terms
    }
    total = sum(weights.values()) or 1.0
    return {term: float(weight / total) for term, weight in weights.items()}


def share(question: Question, held: Collection[Term]) -> float:
    """Return the share, by weight, of a question's terms that these are."""
    return sum(term.weight for term in held) / question.weight


def _typed(asks: Mapping[Asks, float], named: bool, values: Collection[frozenset[Asks]]) -> float:
    """Return how probably a text has what is asked for: a name, or a value of the kind."""
    total = 0.0
    for kind, share in asks.items():
        if kind in (Asks.PERSON, Asks.PLACE):
            total += share * named
        elif kind not in VALUES:
            total += share
        elif values:
            total += share * max(match(kind, kinds) for kinds in values)
    return total


def sigmoid(logit: Matrix) -> Matrix:
    """Return the logistic function, without overflow."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))
