"""The one flow from a question to an answer; the plain answer is the stream's last item."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.errors import BadInputError
from ingest.library import Filters, Library
from rag.catalogue import about_article
from rag.conversation import stand_alone
from rag.disagreement import Side, disagreements
from rag.evidence import Evidence, EvidenceFinder
from rag.extract import extract
from rag.generate import Generator, Writing
from rag.refusal import nearest, refuse
from rag.retrieve import Retrieved, Retriever
from rag.speaker import asked_speaker
from rag.types import (
    MESSAGES,
    Answer,
    Citation,
    Draft,
    Quote,
    Reason,
    Refusal,
    Statement,
    Turn,
    Working,
)
from rag.verdict import judge

EXTRACTIVE = "extractive"
"""The engine's name where the statements are the articles' own sentences."""
MAX_QUESTION = 4000
"""Longest question, in characters."""


class Engine:
    """Answers questions from a library with statements that have passed the verdict.

    They are the articles' own sentences, or, with a generator, written by its language model.
    """

    def __init__(
        self,
        library: Library,
        retriever: Retriever,
        finder: EvidenceFinder,
        generator: Generator | None = None,
    ) -> None:
        self._library = library
        self._retriever = retriever
        self._finder = finder
        self._generator = generator

    @property
    def name(self) -> str:
        """The language model that writes, or "extractive"."""
        return self._generator.model.name if self._generator else EXTRACTIVE

    def ask(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Answer:
        """Return the answer to a question."""
        *_, answer = self.stream(question, history, filters)
        assert isinstance(answer, Answer)  # noqa: S101 the stream always ends with it
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Iterator[Statement | Working | Answer]:
        """Yield each statement once it has passed the verdict, then the whole answer.

        While a language model writes, `Working` comes between them; closing the stream stops it.

        Raises:
            BadInputError: the question is empty or too long.
        """
        clock = _Clock()
        query = stand_alone(check_question(question), history)
        for article_id in filters.articles if filters else ():
            self._library.article(article_id)  # an unknown id is an error, not an empty answer
        found = self._found(query, filters, clock)
        answering = _Answering(self._library)
        writing = self._writing(query, history, found)
        if writing:
            yield from answering.state(writing.drafts(), clock)
        written = bool(answering.statements) or bool(writing and writing.declined)
        refusal = found.refusal
        if writing and writing.declined:
            refusal = Refusal(reason=Reason.WEAK_EVIDENCE, message=MESSAGES[Reason.WEAK_EVIDENCE])
        elif not written:
            yield from answering.state(found.drafts, clock)
        statements = tuple(answering.statements)
        if not statements and refusal is None:
            refusal = Refusal(reason=Reason.UNSUPPORTED, message=MESSAGES[Reason.UNSUPPORTED])
        evidence = found.evidence
        yield Answer(
            question=question,
            rewritten=query if query != question.strip() else None,
            status="refused" if refusal else "answered",
            engine=self.name if written else EXTRACTIVE,
            refusal=refusal,
            statements=statements,
            disagreements=disagreements(evidence.query, answering.sides) if evidence else (),
            nearest=nearest(evidence, refusal.reason) if refusal and evidence else (),
            generation=writing.generation if writing else None,
            timings_ms=clock.done(),
        )

    def _found(self, query: str, filters: Filters | None, clock: "_Clock") -> "_Found":
        """Return what there is to answer a question from, or why there is nothing."""
        about = about_article(query, self._library)
        if isinstance(about, Draft):
            return _Found(None, None, iter([about]))
        if about is not None:
            return _Found(None, Refusal(reason=Reason.WEAK_EVIDENCE, message=about), iter(()))
        passages = self._passages(query, filters)
        clock.mark("retrieve")
        evidence = self._finder.find(query, passages)
        clock.mark("evidence")
        refusal = refuse(evidence, self._finder.model)
        return _Found(evidence, refusal, extract(evidence) if refusal is None else iter(()))

    def _writing(self, query: str, history: Sequence[Turn], found: "_Found") -> Writing | None:
        """Begin an answer of the language model's, where there is one and evidence to show it."""
        if self._generator is None or found.evidence is None or found.refusal:
            return None
        names = {item.passage.article_id for item in found.evidence.passages}
        articles = {name: self._library.article(name) for name in names}
        return self._generator.write(query, history, found.evidence, articles)

    def _passages(self, query: str, filters: Filters | None) -> list[Retrieved]:
        """Return the best passages; first those by the author whose words a question asks for."""
        found = self._retriever.find(query, filters=filters)
        by_author = self._library.articles_by(asked_speaker(query)) if not filters else []
        if not by_author:
            return found
        own = self._retriever.find(query, filters=Filters(articles=tuple(by_author)))
        return list({item.passage.id: item for item in (*own, *found)}.values())


class _Found(NamedTuple):
    """What a question is answered from: the evidence, or why not, and the extractive answer."""

    evidence: Evidence | None
    refusal: Refusal | None
    drafts: Iterator[Draft]


class _Answering:
    """The statements of one answer. Drafts come in; what the verdict supports goes out."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._numbers: dict[tuple[str, int, int], int] = {}
        self.statements: list[Statement] = []
        self.sides: list[Side] = []

    def state(
        self, drafts: Iterator[Draft | Working], clock: "_Clock"
    ) -> Iterator[Statement | Working]:
        """Number the quotes of each draft and let through what the verdict supports."""
        for draft in drafts:
            if isinstance(draft, Working):
                yield draft
                continue
            articles = {q.article_id: self._library.article(q.article_id) for q in draft.quotes}
            verdict = judge(draft.text, draft.quotes, articles, derived=True)
            if not verdict.supported:
                continue
            citations = tuple(Citation.numbered(self._number(q), q) for q in draft.quotes)
            statement = Statement(text=draft.text, citations=citations, verdict=verdict)
            self.statements.append(statement)
            self.sides.append(Side(draft.sentence, draft.text, draft.source, draft.score))
            clock.reach("first_statement")
            yield statement

    def _number(self, quote: Quote) -> int:
        key = (quote.article_id, quote.start, quote.end)
        return self._numbers.setdefault(key, len(self._numbers) + 1)


class _Clock:
    """Milliseconds of each step since the one before, and in all."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._steps: dict[str, float] = {}

    def mark(self, step: str) -> None:
        now = time.perf_counter()
        self._steps[step] = round((now - self._last) * 1000, 2)
        self._last = now

    def reach(self, what: str) -> None:
        """Note how long after the start something came for the first time."""
        self._steps.setdefault(what, round((time.perf_counter() - self._start) * 1000, 2))

    def done(self) -> dict[str, float]:
        total = round((time.perf_counter() - self._start) * 1000, 2)
        return {**self._steps, "total": total}


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
