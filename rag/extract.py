"""An answer made of quotes: the best sentences, each with what it needs to stand alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.types import Span
from ingest.words import terms, words
from rag.answer_type import AnswerType, Asked
from rag.context import Unit, adds, is_statement
from rag.evidence import Candidate, Evidence
from rag.reading import Kind, read
from rag.types import Draft, Quote
from rag.verdict import judge

MAX_STATEMENTS = 6
MAX_OF_ONE_FACT = 3
"""How many statements answer a question that asks for one thing: a date, a number, a name."""
KEEP_RATIO = 0.2
"""A further statement needs at least this share of the best one's score. On held-out questions the
right sentence is shown to .925 at 0.3, .916 at 0.4 and .899 at 0.5 (python -m
evals.bench.fit_evidence, "kept"); on CLAP NQ answers are as near to people's at 0.2 as at 0.4
(ROUGE-L .527 both)."""
MAX_JOINED = 5
"""How many sentences a statement may have that sentences leaning on each other are joined to."""
SAME_CONTENT = 0.7
"""Share of common content words (Jaccard) from which two statements count as one."""

_VERB = r"do|did|is|was|are|were|has|have|had|will|would|can|could|should|might|may|\w+ed"
_ONE_THING = re.compile(
    rf"\b(?:which|what) (?!(?:{_VERB}|\w*s)\b)\w+\b(?! (?!(?:does|says|is|was|has)\b)\w*s\b)"
    r"|\bwhat (?:is|was|are|were)\b.*\b(?:known as|called)\b",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(?:articles|sources|reports|authors)\b|\band (?:how|what|when|where|why|who|which|say)\b",
    re.I,
)


def extract(evidence: Evidence) -> Iterator[Draft]:
    """Yield the statements of an answer: the best, none repeating another.

    A question that asks for more than one thing takes the best of every article first, and the
    best of all with the sentence that follows it (ROUGE-L on CLAP NQ .527 against .525). Articles
    come in the order of their best statement, the statements of one as they stand in it: answers
    are nearer to those that people write so (ROUGE-L on CLAP NQ .527, against .478 by score).
    """
    for candidate in in_reading_order(select(evidence)):
        yield draft_of(candidate, evidence)


def draft_of(candidate: Candidate, evidence: Evidence) -> Draft:
    """Return a candidate as a statement, on its own quotes and on those that say the same."""
    unit = candidate.unit
    quotes = [Quote.of(unit.article, span) for span in unit.spans]
    quotes += _said_too(unit, evidence.candidates)
    return Draft(unit.text, tuple(quotes), unit.sentence, unit.source, candidate.score)


def worth_showing(evidence: Evidence) -> list[Candidate]:
    """Return the candidates that come near enough to the best."""
    best = evidence.candidates[0].score
    return [c for c in evidence.candidates if c.score >= KEEP_RATIO * best]


def _said_too(unit: Unit, candidates: Sequence[Candidate]) -> Iterator[Quote]:
    """Yield the sentences of other articles that support the same statement in their own words.

    The same words elsewhere are a copy, and count once.
    """
    wordings = {tuple(words(unit.sentence))}
    for other in (candidate.unit for candidate in candidates):
        wording = tuple(words(other.sentence))
        elsewhere = other.article.id != unit.article.id and wording not in wordings
        if elsewhere and len(unit.spans) == 1 and _alike(unit.sentence, other.sentence):
            quote = Quote.of(other.article, Span(*other.article.sentences[other.number][:2]))
            if judge(unit.text, [quote], {other.article.id: other.article}).supported:
                wordings.add(wording)
                yield quote


def select(evidence: Evidence) -> list[Candidate]:
    """Return the candidates that make the answer, the best first."""
    kept = worth_showing(evidence)
    limit = MAX_STATEMENTS
    if asks_one_thing(evidence.query.text, evidence.query.asked):
        limit = MAX_OF_ONE_FACT
    else:
        first = {c.unit.article.id: c for c in reversed(kept)}
        kept.sort(key=lambda c: (first[c.unit.article.id] is not c, -c.score))
        kept[0] = replace(kept[0], unit=_continued(kept[0].unit))
    chosen: list[Candidate] = []
    for candidate in kept:
        units = [item.unit for item in chosen]
        overlapping = next((n for n, unit in enumerate(units) if unit.leans(candidate.unit)), None)
        if overlapping is not None:
            joined = units[overlapping].joined(candidate.unit)
            if len(joined.numbers) <= MAX_JOINED:
                chosen[overlapping] = replace(chosen[overlapping], unit=joined)
        elif len(chosen) < limit and not any(_same(candidate.unit, unit) for unit in units):
            chosen.append(candidate)
    return sorted(chosen, key=lambda c: -c.score)


def asks_one_thing(question: str, asked: Asked | None) -> bool:
    """Whether a question asks for one thing: its kind is told, or it names it in the singular."""
    if _SEVERAL.search(question):
        return False
    typed = asked is not None and asked.kind is not AnswerType.REASON
    return typed or bool(_ONE_THING.search(question))


def _continued(unit: Unit) -> Unit:
    """Return a unit with the sentence after it in its paragraph, and those that add to that."""
    article, block = unit.article, unit.article.sentences[unit.number].block
    last = max(unit.numbers)
    for following, sentence in enumerate(article.sentences[last + 1 :], last + 1):
        text = article.text[sentence.start : sentence.end]
        added = following == last + 1 or adds(text)
        if sentence.block != block or not is_statement(sentence, text) or not added:
            break
        unit = replace(unit, numbers=(*unit.numbers, following))
        if len(unit.numbers) >= MAX_JOINED:
            break
    return unit


def in_reading_order(chosen: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates by article, each article's as they stand in it."""
    articles = list(dict.fromkeys(c.unit.article.id for c in chosen))
    return sorted(chosen, key=lambda c: (articles.index(c.unit.article.id), c.unit.number))


def _same(unit: Unit, other: Unit) -> bool:
    """Whether two sentences say the same; with other numbers, dates or negation they do not."""
    mine, theirs = _exact(unit.sentence), _exact(other.sentence)
    return _alike(unit.sentence, other.sentence) and (mine <= theirs or mine >= theirs)


def _alike(one: str, other: str) -> bool:
    mine, theirs = set(terms(one)), set(terms(other))
    return len(mine & theirs) >= SAME_CONTENT * max(len(mine | theirs), 1)


def _exact(text: str) -> frozenset[str]:
    kinds = (Kind.NUMBER, Kind.DATE, Kind.NEGATION)
    return frozenset(token.key for token in read(text) if token.kind in kinds)
