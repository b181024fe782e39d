"""Engines with a broken stage, or that fail as a whole."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from evals.sabotage.base import Bench, Sabotage, SpoiledAnswers
from evals.sabotage.statements import answered, quoted
from evals.system import DEPTH, IbidSystem, Look, Reference, System
from ingest.embed import OnnxEmbedding
from ingest.library import Filters, Library
from ingest.types import Span
from rag.conversation import stand_alone
from rag.engine import Engine
from rag.evidence import EvidenceFinder
from rag.retrieve import Retrieved, Retriever
from rag.types import MESSAGES, Answer, Quote, Reason, Refusal, Turn


class AlwaysAnswers(SpoiledAnswers):
    """Where Ibid refuses, the nearest passages are given as the answer."""

    figure = "refusal_recall"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: D102
        if answer.status == "answered":
            return answer
        article = next(iter(bench.reference.articles.values()))
        anything = Quote.of(article, Span(*article.sentences[0][:2]))
        quotes = answer.nearest or (anything,)
        return answered(answer, [quoted(quote, number) for number, quote in enumerate(quotes, 1)])


class AlwaysRefuses(SpoiledAnswers):
    """Every question is refused."""

    figure = "refusal_precision"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: ARG002, D102
        reason = Reason.WEAK_EVIDENCE
        refusal = Refusal(reason=reason, message=MESSAGES[reason])
        given = {"status": "refused", "refusal": refusal, "statements": ()}
        return answer.model_copy(update=given)


class SaysNothing(SpoiledAnswers):
    """The answer is said to be one, and is empty."""

    figure = "correctness"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: ARG002, D102
        return answered(answer, [])


class Crashes(SpoiledAnswers):
    """Questions with an even number of characters raise."""

    figure = "correctness"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: ARG002, D102
        if len(answer.question) % 2 == 0:
            raise RuntimeError("the engine is broken")
        return answer


class HistoryIgnored(Sabotage):
    """A follow-up is taken as if nothing had been said before."""

    figure = "correctness.follow_up"

    def broken(self, bench: Bench) -> System:  # noqa: D102
        return _Forgetful(bench)


@dataclass(frozen=True)
class _Forgetful:
    bench: Bench

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:  # noqa: ARG002
        return self.bench.recorded.ask(question, ())

    def look(self, question: str, history: Sequence[Turn]) -> Look:  # noqa: ARG002
        return self.bench.recorded.look(question, ())


class ArticleMissing(Sabotage):
    """The article with the most passages is not in the index."""

    figure = f"recall@{DEPTH}"

    def broken(self, bench: Bench) -> System:  # noqa: D102
        held = [passage.article_id for passage in bench.reference.passages]
        largest = max(bench.reference.articles, key=held.count)
        rest = tuple(name for name in bench.reference.articles if name != largest)
        return _Narrowed(bench.intact, Filters(articles=rest))


@dataclass(frozen=True)
class _Narrowed:
    intact: IbidSystem
    filters: Filters

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:
        return self.intact.ibid.engine.ask(question, history, self.filters)

    def look(self, question: str, history: Sequence[Turn]) -> Look:
        query = stand_alone(question, history)
        found = self.intact.ibid.retriever.find(query, DEPTH, self.filters)
        return Look(tuple(item.passage for item in found), 0.5)


class RandomPassages(Sabotage):
    """Retrieval returns passages by chance."""

    figure = f"mrr@{DEPTH}"

    def broken(self, bench: Bench) -> System:  # noqa: D102
        ibid = bench.intact.ibid
        retriever = _RandomRetriever(ibid.library, ibid.embedding, bench.reference)
        finder = EvidenceFinder(ibid.library, ibid.embedding, retriever)
        return _Random(Engine(ibid.library, retriever, finder), retriever)


class _RandomRetriever(Retriever):
    def __init__(self, library: Library, embedding: OnnxEmbedding, reference: Reference) -> None:
        super().__init__(library, embedding)
        self._reference = reference

    def find(
        self,
        query: str,
        limit: int | None = None,
        filters: Filters | None = None,  # noqa: ARG002
    ) -> list[Retrieved]:
        """Return passages that depend on nothing but the question's spelling."""
        passages = self._reference.passages
        chance = random.Random(query)  # noqa: S311 no secret
        chosen = chance.sample(passages, min(limit or self._limit, len(passages)))
        return [Retrieved(passage, 1 / rank, 0.5) for rank, passage in enumerate(chosen, 1)]


@dataclass(frozen=True)
class _Random:
    engine: Engine
    retriever: _RandomRetriever

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:
        return self.engine.ask(question, history)

    def look(self, question: str, history: Sequence[Turn]) -> Look:
        found = self.retriever.find(stand_alone(question, history), DEPTH)
        return Look(tuple(item.passage for item in found), 0.5)
