"""Engines whose citations are wrong."""

import hashlib
import re
from dataclasses import replace

from evals.sabotage.base import Ground, SpoiledAnswers, recited
from ingest.types import Span
from rag.types import Citation, Quote, Statement

_NUMBER = re.compile(r"\d+")


class OffsetsShifted(SpoiledAnswers):
    """Every citation points one character too far."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002, D102
        return recited(
            statement,
            [
                item.model_copy(update={"start": item.start + 1, "end": item.end + 1})
                for item in statement.citations
            ],
        )


class NumberAlteredInQuote(SpoiledAnswers):
    """A number of the quote is one higher than in the article."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002, D102
        def raised(text: str) -> str:
            return _NUMBER.sub(lambda match: str(int(match.group()) + 1), text, count=1)

        cited = [i.model_copy(update={"quote": raised(i.quote)}) for i in statement.citations]
        return recited(statement, cited)


class MadeUpArticle(SpoiledAnswers):
    """The right words under the id of an article that does not exist."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002, D102
        made_up = {"article_id": "999_invented"}
        return recited(statement, [item.model_copy(update=made_up) for item in statement.citations])


class WrongArticle(SpoiledAnswers):
    """The right words under the name of another article that does exist."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: D102
        return recited(statement, [_misattributed(item, ground) for item in statement.citations])


class WrongSource(SpoiledAnswers):
    """The citation resolves, but shows a publisher and a date that its article does not have."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002, D102
        shown = {"publisher": "The Invented Herald", "published": "2020-01-01"}
        return recited(statement, [item.model_copy(update=shown) for item in statement.citations])


class StaleQuote(SpoiledAnswers):
    """Quotes from before the article was edited."""

    figure = "citation_exactness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: D102
        return recited(statement, [_before_edit(item, ground) for item in statement.citations])


class CitationsSwapped(SpoiledAnswers):
    """The pieces of a statement change places: whose words they are, and what they stand under."""

    figure = "groundedness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002, D102
        return recited(statement, reversed(statement.citations))


class CitationsDropped(SpoiledAnswers):
    """Statements without a citation."""

    figure = "groundedness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: ARG002, D102
        return recited(statement, [])


class NeedlessCitation(SpoiledAnswers):
    """A sentence from elsewhere in the article is drawn into the statement."""

    figure = "groundedness"

    def spoil_statement(self, statement: Statement, ground: Ground) -> Statement:  # noqa: D102
        first = statement.citations[0]
        article = ground.article(first)
        apart = [u for u in article.units if u.end < first.start or first.end < u.start]
        added = Citation.numbered(99, Quote.of(article, apart[-1].span)) if apart else first
        cited = sorted([*statement.citations, added], key=lambda item: item.start)
        return recited(statement, cited)


def _misattributed(item: Citation, ground: Ground) -> Citation:
    articles = sorted(ground.reference.articles)
    other = ground.reference.articles[articles[articles.index(item.article_id) - 1]]
    return item.model_copy(
        update={"article_id": other.id, "sha256": other.sha256, "title": other.title}
    )


def _before_edit(item: Citation, ground: Ground) -> Citation:
    article = ground.article(item)
    lead = "A first version. "
    text = lead + article.text
    before = replace(article, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
    span = Span(item.start + len(lead), item.end + len(lead))
    return Citation.numbered(item.number, Quote.of(before, span))
