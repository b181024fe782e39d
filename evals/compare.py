"""Two runs, case by case: what passed and now fails, whether it could be chance, and what fell."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from evals.measures.figure import Figure
from evals.run import Case, Outcome

GATED = ("precision", "first_right", "focus_right", "answer_words", "wrong_declines")
"""Figures that may not get worse: what they measure can, without a case that fails."""
MARGIN = 0.02
"""By how much a gated figure may be worse: of 1 for a share, of its value for any other."""


class Held(BaseModel):
    """What a comparison needs of a case: its outcome, what was said, and what spoke against it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    outcome: Outcome
    text: str
    sources: tuple[str, ...]
    findings: tuple[str, ...]

    @classmethod
    def of(cls, case: Case) -> Self:
        """Take it from a case."""
        citations = case.answer["citations"] if case.answer else []
        return cls(
            id=case.id,
            outcome=case.outcome,
            text=case.text,
            sources=tuple(dict.fromkeys(item["article_id"] for item in citations)),
            findings=tuple(f"{finding.code}: {finding.text}" for finding in case.findings),
        )

    @property
    def right(self) -> bool:
        """Whether it passed."""
        return self.outcome is Outcome.PASSED


class Side(NamedTuple):
    """One side of a comparison: its cases by id, and its figures by name."""

    cases: Mapping[str, Held]
    figures: Mapping[str, Figure]

    @classmethod
    def of(cls, cases: Sequence[Case], figures: Iterable[Figure]) -> Self:
        """Return that of a run."""
        return cls({c.id: Held.of(c) for c in cases}, {f.name: f for f in figures})


class Change(NamedTuple):
    """One case before and now; `now` is None when the case is missing."""

    before: Held
    now: Held | None


class Fall(NamedTuple):
    """A gated figure that got worse by more than the margin."""

    before: Figure
    now: Figure


class Comparison(BaseModel):
    """What changed. `failed`, which holds the missing cases too, and `fallen` make a regression."""

    model_config = ConfigDict(frozen=True)

    failed: tuple[Change, ...]
    passed: tuple[Change, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    held: int
    fallen: tuple[Fall, ...] = ()

    @property
    def regressed(self) -> bool:
        """Whether the gate fails."""
        return bool(self.failed or self.fallen)

    @property
    def p_value(self) -> float:
        """How probable so uneven a change would be if failing and passing were equally likely."""
        return mcnemar(len(self.failed), len(self.passed))


def compare(before: Side, now: Side) -> Comparison:
    """Compare case by case, in the order of their ids. A missing case counts as failed."""
    changes = [Change(before.cases[name], now.cases.get(name)) for name in sorted(before.cases)]
    return Comparison(
        failed=tuple(c for c in changes if c.now is None or (c.before.right and not c.now.right)),
        passed=tuple(c for c in changes if c.now and c.now.right and not c.before.right),
        missing=tuple(c.before.id for c in changes if c.now is None),
        new=tuple(sorted(now.cases.keys() - before.cases.keys())),
        held=sum(c.now is not None and c.now.right and c.before.right for c in changes),
        fallen=tuple(_fallen(before.figures, now.figures)),
    )


def _fallen(before: Mapping[str, Figure], now: Mapping[str, Figure]) -> Iterable[Fall]:
    for name in GATED:
        one, other = before.get(name), now.get(name)
        if one is None or other is None or one.value is None:
            continue
        margin = MARGIN * (abs(one.value) if one.unit else 1)
        gap = math.inf if other.value is None else abs(other.value - one.value)
        if other.worse_than(one) and gap > margin:
            yield Fall(one, other)


def mcnemar(one_way: int, other_way: int) -> float:
    """Return the two-sided exact p value of McNemar's test.

    Q. McNemar, Psychometrika 12 (1947); exact form: min(1, 2 P(X <= min(b, c))) with X binomial,
    n = b + c and p = 1/2, where b and c count the cases that changed one way and the other.
    """
    count = one_way + other_way
    tail = sum(math.comb(count, k) for k in range(min(one_way, other_way) + 1))
    return float(min(1, 2 * tail / 2**count))
