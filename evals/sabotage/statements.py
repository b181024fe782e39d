"""Engines that show too much, too little, or something else than what answers."""

from evals.sabotage.base import (
    Ground,
    SpoiledAnswers,
    recited,
    restated,
    stated,
    unit_number,
    unit_stated,
)
from ingest.types import Span
from rag.engine import Trace
from rag.types import Answer, Citation, Quote, Statement


class SpeakerDropped(SpoiledAnswers):
    """What a quote needs is left out: who says it, or the header of its row."""

    figure = "groundedness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: D102
        article = ground.article(statement.citations[0])
        needs = {need for unit in article.units for need in unit.needs}
        kept = [item for item in statement.citations if Span(item.start, item.end) not in needs]
        return recited(statement, kept or statement.citations)


class NegationCut(SpoiledAnswers):
    """The last quote is shortened to what follows its third word: "not" may be among the three."""

    figure = "groundedness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: D102
        *before, last = statement.citations
        words = last.quote.split(None, 3)
        start = last.end - len(words[3]) if len(words) > 3 else last.start + len(words[0])
        short = Quote.of(ground.article(last), Span(start, last.end))
        return recited(statement, [*before, Citation.numbered(last.number, short)])


class NeighbourShown(SpoiledAnswers):
    """After each statement comes what stands next to it in the article, whole and cited."""

    figure = "precision"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        if answer.status == "refused":
            return answer
        shown = [s for own in answer.statements for s in (own, _neighbour(own, ground))]
        return restated(answer, shown)


class NeighbourInstead(SpoiledAnswers):
    """Each statement is what stands next to the one that answers, whole and cited."""

    figure = "first_right"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        if answer.status == "refused":
            return answer
        return restated(answer, [_neighbour(own, ground) for own in answer.statements])


class FocusElsewhere(SpoiledAnswers):
    """The first word of a statement is marked as what answers."""

    figure = "focus_right"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002, D102
        return statement.model_copy(update={"focus": (0, len(statement.text.split()[0]))})


class StatementDoubled(SpoiledAnswers):
    """Everything is said twice."""

    figure = "answer_words"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        twice = [*answer.statements, *answer.statements]
        return restated(answer, twice) if twice else answer


class EverythingQuoted(SpoiledAnswers):
    """All that was retrieved is given as the answer: something in it will be right."""

    figure = "answer_words"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        found = {(item.article.id, item.number): item for item in trace.evidence}
        shown = [unit_stated(item.article, item.number) for item in found.values()]
        return restated(answer, shown) if shown else answer


class OneSideDropped(SpoiledAnswers):
    """Of several statements only the first is given, so that a disagreement does not show."""

    figure = "disagreement_recall"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        return restated(answer, answer.statements[:1]) if answer.statements else answer


class AlwaysAnswers(SpoiledAnswers):
    """Where Ibid refuses, the nearest passages are given as the answer."""

    figure = "refusals_right"

    def spoil(self, answer: Answer, trace: Trace, ground: Ground) -> Answer:  # noqa: ARG002, D102
        if answer.status == "answered":
            return answer
        article = next(iter(ground.reference.articles.values()))
        quotes = answer.nearest or (Quote.of(article, article.units[0].span),)
        return restated(answer, [stated([quote]) for quote in quotes])


def _neighbour(statement: Statement, ground: Ground) -> Statement:
    """Return the unit after the last one of a statement, or the one before where none follows."""
    article = ground.article(statement.citations[0])
    number = unit_number(article, statement)
    after = number + 1 if number + 1 < len(article.units) else max(0, number - 1)
    return unit_stated(article, after)
