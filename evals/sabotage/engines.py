"""Engines with a broken stage, or that fail as a whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evals.sabotage.base import Ground, Reply, Sabotage, SpoiledAnswers, restated
from evals.system import System
from ingest.library import Filters
from rag.engine import Trace
from rag.types import Answer, Reason, Turn, refusal

_WITH_DIGIT = re.compile(r"\w*\d\w*")


class AlwaysRefuses(SpoiledAnswers):
    """Every question is refused."""

    figure = "wrong_declines"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        given = {"status": "refused", "refusal": refusal(Reason.WEAK_EVIDENCE), "statements": ()}
        return answer.model_copy(update=given)


class SaysNothing(SpoiledAnswers):
    """The answer is said to be one, and is empty."""

    figure = "correctness"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        return restated(answer, [])


class Crashes(SpoiledAnswers):
    """Questions with an even number of characters raise."""

    figure = "correctness"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        if len(answer.question) % 2 == 0:
            raise RuntimeError("the engine is broken")
        return answer


class HistoryIgnored(Sabotage):
    """A follow-up is taken as if nothing had been said before."""

    figure = "correctness"

    def broken(self, ground: Ground) -> System:  # noqa: D102
        return _Forgetful(ground)


@dataclass(frozen=True)
class _Forgetful:
    ground: Ground

    def traced(self, question: str, history: Sequence[Turn] = ()) -> Reply:  # noqa: ARG002
        return self.ground.recorded.traced(question)


class AnchorDropped(Sabotage):
    """The numbers and identifiers of a question are not seen."""

    figure = "correctness"

    def broken(self, ground: Ground) -> System:  # noqa: D102
        return _Numberless(ground)


@dataclass(frozen=True)
class _Numberless:
    ground: Ground

    def traced(self, question: str, history: Sequence[Turn] = ()) -> Reply:
        seen = " ".join(_WITH_DIGIT.sub(" ", question).split())
        return self.ground.recorded.traced(seen if re.search(r"\w", seen) else question, history)


class AnotherQuestion(Sabotage):
    """Retrieval looks for what was asked before, whoever asked it."""

    figure = "unit_mrr"

    def broken(self, ground: Ground) -> System:  # noqa: D102
        return _Late(ground)


@dataclass
class _Late:
    ground: Ground
    before: str = "?"

    def traced(self, question: str, history: Sequence[Turn] = ()) -> Reply:
        self.before, asked = question, self.before
        return self.ground.recorded.traced(asked, history)


class ArticleMissing(Sabotage):
    """The article with the most passages is not in the index."""

    figure = "unit_recall@24"

    def broken(self, ground: Ground) -> System:  # noqa: D102
        held = [passage.article_id for passage in ground.reference.passages]
        largest = max(ground.reference.articles, key=held.count)
        return _Narrowed(ground, tuple(n for n in ground.reference.articles if n != largest))


@dataclass(frozen=True)
class _Narrowed:
    ground: Ground
    articles: tuple[str, ...]

    def traced(self, question: str, history: Sequence[Turn] = ()) -> Reply:
        return self.ground.ibid.engine.traced(question, history, Filters(articles=self.articles))
