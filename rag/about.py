"""What asks for nothing that the articles tell of.

Greetings, orders, the list of the articles, their summaries, who wrote one and when.
"""

from dataclasses import replace

from ingest.library import Library
from ingest.types import Article, BlockKind
from ingest.words import same_word, words
from rag.evidence import Evidence, Findings
from rag.question import Asks, Question, Shape
from rag.select import Choice
from rag.types import Reason, Refusal, refusal

SURE = 0.75
"""Probability of a shape from which a question is taken for no question to the articles."""
LIKELY = 0.5
"""The same for a question of who wrote an article and when: that it names one speaks for it too."""
LEADING = 3
"""Units at an article's head that stand for its summary."""
LISTED = 20
"""Articles that a list names."""
NAMED = 0.6
"""Least share of a title's words that a question naming an article has."""

HELP = (
    "Ask a question about the articles: each statement of the answer will be a sentence of theirs, "
    "with its source. Where they do not answer, Ibid says so."
)
ORDER = (
    "This is an instruction, not a question. Ibid only answers questions, and only from its "
    "articles: ask the question alone."
)


def answer(findings: Findings, library: Library) -> tuple[Refusal | None, list[Choice]] | None:
    """Return the answer to what asks for nothing in the articles; None for any other question."""
    question = findings.question
    shape = question.shape
    least = LIKELY if shape is Shape.SOURCE else SURE
    if question.shapes[shape] < least or question.follow_up > SURE:
        return None
    if shape is Shape.GREETING:
        return Refusal(reason=Reason.OUT_OF_SCOPE, message=HELP), []
    if shape is Shape.INSTRUCTION:
        return Refusal(reason=Reason.OUT_OF_SCOPE, message=ORDER), []
    if shape is Shape.CATALOGUE:
        return Refusal(reason=Reason.OUT_OF_SCOPE, message=_listed(library)), []
    if shape is Shape.SUMMARY:
        return _summary(findings, library)
    if shape is Shape.SOURCE:
        return _source(findings, library)
    return None


def _listed(library: Library) -> str:
    titles = [item.metadata.title or item.id for item in library.catalogue()]
    more = f"; and {len(titles) - LISTED} more" if len(titles) > LISTED else ""
    count = f"{len(titles)} article" + ("" if len(titles) == 1 else "s")
    return f"The library holds {count}: {'; '.join(titles[:LISTED])}{more}."


def _summary(findings: Findings, library: Library) -> tuple[Refusal | None, list[Choice]] | None:
    """Return the leading units of the article that a question names, or of the only one."""
    found = _of_named(findings, library)
    if found is None:
        return None
    units = found.article.units
    first = next((n for n, u in enumerate(units) if u.kind is BlockKind.TEXT), 0)
    last = min(first + LEADING, len(units)) - 1
    return None, [Choice(found, first, last)]


def _source(findings: Findings, library: Library) -> tuple[Refusal | None, list[Choice]] | None:
    """Return the unit in which the article that a question names says its author or its date."""
    found = _of_named(findings, library)
    if found is None:
        return None
    asks = findings.question.asks
    field = "published" if asks[Asks.DATE] > asks[Asks.PERSON] else "author"
    said = found.article.metadata.said_at.get(field)
    for number, unit in enumerate(found.article.units):
        if said and unit.start <= said.start and said.end <= unit.end:
            return None, [Choice(replace(found, number=number), number, number)]
    return refusal(Reason.WEAK_EVIDENCE, [f"“{found.article.title}”: {field}"]), []


def _of_named(findings: Findings, library: Library) -> Evidence | None:
    """Return the best evidence of the article that a question names, if it may be heard."""
    article = _named(findings.question, library)
    return next((e for e in findings.evidence if article and e.article.id == article.id), None)


def _named(question: Question, library: Library) -> Article | None:
    catalogue = library.catalogue()
    if len(catalogue) == 1:
        return library.article(catalogue[0].id)
    asked = words(question.text)
    best, most = None, NAMED
    for item in catalogue:
        for named in (item.metadata.title, item.metadata.author):
            told = [word for word in words(named or "") if len(word) > 2]
            share = sum(any(same_word(w, a) for a in asked) for w in told) / max(len(told), 1)
            if share > most:
                best, most = item.id, share
    return library.article(best) if best else None
