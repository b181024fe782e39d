"""Engines that say something else than their quotes, or say it wrongly."""

import re

from evals.sabotage.base import Bench, SpoiledAnswers, recited, restated, reworded
from ingest.types import Span
from rag.types import Answer, Citation, Quote, Statement, Verdict
from rag.verdict import JOINT, REPORTING, tidy

_NUMBER = re.compile(r"\d+")
_NEGATION = re.compile(r"\b(?:not|never|no)\s+", re.I)
_MODALITY = re.compile(r"\b(?:may|might|could|would|should)\b", re.I)
_SUPPORTED = Verdict(supported=True, score=1)


def _raised(text: str) -> str:
    return _NUMBER.sub(lambda match: str(int(match.group()) + 1), text, count=1)


class NumberAltered(SpoiledAnswers):
    """A number of the statement is one higher than in its quotes."""

    figure = "citation_recall"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        return reworded(statement, _raised(statement.text))


class NumberAlteredInQuote(SpoiledAnswers):
    """A number is one higher in the statement and in its quote alike."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        cited = [i.model_copy(update={"quote": _raised(i.quote)}) for i in statement.citations]
        return recited(reworded(statement, _raised(statement.text)), cited)


class NegationDropped(SpoiledAnswers):
    """What the quotes deny, the statement affirms."""

    figure = "citation_recall"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        return reworded(statement, _NEGATION.sub("", statement.text))


class ModalityDropped(SpoiledAnswers):
    """What the quotes hold possible, the statement says as certain."""

    figure = "citation_recall"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        return reworded(statement, _MODALITY.sub("will", statement.text))


class AttributionStripped(SpoiledAnswers):
    """Whatever stands before the words of saying, and these words, are cut off."""

    figure = "citation_recall"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        *_, last = [None, *REPORTING.finditer(statement.text)]
        rest = statement.text[last.end() :].removeprefix(" that").strip(" ,:") if last else ""
        return reworded(statement, rest or statement.text)


class SpeakerDropped(SpoiledAnswers):
    """A quote is given without the sentence that says whose words it is."""

    figure = "correctness.attribution"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        text = statement.text.split(JOINT)[-1]
        return recited(reworded(statement, text), statement.citations[-1:])


class StatementDoubled(SpoiledAnswers):
    """Everything is said twice."""

    figure = "redundancy"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: ARG002, D102
        return restated(answer, [*answer.statements, *answer.statements])


class OneSideDropped(SpoiledAnswers):
    """Of several statements only the first is given, so that a disagreement does not show."""

    figure = "disagreement_recall"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: ARG002, D102
        return restated(answer, answer.statements[:1])


class FromTheQuestionAlone(SpoiledAnswers):
    """The question is answered from memory: no quote, and no word that any article has."""

    figure = "groundedness"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: ARG002, D102
        text = f"As is well known, this is so: {answer.question}"
        recalled = Statement.model_construct(text=text, citations=(), verdict=_SUPPORTED)
        return answered(answer, [recalled])


class EverythingQuoted(SpoiledAnswers):
    """All that was retrieved is given as the answer: something in it will be right."""

    figure = "answer_words"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: D102
        quotes: dict[Span, Quote] = {}
        for passage in bench.recorded.look(answer.question, ()).passages:
            article = bench.reference.articles[passage.article_id]
            for sentence in article.sentences[passage.first : passage.last + 1]:
                span = Span(sentence.start, sentence.end)
                quotes[span] = Quote.of(article, span)
        return answered(
            answer, [quoted(quote, number) for number, quote in enumerate(quotes.values(), 1)]
        )


def quoted(quote: Quote, number: int) -> Statement:
    """Return a statement that is a quote."""
    citation = Citation.numbered(number, quote)
    return Statement(text=tidy(quote.quote), citations=(citation,), verdict=_SUPPORTED)


def answered(answer: Answer, statements: list[Statement]) -> Answer:
    """Return these statements as the answer, whether there was one or not."""
    given = {"status": "answered", "refusal": None, "nearest": (), "statements": tuple(statements)}
    return answer.model_copy(update=given)
