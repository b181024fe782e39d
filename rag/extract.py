"""An answer made of quotes: the best sentences, each with what it needs to stand alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.words import terms
from rag.evidence import Candidate, Evidence
from rag.types import Quote

MAX_STATEMENTS = 3
KEEP_RATIO = 0.5
"""A further statement needs at least this share of the best one's score."""
SAME_CONTENT = 0.7
"""Share of common content words (Jaccard) from which two statements count as one."""


@dataclass(frozen=True)
class Draft:
    """A statement before the verdict: its words and the quotes it is to stand on."""

    text: str
    quotes: tuple[Quote, ...]


def extract(evidence: Evidence) -> Iterator[Draft]:
    """Yield one to three statements, the best first, none repeating another."""
    chosen: list[Candidate] = []
    for candidate in evidence.candidates:
        if candidate.score < KEEP_RATIO * evidence.candidates[0].score:
            break
        if len(chosen) < MAX_STATEMENTS and not _repeats(candidate, chosen):
            chosen.append(candidate)
            unit = candidate.unit
            yield Draft(unit.text, tuple(Quote.of(unit.article, span) for span in unit.spans))


def _repeats(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    unit, own = candidate.unit, set(terms(candidate.unit.sentence))
    for other in chosen:
        if other.unit.article.id == unit.article.id and unit.number in other.unit.numbers:
            return True
        theirs = set(terms(other.unit.sentence))
        if len(own & theirs) >= SAME_CONTENT * max(len(own | theirs), 1):
            return True
    return False
