"""A measured figure with its interval, and the two ways to reach one."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

CONFIDENCE = 0.95
RESAMPLES = 1000
SEED = 20211104

Values = npt.NDArray[np.float64]
Item = float | tuple[float, float]
Statistic = Callable[[Values], Values]
"""Takes samples, shape (samples, items) or (samples, items, 2), to one value each."""


class Figure(BaseModel):
    """A measure's value and its 95% interval; `count` is over how many it was taken.

    `value` is None where there was nothing to measure. `better` says which way is good.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    count: int
    unit: str = ""
    better: str = "higher"

    def worse_than(self, other: "Figure") -> bool:
        """Whether this value is worse than another of the same measure; none is the worst."""
        if other.value is None:
            return False
        if self.value is None:
            return True
        return self.value > other.value if self.better == "lower" else self.value < other.value

    def surely_better_than(self, other: "Figure") -> bool:
        """Whether the whole interval is better than the whole interval of the same measure."""
        lower, upper = (self, other) if self.better == "lower" else (other, self)
        return lower.high is not None and upper.low is not None and lower.high < upper.low


def proportion(name: str, hits: int, count: int, better: str = "higher") -> Figure:
    """Return hits / count with the Wilson score interval.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
    (1927): centre (p + z²/2n) / (1 + z²/n), half width z √(p(1-p)/n + z²/4n²) / (1 + z²/n).
    """
    if not count:
        return Figure(name=name, value=None, count=0, better=better)
    z = 1.959963984540054
    share = hits / count
    scale = 1 + z * z / count
    centre = (share + z * z / (2 * count)) / scale
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / scale
    return Figure(
        name=name,
        value=share,
        low=max(0.0, centre - half),
        high=min(1.0, centre + half),
        count=count,
        better=better,
    )


def bootstrapped(
    name: str, items: Sequence[Item], statistic: Statistic, unit: str = "", better: str = "higher"
) -> Figure:
    """Return a statistic with the percentile bootstrap interval over its items.

    B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979).
    The seed is fixed, so that the same items in the same order give the same interval; resamples
    on which the statistic is not defined (NaN) are left out.
    """
    rows = np.array(items, dtype=np.float64)
    value = float(statistic(rows[np.newaxis])[0]) if len(rows) else math.nan
    if math.isnan(value):
        return Figure(name=name, value=None, count=len(rows), unit=unit, better=better)
    generator = np.random.default_rng(SEED)
    draws = generator.integers(0, len(rows), size=(RESAMPLES, len(rows)))
    tail = (1 - CONFIDENCE) / 2 * 100
    low, high = np.nanpercentile(statistic(rows[draws]), [tail, 100 - tail])
    return Figure(
        name=name,
        value=value,
        low=float(low),
        high=float(high),
        count=len(rows),
        unit=unit,
        better=better,
    )


def two_digits(number: float) -> str:
    """Write a small number with the two digits that count, never with an exponent."""
    return f"{Decimal(f'{number:.2g}'):f}"


def mean(samples: Values) -> Values:
    """Return the mean of each sample of numbers."""
    return np.asarray(samples.mean(axis=1))


def ratio(samples: Values) -> Values:
    """Return, for each sample of pairs, the sum of the first over the sum of the second."""
    over, under = samples[..., 0].sum(axis=1), samples[..., 1].sum(axis=1)
    defined = np.full(len(samples), np.nan)
    np.divide(over, under, out=defined, where=under != 0)
    return defined
