"""The one flow from a question to an answer; the plain answer is the stream's last item."""

import time
from collections.abc import Iterator, Sequence

from ingest.errors import BadInputError
from ingest.library import Filters, Library
from rag.catalogue import about_article
from rag.conversation import stand_alone
from rag.disagreement import Side, disagreements
from rag.evidence import EvidenceFinder
from rag.extract import extract
from rag.refusal import nearest, refuse
from rag.retrieve import Retrieved, Retriever
from rag.speaker import asked_speaker
from rag.types import MESSAGES, Answer, Citation, Draft, Reason, Refusal, Statement, Turn
from rag.verdict import judge

MAX_QUESTION = 4000
"""Longest question, in characters."""


class Engine:
    """Answers questions from a library with statements that have passed the verdict."""

    name = "extractive"

    def __init__(self, library: Library, retriever: Retriever, finder: EvidenceFinder) -> None:
        self._library = library
        self._retriever = retriever
        self._finder = finder

    def ask(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Answer:
        """Return the answer to a question."""
        *_, answer = self.stream(question, history, filters)
        assert isinstance(answer, Answer)  # noqa: S101 the stream always ends with it
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Iterator[Statement | Answer]:
        """Yield each statement once it has passed the verdict, then the whole answer.

        Raises:
            BadInputError: the question is empty or too long.
        """
        clock = _Clock()
        query = stand_alone(check_question(question), history)
        for article_id in filters.articles if filters else ():
            self._library.article(article_id)  # an unknown id is an error, not an empty answer
        about = about_article(query, self._library)
        if isinstance(about, Draft):
            evidence, refusal, drafts = None, None, iter([about])
        elif about is not None:
            evidence, drafts = None, iter(())
            refusal = Refusal(reason=Reason.WEAK_EVIDENCE, message=about)
        else:
            passages = self._passages(query, filters)
            clock.mark("retrieve")
            evidence = self._finder.find(query, passages)
            clock.mark("evidence")
            refusal = refuse(evidence, self._finder.model)
            drafts = extract(evidence) if refusal is None else iter(())
        statements: list[Statement] = []
        sides: list[Side] = []
        for draft, statement in self._stated(drafts):
            statements.append(statement)
            sides.append(Side(draft.sentence, draft.text, draft.source, draft.score))
            yield statement
        if not statements and refusal is None:
            refusal = Refusal(reason=Reason.UNSUPPORTED, message=MESSAGES[Reason.UNSUPPORTED])
        yield Answer(
            question=question,
            rewritten=query if query != question.strip() else None,
            status="refused" if refusal else "answered",
            engine=self.name,
            refusal=refusal,
            statements=tuple(statements),
            disagreements=disagreements(evidence.query, sides) if evidence else (),
            nearest=nearest(evidence, refusal.reason) if refusal and evidence else (),
            timings_ms=clock.done(),
        )

    def _passages(self, query: str, filters: Filters | None) -> list[Retrieved]:
        """Return the best passages; first those by the author whose words a question asks for."""
        found = self._retriever.find(query, filters=filters)
        by_author = self._library.articles_by(asked_speaker(query)) if not filters else []
        if not by_author:
            return found
        own = self._retriever.find(query, filters=Filters(articles=tuple(by_author)))
        return list({item.passage.id: item for item in (*own, *found)}.values())

    def _stated(self, drafts: Iterator[Draft]) -> Iterator[tuple[Draft, Statement]]:
        """Number the quotes of each draft and let through what the verdict supports."""
        numbers: dict[tuple[str, int, int], int] = {}
        for draft in drafts:
            articles = {q.article_id: self._library.article(q.article_id) for q in draft.quotes}
            verdict = judge(draft.text, draft.quotes, articles)
            if not verdict.supported:
                continue
            citations = []
            for quote in draft.quotes:
                key = (quote.article_id, quote.start, quote.end)
                number = numbers.setdefault(key, len(numbers) + 1)
                citations.append(Citation.numbered(number, quote))
            yield draft, Statement(text=draft.text, citations=tuple(citations), verdict=verdict)


class _Clock:
    """Milliseconds of each step since the one before, and in all."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._steps: dict[str, float] = {}

    def mark(self, step: str) -> None:
        now = time.perf_counter()
        self._steps[step] = round((now - self._last) * 1000, 2)
        self._last = now

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
