"""The few units that answer, best first, or why none does.

What binds: a number or an identifier of the question must be in a unit or its context. What is
shown is as short as the shape of the question allows: one unit for one fact, with those beside it
that answer too, a list or steps whole and in order, at most five for a broad question.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.types import Article, BlockKind, Span
from rag.evidence import Evidence, Findings
from rag.question import Kind, Question, Shape, Term
from rag.types import Reason, Refusal, refusal

MOST = {Shape.FACT: 1, Shape.YES_NO: 1, Shape.STEPS: 1, Shape.EXPLANATION: 1, Shape.LIST: 2}
"""Most statements from one article, by the shape of the question; of any other, `BROAD`."""
WHOLE = frozenset({Shape.LIST, Shape.STEPS, Shape.BROAD, Shape.SUMMARY})
"""Shapes for which a list is shown whole."""
BROAD = 5
"""Most statements of an answer."""
KEPT = 0.5
"""Least share of the best score with which a further unit of the same article is shown."""
OTHER_SOURCE = 0.6
"""Least share of the best score with which another article is heard."""
BESIDE = 0.3
"""Least share of a unit's score with which the one beside it is shown with it."""
LONGEST = 3
"""Most units of one statement, but for a list."""
LIST_LENGTH = 15
"""Most items of a list that is shown whole."""
NAMED = 0.25
"""Least weight of a term that a refusal names as missing: “How” and “many” say too little."""
CARRIED = 0.15
"""Least share, by weight, of a question's terms that the sentence before, or a heading, must bring
to be shown with a unit."""


@dataclass(frozen=True)
class Choice:
    """Units `first` to `last` of an article, with headings that say what they are about.

    `best` is the unit among them that was found, with its score.
    """

    best: Evidence
    first: int
    last: int
    context: tuple[Span, ...] = ()

    @property
    def article(self) -> Article:
        """The article they are of."""
        return self.best.article


def refuse(findings: Findings, threshold: float) -> Refusal | None:
    """Return why a question is refused, or None where it is answered."""
    if not findings.evidence:
        return refusal(Reason.NO_EVIDENCE)
    held = frozenset[Term]().union(*(item.held for item in findings.evidence))
    absent = [t for t in findings.question.terms if t.weight >= NAMED and t not in held]
    unheard = any(term.kind is Kind.IDENTIFIER for term in absent)
    if unheard or findings.probability < threshold:
        scope = Reason.WEAK_EVIDENCE if held else Reason.OUT_OF_SCOPE
        return refusal(scope, [f"“{term.written}”" for term in absent])
    return None


def select(findings: Findings) -> list[Choice]:
    """Return what to show, best first."""
    question = findings.question
    bound = list(bind(findings.evidence))
    scores = {(item.article.id, item.number): item.score for item in bound if not item.rival}
    chosen: list[Choice] = []
    for item in _heard(bound, question):
        if any(_holds(choice, item) for choice in chosen):
            continue
        chosen.append(_apart(expand(item, question, scores), chosen))
        if len(chosen) == BROAD:
            break
    return chosen


def bind(evidence: Sequence[Evidence]) -> Iterator[Evidence]:
    """Yield the units that have every number and identifier that any unit has, in their context.

    Where no unit has all of them, those with the most.
    """
    exact = [sum(term.exact for term in item.held) for item in evidence]
    most = max(exact, default=0)
    for item, count in zip(evidence, exact, strict=True):
        if count == most:
            yield item


def _heard(evidence: Sequence[Evidence], question: Question) -> Iterator[Evidence]:
    """Yield the units to show: the best of each article first, then further ones of the same."""
    best = evidence[0].score
    most = MOST.get(question.shape, BROAD)
    counts: dict[str, int] = {}
    later: list[Evidence] = []
    for item in evidence:
        count = counts.get(item.article.id, 0)
        least = OTHER_SOURCE if counts and not count else KEPT
        if count >= most or item.score < least * best:
            continue
        counts[item.article.id] = count + 1
        if count:
            later.append(item)
        else:
            yield item
    yield from later


def expand(item: Evidence, question: Question, scores: Mapping[tuple[str, int], float]) -> Choice:
    """Return a unit with the rest of its list, those beside it and the headings it needs."""
    units = item.article.units
    first, last = _list(item, wanted=question.shape in WHOLE)
    total = question.weight
    if first == last:
        first, last = _beside(item, question, scores)
    if first == item.number and sum(term.weight for term in item.before) >= CARRIED * total:
        first -= 1
    brought = sum(term.weight for term in item.around)
    headings = units[item.number].headings if brought >= CARRIED * total else ()
    return Choice(item, first, last, headings)


def _beside(
    item: Evidence, question: Question, scores: Mapping[tuple[str, int], float]
) -> tuple[int, int]:
    """Return the first and last of the units around one that answer with it, in its paragraph."""
    first = last = item.number
    if question.shape is Shape.STEPS:
        return first, last
    units = item.article.units

    def goes_on(number: int) -> bool:
        score = scores.get((item.article.id, number), 0.0)
        inside = 0 <= number < len(units) and units[number].block == units[first].block
        return inside and last - first + 1 < LONGEST and score >= BESIDE * item.score

    while goes_on(last + 1):
        last += 1
    while goes_on(first - 1):
        first -= 1
    return first, last


def _list(item: Evidence, *, wanted: bool) -> tuple[int, int]:
    """Return the first and last unit of the list that a unit introduces or is an item of.

    An item brings the others only where a list is `wanted`; a unit that is neither stays alone.
    """
    units, number = item.article.units, item.number
    start = number
    if units[number].kind is BlockKind.ITEM:
        if not wanted:
            return number, number
    else:
        follows = number + 1 < len(units) and units[number].span in units[number + 1].needs
        if not follows or (
            units[number + 1].kind is BlockKind.TEXT and not _COLON.search(item.text)
        ):
            return number, number
        start = number + 1
    first = last = start
    while first > 0 and _same_list(item.article, first - 1, start):
        first -= 1
    while last + 1 < len(units) and _same_list(item.article, last + 1, start):
        last += 1
    if last - first >= LIST_LENGTH:
        return number, number
    return (first if start == number else number), last


def _same_list(article: Article, one: int, other: int) -> bool:
    units = article.units
    a, b = units[one], units[other]
    near = abs(a.block - b.block) <= abs(one - other)
    return a.kind is b.kind and a.needs[:1] == b.needs[:1] and a.headings == b.headings and near


def _holds(choice: Choice, item: Evidence) -> bool:
    return choice.article.id == item.article.id and choice.first <= item.number <= choice.last


def _apart(choice: Choice, chosen: Sequence[Choice]) -> Choice:
    """Return a choice without what those before it show already."""
    for other in chosen:
        if other.article.id == choice.article.id:
            if other.first <= choice.first <= other.last:
                choice = replace(choice, first=other.last + 1)
            if other.first <= choice.last <= other.last:
                choice = replace(choice, last=other.first - 1)
    return choice


_COLON = re.compile(r"[:：]\s*$")
