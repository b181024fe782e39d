"""What a broken engine is: it stands where Ibid's stands, and one thing about it is wrong."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from evals.facts import Fact
from evals.system import Reference, System
from ingest.types import Article, Span
from rag.build import Ibid
from rag.engine import Trace
from rag.statement import pieces
from rag.types import Answer, Citation, Quote, Statement, Turn, Verdict

Reply = tuple[Answer, Trace]
SUPPORTED = Verdict(supported=True, score=1)


@dataclass
class Recorded:
    """A system that is asked each question once and repeats itself."""

    system: System
    _replies: dict[tuple[str, tuple[Turn, ...]], Reply] = field(default_factory=dict)

    def traced(self, question: str, history: Sequence[Turn] = ()) -> Reply:
        """Return the answer, as it was the first time."""
        key = (question, tuple(history))
        if key not in self._replies:
            self._replies[key] = self.system.traced(question, history)
        return self._replies[key]


@dataclass(frozen=True)
class Ground:
    """What an engine is put to: questions by file, Ibid over their articles, what it answered."""

    facts: Mapping[str, Sequence[Fact]]
    ibid: Ibid
    reference: Reference
    recorded: Recorded

    @classmethod
    def of(cls, facts: Mapping[str, Sequence[Fact]], ibid: Ibid) -> "Ground":
        """Return that of an open library."""
        return cls(facts, ibid, Reference.of(ibid.library), Recorded(ibid.engine))

    def article(self, quote: Quote) -> Article:
        """Return the article that a quote is of."""
        return self.reference.articles[quote.article_id]


class Sabotage(ABC):
    """One way to break the engine. `figure` names the measure that is meant to catch it."""

    figure: ClassVar[str]

    @abstractmethod
    def broken(self, ground: Ground) -> System:
        """Return the broken engine."""


class SpoiledAnswers(Sabotage):
    """Breaks what leaves the engine. `model_copy` checks nothing, as a broken program would not."""

    def broken(self, ground: Ground) -> System:
        """Return Ibid's engine with every answer spoiled."""
        return _Spoiled(self, ground)

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002
        """Spoil an answer: by default, each of its statements."""
        if answer.status == "refused":
            return answer
        return restated(answer, [self.spoil_statement(s, ground) for s in answer.statements])

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002
        """Spoil a statement."""
        return statement


@dataclass(frozen=True)
class _Spoiled:
    sabotage: SpoiledAnswers
    ground: Ground

    def traced(self, question: str, history: Sequence[Turn] = ()) -> Reply:
        answer, trace = self.ground.recorded.traced(question, history)
        return self.sabotage.spoil(answer, trace, self.ground), trace


def restated(answer: Answer, statements: Iterable[Statement]) -> Answer:
    """Return an answer with other statements, unchecked, whether it was one or not."""
    given = {"status": "answered", "refusal": None, "nearest": (), "statements": tuple(statements)}
    return answer.model_copy(update=given)


def recited(statement: Statement, citations: Iterable[Citation]) -> Statement:
    """Return a statement with other citations, unchecked."""
    return statement.model_copy(update={"citations": tuple(citations)})


def stated(quotes: Sequence[Quote]) -> Statement:
    """Return a statement of quotes that nothing else in an answer has."""
    cited = [Citation.numbered(100_000 + quote.start, quote) for quote in quotes]
    return Statement(citations=tuple(cited), verdict=SUPPORTED)


def unit_stated(article: Article, number: int) -> Statement:
    """Return a unit as the engine would state it, with what it needs."""
    return stated(pieces(article, number, number))


def unit_number(article: Article, statement: Statement) -> int:
    """Return the number of the last unit that a statement quotes, or 0 where it quotes none."""
    spans = {Span(item.start, item.end) for item in statement.citations}
    numbers = [number for number, unit in enumerate(article.units) if unit.span in spans]
    return max(numbers, default=0)
