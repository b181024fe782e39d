"""Units of retrieved passages as evidence for a question: their features and scores.

The weights (rag/evidence.json) are fitted on public question sets by
`python -m evals.bench.fit_evidence --data DIR --write`; docs/benchmarks.md has the ablation.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.embed import Vectors
from ingest.library import ARTICLES_KEPT, Library
from ingest.pipeline import own_text
from ingest.types import Article, BlockKind, Span, Unit
from ingest.words import same_word, sequence, words
from rag.question import Asks, Question, Term
from rag.retrieve import Retrieved
from rag.rivals import Place, Token, has_rival, places, tokenize
from rag.values import VALUES, Value, find_values, match

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


class Reader:
    """An article's units as sets of folded words; made once an article."""

    def __init__(self, article: Article) -> None:
        self.article = article
        data = article.metadata
        self._about = words(" ".join(filter(None, (data.title, data.author, data.publisher))))
        self._own: dict[int, frozenset[str]] = {}
        self._around: dict[tuple[Span, ...], frozenset[str]] = {}
        self._values: dict[int, tuple[Value, ...]] = {}
        self._tokens: dict[int, tuple[Token, ...]] = {}
        self._said: dict[int, str] = {}

    def said(self, number: int) -> str:
        """Return what a unit says: two with the same words say the same."""
        if number not in self._said:
            unit = self.article.units[number]
            self._said[number] = sequence(self.article.text[unit.start : unit.end])
        return self._said[number]

    def own(self, number: int) -> frozenset[str]:
        """Return the words of a unit and of what it needs."""
        if number not in self._own:
            self._own[number] = frozenset(words(own_text(self.article, number)))
        return self._own[number]

    def around(self, number: int) -> frozenset[str]:
        """Return the words of the headings over a unit, and of the article's title and source."""
        headings = self.article.units[number].headings
        if headings not in self._around:
            said = " ".join(self.article.text[span.start : span.end] for span in headings)
            self._around[headings] = frozenset([*self._about, *words(said)])
        return self._around[headings]

    def values(self, number: int) -> tuple[Value, ...]:
        """Return the values of a unit; what it needs, as a table's header, says of which kinds."""
        if number not in self._values:
            unit, text = self.article.units[number], self.article.text
            header = " ".join(text[span.start : span.end] for span in unit.needs)
            self._values[number] = find_values(
                text[unit.start : unit.end], header if unit.kind is BlockKind.ROW else ""
            )
        return self._values[number]

    def tokens(self, number: int) -> tuple[Token, ...]:
        """Return the words of a unit in order."""
        if number not in self._tokens:
            unit = self.article.units[number]
            self._tokens[number] = tokenize(self.article.text[unit.start : unit.end])
        return self._tokens[number]

    def is_question(self, number: int) -> bool:
        """Whether a unit asks something; such a one answers nothing."""
        unit = self.article.units[number]
        return _ASKS.search(self.article.text, unit.start, unit.end) is not None

    def before(self, number: int) -> frozenset[str]:
        """Return the words of the sentence before, in the same paragraph."""
        return self.own(number - 1) if self.goes_on(number) else frozenset()

    def goes_on(self, number: int) -> bool:
        """Whether a unit follows another one in the same paragraph."""
        units = self.article.units
        return number > 0 and units[number].block == units[number - 1].block


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


@dataclass(frozen=True)
class _Sought:
    """What is looked for in every candidate: terms with their forms and rarity, names in place.

    `foreign` is, by article, the share of the question's commonest words that it lacks.
    """

    question: Question
    matched: Mapping[Term, frozenset[str]]
    rare: Mapping[Term, float]
    places: Sequence[Place]
    foreign: Mapping[str, float]


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
        pool = [
            (self._reader(passage.passage.article_id), number, passage)
            for passage in passages
            for number in range(passage.passage.first, passage.passage.last + 1)
        ]
        pool = [item for item in pool if not item[0].is_question(item[1])]
        best = {(reader.article.id, n): (reader, n, p) for reader, n, p in reversed(pool)}
        if not best:
            return []
        vocabulary = frozenset().union(
            *(r.own(n) | r.around(n) | r.before(n) for r, n, _ in best.values())
        )
        by_letter = _by_letter(vocabulary)
        matched = {term: _matching(term, by_letter) for term in question.terms}
        said: dict[str, frozenset[str]] = {}
        for reader, number, _ in best.values():
            article = reader.article.id
            said[article] = said.get(article, frozenset()) | reader.own(number)
        sought = _Sought(
            question,
            matched,
            _rarity(question, matched, [reader.own(n) for reader, n, _ in best.values()]),
            places(question),
            {article: _missing(question.common, words) for article, words in said.items()},
        )
        return [self._candidate(sought, *item) for item in best.values()]

    def _candidate(
        self, sought: "_Sought", reader: Reader, number: int, passage: Retrieved
    ) -> Evidence:
        question, matched = sought.question, sought.matched
        own = _held(matched, reader.own(number))
        before = _held(matched, reader.before(number)) - own
        around = _held(matched, reader.around(number)) - own - before
        vectors = self._library.unit_vectors(reader.article.id)
        cosine = float(vectors[number] @ question.vector)
        unit = reader.article.units[number]
        text = reader.article.text[unit.start : unit.end]
        features = np.array(
            [
                cosine,
                _window(vectors, number, question) if reader.goes_on(number) else cosine,
                passage.score,
                sum(sought.rare[term] for term in own),
                share(question, before),
                share(question, around),
                float(any(t.exact and t not in own | around | before for t in question.terms)),
                float(has_rival(sought.places, own, reader.tokens(number))),
                typed(question, text, reader.values(number)),
                float(np.log1p(len(reader.own(number) - frozenset().union(*matched.values())))),
                float(unit.kind is BlockKind.TEXT and not _SENTENCE.search(text)),
            ]
        )
        foreign = sought.foreign[reader.article.id]
        return Evidence(reader.article, number, passage, own, around, before, foreign, features)

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
            said = self._reader(item.article.id).said(item.number)
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


def _missing(common: Collection[str], said: frozenset[str]) -> float:
    return sum(word not in said for word in common) / max(len(common), 1)


def _rarity(
    question: Question, matched: Mapping[Term, frozenset[str]], units: Sequence[frozenset[str]]
) -> dict[Term, float]:
    """Return each term's share of what the terms say, by how few of the candidates have it."""
    weights = {}
    for term in question.terms:
        count = sum(not matched[term].isdisjoint(unit) for unit in units)
        weights[term] = term.weight * np.log1p(len(units) / (count + 0.5))
    total = sum(weights.values()) or 1.0
    return {term: float(weight / total) for term, weight in weights.items()}


def _window(vectors: Vectors, number: int, question: Question) -> float:
    both = vectors[number - 1] + vectors[number]
    return float(both @ question.vector / np.linalg.norm(both))


def share(question: Question, held: Collection[Term]) -> float:
    """Return the share, by weight, of a question's terms that these are."""
    return sum(term.weight for term in held) / question.weight


def typed(question: Question, text: str, values: Sequence[Value]) -> float:
    """Return how probably a text has a value of the kind asked for, beside the question's words."""
    new = {value.kinds for value in values if not question.says(value.said)}
    names = _has_name(question, text) or text.lower() == text.upper()
    total = 0.0
    for kind, share in question.asks.items():
        if kind in VALUES:
            total += share * max((match(kind, kinds) for kinds in new), default=0.0)
        else:
            total += share * (names or kind not in (Asks.PERSON, Asks.PLACE))
    return total


def _has_name(question: Question, text: str) -> bool:
    """Whether of the words that a question does not have, one after the first is capital."""
    begun = False
    for token in _TOKEN.findall(text):
        if (begun and not token[0].isupper()) or question.says(token):
            continue
        if begun:
            return True
        begun = True
    return False


_TOKEN = re.compile(r"\w+")
_SENTENCE = re.compile(r"[.!?…。！？:：;][\"'”’»)*_\]]*\s*$|[:：]\s")
_ASKS = re.compile(r"[?？؟][\"'”’»*_)]*$")


def _by_letter(vocabulary: Collection[str]) -> dict[str, list[str]]:
    """Return words by their first letter, which forms of one word have in common."""
    found: dict[str, list[str]] = {}
    for word in vocabulary:
        found.setdefault(word[0], []).append(word)
    return found


def _matching(term: Term, vocabulary: Mapping[str, Sequence[str]]) -> frozenset[str]:
    if term.exact:
        return frozenset({term.word}).intersection(vocabulary.get(term.word[0], ()))
    return frozenset(
        word
        for form in {term.word, term.spelling or term.word}
        for word in vocabulary.get(form[0], ())
        if same_word(form, word)
    )


def _held(matched: Mapping[Term, frozenset[str]], held: frozenset[str]) -> frozenset[Term]:
    return frozenset(term for term, forms in matched.items() if not forms.isdisjoint(held))


def sigmoid(logit: Matrix) -> Matrix:
    """Return the logistic function, without overflow."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))
