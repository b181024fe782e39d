"""Two sets of marks, case by case: what passed and now fails, and whether it could be chance."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from evals.run import Case, Outcome


class Held(BaseModel):
    """What a comparison needs of a case: its outcome, what was said, and what spoke against it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    outcome: Outcome
    text: str
    sources: tuple[str, ...]
    findings: tuple[str, ...]

    @classmethod
    def of(cls, case: Case) -> "Held":
        """Take it from a case."""
        citations = case.answer["citations"] if case.answer else []
        return cls(
            id=case.id,
            outcome=case.outcome,
            text=case.text,
            sources=tuple(dict.fromkeys(item["article_id"] for item in citations)),
            findings=tuple(f"{finding.code}: {finding.text}" for finding in case.findings),
        )


class Change(NamedTuple):
    """One case before and now; `now` is None when the case is missing."""

    before: Held
    now: Held | None


class Comparison(BaseModel):
    """What changed. Only `failed` makes a regression: it holds the missing cases as well."""

    model_config = ConfigDict(frozen=True)

    failed: tuple[Change, ...]
    passed: tuple[Change, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    held: int

    @property
    def p_value(self) -> float:
        """How probable so uneven a change would be if failing and passing were equally likely."""
        return mcnemar(len(self.failed), len(self.passed))


def held(cases: Sequence[Case]) -> dict[str, Held]:
    """Return what a comparison needs of cases, by id."""
    return {case.id: Held.of(case) for case in cases}


def compare(before: Mapping[str, Held], now: Mapping[str, Held]) -> Comparison:
    """Compare case by case, in the order of their ids. A missing case counts as failed."""
    changes = [Change(before[name], now.get(name)) for name in sorted(before)]
    return Comparison(
        failed=tuple(
            c for c in changes if c.now is None or (_right(c.before) and not _right(c.now))
        ),
        passed=tuple(c for c in changes if c.now and _right(c.now) and not _right(c.before)),
        missing=tuple(c.before.id for c in changes if c.now is None),
        new=tuple(sorted(now.keys() - before.keys())),
        held=sum(c.now is not None and _right(c.now) and _right(c.before) for c in changes),
    )


def _right(item: Held) -> bool:
    return item.outcome is Outcome.PASSED


def mcnemar(one_way: int, other_way: int) -> float:
    """Return the two-sided exact p value of McNemar's test.

    Q. McNemar, Psychometrika 12 (1947); exact form: min(1, 2 P(X <= min(b, c))) with X binomial,
    n = b + c and p = 1/2, where b and c count the cases that changed one way and the other.
    """
    count = one_way + other_way
    tail = sum(math.comb(count, k) for k in range(min(one_way, other_way) + 1))
    return float(min(1, 2 * tail / 2**count))
