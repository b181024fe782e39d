"""The one flow from a question to an answer; the plain answer is the stream's last item."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.embed import Embedding
from ingest.errors import BadInputError
from ingest.library import Filters, Library
from ingest.words import sequence
from rag import about
from rag.advice import Advice
from rag.choose import Chooser
from rag.copies import copies
from rag.disagreement import disagreements
from rag.evidence import Evidence, EvidenceFinder, Findings
from rag.focus import focus
from rag.question import Question, ask
from rag.retrieve import Retrieved, Retriever
from rag.select import Choice, refuse, select
from rag.statement import pieces
from rag.summary import Summarizer
from rag.types import (
    Answer,
    Citation,
    Quote,
    Reason,
    Refusal,
    Statement,
    SummarySentence,
    Turn,
    Working,
    refusal,
    whole,
)
from rag.verdict import judge

EXTRACTIVE = "extractive"
"""The engine's name where no language model chose."""
MAX_QUESTION = 4000
"""Longest question, in characters."""
PASSAGES = 24
"""How many passages are looked through for units."""
SAMPLE = 3
"""Sentences that show a language model in which language the articles are."""
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

    def keep(self, findings: Findings, choices: list[Choice]) -> None:
        """Keep what was found for a question, and what of it is shown."""
        self.question, self.passages = findings.question, findings.passages
        self.evidence, self.probability = findings.evidence, findings.probability
        self.choices = choices


class Engine:
    """Answers questions from a library with statements that have passed the verdict.

    With a chooser, its language model has a say in which of the articles' units answer; with a
    summarizer, one adds a summary in its own words, which is marked as that.
    """

    def __init__(
        self,
        library: Library,
        embedding: Embedding,
        retriever: Retriever,
        finder: EvidenceFinder,
        chooser: Chooser | None = None,
        summarizer: Summarizer | None = None,
    ) -> None:
        self._library = library
        self._embedding = embedding
        self._retriever = retriever
        self._finder = finder
        self._chooser = chooser
        self._summarizer = summarizer

    def with_model(self, chooser: Chooser | None, summarizer: Summarizer | None = None) -> "Engine":
        """Return the same engine with another chooser and summarizer, or none."""
        return Engine(
            self._library, self._embedding, self._retriever, self._finder, chooser, summarizer
        )

    @property
    def name(self) -> str:
        """The language model that chooses, or "extractive"."""
        return self._chooser.model.name if self._chooser else EXTRACTIVE

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

        While a language model chooses, `Working` comes before; closing the stream stops it.

        Raises:
            BadInputError: the question is empty or too long, or a filter names no article.
        """
        clock, trace, advice = Clock(), trace or Trace(), Advice(self._chooser)
        self._check(question, filters)
        asked = yield from advice.read(question.strip(), history, self._ask, self._sample)
        clock.mark("question")
        passages = self._retriever.find(asked, PASSAGES, filters)
        clock.mark("retrieve")
        findings = self._finder.find(asked, passages)
        other = about.answer(findings, self._library)
        if other is None:
            findings = yield from advice.weigh(findings, history)
        refused, choices = other or decide(findings, self._finder.model.threshold)
        clock.mark("select")
        trace.keep(findings, choices)
        statements = []
        for statement in stated(choices, asked, advice, self._library):
            statements.append(statement)
            clock.reach("first_statement")
            yield statement
        if not statements and refused is None:
            refused = refusal(Reason.UNSUPPORTED)
        summary: tuple[SummarySentence, ...] = ()
        if self._summarizer and statements:
            summary = yield from self._summarizer.summarize(asked.text, statements)
            clock.mark("summary")
        yield Answer(
            question=question,
            rewritten=asked.text if asked.text != question.strip() else None,
            status="refused" if refused else "answered",
            engine=self.name if advice.taken else EXTRACTIVE,
            refusal=refused,
            statements=tuple(statements),
            summary=summary,
            disagreements=disagreements(asked, statements),
            nearest=nearest(findings) if refused else (),
            generation=advice.generation(choices, refused=refused is not None),
            timings_ms=clock.done(),
        )

    def passages(self, text: str, limit: int) -> list[Retrieved]:
        """Return the best passages for a text, best first, without answering it."""
        return self._retriever.find(self._ask(check_question(text)), limit)

    def near(self, text: str, limit: int) -> Sequence[Evidence]:
        """Return the units nearest to a text, nearest first."""
        asked = self._ask(text)
        found = self._finder.find(asked, self._retriever.find(asked, PASSAGES))
        return found.evidence[:limit]

    def _ask(self, text: str) -> Question:
        return ask(text, self._embedding, self._library)

    def _sample(self) -> str:
        """Return the first sentences of an article, for a model to see the library's language."""
        first = next(iter(self._library.catalogue()), None)
        article = self._library.article(first.id) if first else None
        units = article.units[:SAMPLE] if article else ()
        return " ".join(article.text[unit.start : unit.end] for unit in units) if article else ""

    def _check(self, question: str, filters: Filters | None) -> None:
        check_question(question)
        for article_id in filters.articles if filters else ():
            self._library.article(article_id)  # an unknown id is an error, not an empty answer


def decide(findings: Findings, threshold: float) -> tuple[Refusal | None, list[Choice]]:
    """Return what to show, or why nothing is."""
    refused = refuse(findings, threshold)
    return (refused, []) if refused else (None, select(findings))


def stated(
    choices: Sequence[Choice], question: Question, advice: Advice, library: Library
) -> Iterator[Statement]:
    """Yield the statements that choices make, if the verdict supports them, each once.

    What a statement before says in the same words, of which this article is a copy, is left out.
    """
    numbers = Numbers()
    shown: list[Statement] = []
    for choice in choices:
        quotes = pieces(choice.article, choice.first, choice.last, choice.context)
        verdict = judge(quotes, {choice.article.id: choice.article})
        if verdict.supported and not any(_repeats(choice, other) for other in shown):
            shown.append(
                Statement(
                    citations=tuple(
                        Citation.numbered(numbers.of(quote), quote) for quote in quotes
                    ),
                    focus=advice.focus(choice, quotes) or focus(question, choice, quotes),
                    verdict=verdict,
                    also_in=copies(quotes, choice.article, library),
                )
            )
            yield shown[-1]


def _repeats(choice: Choice, other: Statement) -> bool:
    """Whether what was found stands in a statement of which its article is a copy."""
    copied = any(source.article_id == choice.article.id for source in other.also_in)
    said = {sequence(quote.quote) for quote in other.citations}
    return copied and sequence(choice.best.text) in said


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
    try:
        whole(question)
    except ValueError as error:
        raise BadInputError(f"The question cannot be read: {error}.") from None
    if len(question) > MAX_QUESTION:
        raise BadInputError(
            f"The question has {len(question):,} characters, the limit is {MAX_QUESTION:,}. "
            "Shorten it."
        )
    return question


def nearest(findings: Findings) -> tuple[Quote, ...]:
    """Return the best unit of each passage that came nearest."""
    found: dict[str, Quote] = {}
    for item in findings.evidence:
        found.setdefault(item.passage.passage.id, Quote.of(item.article, item.span))
    return tuple(found.values())[:NEAREST]
