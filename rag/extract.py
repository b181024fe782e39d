"""An answer made of quotes: the best sentences, each with what it needs to stand alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.words import terms
from rag.evidence import Candidate, Evidence
from rag.types import Quote

MAX_STATEMENTS = 3
KEEP_RATIO = 0.4
"""A further statement needs at least this share of the best one's score. On held-out questions the
right sentence is shown to .901 at 0.5 (1.9 statements), .921 at 0.4 (2.1) and .926 at 0.3 (2.3):
python -m evals.bench.fit_evidence, "kept"."""
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
    """Whether one of the chosen holds this sentence, is held by it, or says the same."""
    unit, own = candidate.unit, set(terms(candidate.unit.sentence))
    for other in (item.unit for item in chosen):
        same_article = other.article.id == unit.article.id
        if same_article and (unit.number in other.numbers or other.number in unit.numbers):
            return True
        theirs = set(terms(other.sentence))
        if len(own & theirs) >= SAME_CONTENT * max(len(own | theirs), 1):
            return True
    return False
