"""What a broken engine is: it stands where Ibid stands, and one thing about it is wrong."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from evals.system import IbidSystem, Look, Reference, System
from ingest.types import Span
from rag.types import Answer, Citation, Quote, Statement, Turn

Key = tuple[str, tuple[Turn, ...]]


@dataclass
class Recorded:
    """A system that is asked each question once and repeats itself."""

    system: System
    _answers: dict[Key, Answer] = field(default_factory=dict)
    _looks: dict[Key, Look] = field(default_factory=dict)

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:
        """Return the answer, as it was the first time."""
        key = (question, tuple(history))
        if key not in self._answers:
            self._answers[key] = self.system.ask(question, history)
        return self._answers[key]

    def look(self, question: str, history: Sequence[Turn]) -> Look:
        """Return what retrieval found, as it was the first time."""
        key = (question, tuple(history))
        if key not in self._looks:
            self._looks[key] = self.system.look(question, history)
        return self._looks[key]


@dataclass(frozen=True)
class Bench:
    """What a sabotage works with: Ibid as it is, its recorded answers, and the articles."""

    intact: IbidSystem
    recorded: Recorded
    reference: Reference


class Sabotage(ABC):
    """One way to break the engine. `figure` names the measure that is meant to catch it."""

    figure: ClassVar[str]

    @abstractmethod
    def broken(self, bench: Bench) -> System:
        """Return the broken system."""


class SpoiledAnswers(Sabotage):
    """Breaks what leaves the engine. `model_copy` checks nothing, as a broken program would not."""

    def broken(self, bench: Bench) -> System:
        """Return Ibid with every answer spoiled."""
        return _Spoiled(self, bench)

    def spoil(self, answer: Answer, bench: Bench) -> Answer:
        """Spoil an answer: by default, each of its statements."""
        return restated(answer, [self.spoil_statement(s, bench) for s in answer.statements])

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002
        """Spoil a statement."""
        return statement


@dataclass(frozen=True)
class _Spoiled:
    sabotage: SpoiledAnswers
    bench: Bench

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:
        return self.sabotage.spoil(self.bench.recorded.ask(question, history), self.bench)

    def look(self, question: str, history: Sequence[Turn]) -> Look:
        return self.bench.recorded.look(question, history)


def restated(answer: Answer, statements: Iterable[Statement]) -> Answer:
    """Return an answer with other statements, unchecked."""
    return answer.model_copy(update={"statements": tuple(statements)})


def recited(statement: Statement, citations: Iterable[Citation]) -> Statement:
    """Return a statement with other citations, unchecked."""
    return statement.model_copy(update={"citations": tuple(citations)})


def reworded(statement: Statement, text: str) -> Statement:
    """Return a statement with another text, unchecked."""
    return statement.model_copy(update={"text": text})


def other_quote(quote: Quote, reference: Reference) -> Quote:
    """Return a sentence of the same article that does not touch the quote."""
    article = reference.articles[quote.article_id]
    apart = [s for s in article.sentences if s.end <= quote.start or quote.end <= s.start]
    chosen = apart[len(apart) // 2]
    return Quote.of(article, Span(chosen.start, chosen.end))
