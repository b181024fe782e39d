"""The one flow from a question to an answer; the plain answer is the stream's last item."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.embed import Embedding
from ingest.errors import BadInputError
from ingest.library import Filters, Library
from rag import about
from rag.conversation import stand_alone
from rag.disagreement import disagreements
from rag.evidence import Evidence, EvidenceFinder, Findings
from rag.focus import focus
from rag.question import Question, ask
from rag.retrieve import Retrieved, Retriever
from rag.select import Choice, refuse, select
from rag.statement import pieces
from rag.types import (
    Answer,
    Citation,
    Quote,
    Reason,
    Refusal,
    Statement,
    Turn,
    Working,
    refusal,
)
from rag.verdict import judge

EXTRACTIVE = "extractive"
"""The engine's name where no language model chose."""
MAX_QUESTION = 4000
"""Longest question, in characters."""
PASSAGES = 24
"""How many passages are looked through for units."""
NEAREST = 3
"""How many passages a refusal points to."""


@dataclass
class Trace:
    """What an answer was made from, for whoever checks or measures it."""

    question: Question | None = None
    passages: tuple[Retrieved, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    probability: float = 0.0
    choices: list[Choice] = field(default_factory=list)


class Engine:
    """Answers questions from a library with statements that have passed the verdict."""

    def __init__(
        self, library: Library, embedding: Embedding, retriever: Retriever, finder: EvidenceFinder
    ) -> None:
        self._library = library
        self._embedding = embedding
        self._retriever = retriever
        self._finder = finder

    def ask(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Answer:
        """Return the answer to a question."""
        return self.traced(question, history, filters)[0]

    def traced(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> tuple[Answer, Trace]:
        """Return the answer to a question, and what it was made from."""
        trace = Trace()
        *_, answer = self.stream(question, history, filters, trace)
        assert isinstance(answer, Answer)  # noqa: S101 the stream always ends with it
        return answer, trace

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        trace: Trace | None = None,
    ) -> Iterator[Statement | Working | Answer]:
        """Yield each statement once it has passed the verdict, then the whole answer.

        Raises:
            BadInputError: the question is empty or too long.
        """
        clock, trace = Clock(), trace or Trace()
        asked = self._read(check_question(question), history, filters)
        clock.mark("question")
        passages = self._retriever.find(asked, PASSAGES, filters)
        clock.mark("retrieve")
        findings = self._finder.find(asked, passages)
        refused, choices = self._chosen(findings, filters)
        clock.mark("select")
        trace.question, trace.passages, trace.evidence = asked, findings.passages, findings.evidence
        trace.probability, trace.choices = findings.probability, choices
        numbers = Numbers()
        statements = []
        for choice in choices:
            statement = self._statement(choice, asked, numbers)
            if statement.verdict.supported:
                statements.append(statement)
                clock.reach("first_statement")
                yield statement
        if not statements and refused is None:
            refused = refusal(Reason.UNSUPPORTED)
        yield Answer(
            question=question,
            rewritten=asked.text if asked.text != question.strip() else None,
            status="refused" if refused else "answered",
            engine=EXTRACTIVE,
            refusal=refused,
            statements=tuple(statements),
            disagreements=disagreements(asked, statements),
            nearest=_nearest(findings) if refused else (),
            timings_ms=clock.done(),
        )

    def passages(self, text: str, limit: int) -> list[Retrieved]:
        """Return the best passages for a text, best first, without answering it."""
        return self._retriever.find(ask(check_question(text), self._embedding, self._library), limit)

    def near(self, text: str, limit: int) -> Sequence[Evidence]:
        """Return the units nearest to a text, nearest first."""
        asked = ask(text, self._embedding, self._library)
        return self._finder.find(asked, self._retriever.find(asked, PASSAGES)).evidence[:limit]

    def _read(self, question: str, history: Sequence[Turn], filters: Filters | None) -> Question:
        for article_id in filters.articles if filters else ():
            self._library.article(article_id)  # an unknown id is an error, not an empty answer
        return stand_alone(
            question.strip(), history, lambda text: ask(text, self._embedding, self._library)
        )

    def _chosen(
        self, findings: Findings, filters: Filters | None
    ) -> tuple[Refusal | None, list[Choice]]:
        """Return what to show, or why nothing is."""
        other = about.answer(findings, self._library, filters)
        if other is not None:
            return other
        refused = refuse(findings, self._finder.model.threshold)
        return (refused, []) if refused else (None, select(findings))

    def _statement(self, choice: Choice, question: Question, numbers: "Numbers") -> Statement:
        quotes = pieces(choice.article, choice.first, choice.last, choice.context)
        return Statement(
            citations=tuple(Citation.numbered(numbers.of(quote), quote) for quote in quotes),
            focus=focus(question, choice, quotes),
            verdict=judge(quotes, {choice.article.id: choice.article}),
        )


class Numbers:
    """The numbers of an answer's citations, from 1 in the order of their first use."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int, int], int] = {}

    def of(self, quote: Quote) -> int:
        """Return the number of a quote."""
        key = (quote.article_id, quote.start, quote.end)
        return self._numbers.setdefault(key, len(self._numbers) + 1)


class Clock:
    """Milliseconds of each step since the one before, and in all."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._steps: dict[str, float] = {}

    def mark(self, step: str) -> None:
        """Note how long the step took that ends now."""
        now = time.perf_counter()
        self._steps[step] = round((now - self._last) * 1000, 2)
        self._last = now

    def reach(self, what: str) -> None:
        """Note how long after the start something came for the first time."""
        self._steps.setdefault(what, round((time.perf_counter() - self._start) * 1000, 2))

    def done(self) -> dict[str, float]:
        """Return all times."""
        return {**self._steps, "total": round((time.perf_counter() - self._start) * 1000, 2)}


def check_question(question: str) -> str:
    """Return a usable question as it is; raise BadInputError for any other."""
    if not question.strip():
        raise BadInputError("The question is empty. Write a question.")
    if len(question) > MAX_QUESTION:
        raise BadInputError(
            f"The question has {len(question):,} characters, the limit is {MAX_QUESTION:,}. "
            "Shorten it."
        )
    return question


def _nearest(findings: Findings) -> tuple[Quote, ...]:
    """Return the best unit of each passage that came nearest."""
    found: dict[str, Quote] = {}
    for item in findings.evidence:
        found.setdefault(item.passage.passage.id, Quote.of(item.article, item.span))
    return tuple(found.values())[:NEAREST]
