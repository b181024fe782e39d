"""Engines whose citations are wrong."""

import hashlib
from dataclasses import replace

from evals.sabotage.base import Bench, SpoiledAnswers, other_quote, recited, restated
from ingest.types import Span
from rag.types import Answer, Citation, Quote, Statement


class CitationsSwapped(SpoiledAnswers):
    """Each statement stands on the citations of the next one."""

    figure = "citation_recall"

    def spoil(self, answer: Answer, bench: Bench) -> Answer:  # noqa: ARG002, D102
        after = [*answer.statements[1:], *answer.statements[:1]]
        pairs = zip(answer.statements, after, strict=True)
        return restated(answer, [recited(own, other.citations) for own, other in pairs])


class OffsetsShifted(SpoiledAnswers):
    """Every citation points one character too far."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        return recited(
            statement,
            [
                item.model_copy(update={"start": item.start + 1, "end": item.end + 1})
                for item in statement.citations
            ],
        )


class UnsupportingCitation(SpoiledAnswers):
    """The citation resolves, to another sentence of the right article."""

    figure = "citation_recall"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: D102
        return recited(
            statement,
            [
                Citation.numbered(item.number, other_quote(item, bench.reference))
                for item in statement.citations
            ],
        )


class NeedlessCitation(SpoiledAnswers):
    """A further sentence is cited that has nothing to do with the statement."""

    figure = "citation_precision"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: D102
        first = statement.citations[0]
        added = Citation.numbered(99, other_quote(first, bench.reference))
        return recited(statement, [*statement.citations, added])


class CitationsDropped(SpoiledAnswers):
    """Statements without a citation."""

    figure = "citation_recall"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        return recited(statement, [])


class MadeUpArticle(SpoiledAnswers):
    """The right words under the id of an article that does not exist."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        made_up = {"article_id": "999_invented"}
        return recited(statement, [item.model_copy(update=made_up) for item in statement.citations])


class WrongArticle(SpoiledAnswers):
    """The right words under the name of another article that does exist."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: D102
        return recited(statement, [_misattributed(item, bench) for item in statement.citations])


class WrongSource(SpoiledAnswers):
    """The citation resolves, but shows a publisher and a date that its article does not have."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: ARG002, D102
        shown = {"publisher": "The Invented Herald", "published": "2020-01-01"}
        return recited(statement, [item.model_copy(update=shown) for item in statement.citations])


class StaleQuote(SpoiledAnswers):
    """Quotes from before the article was edited."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, bench: Bench) -> Statement:  # noqa: D102
        return recited(statement, [_before_edit(item, bench) for item in statement.citations])


def _misattributed(item: Citation, bench: Bench) -> Citation:
    articles = sorted(bench.reference.articles)
    other = bench.reference.articles[articles[articles.index(item.article_id) - 1]]
    return item.model_copy(
        update={"article_id": other.id, "sha256": other.sha256, "title": other.title}
    )


def _before_edit(item: Citation, bench: Bench) -> Citation:
    article = bench.reference.articles[item.article_id]
    lead = "A first version. "
    text = lead + article.text
    before = replace(article, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
    span = Span(item.start + len(lead), item.end + len(lead))
    return Citation.numbered(item.number, Quote.of(before, span))
