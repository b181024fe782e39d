"""Latency: how long a question takes, of the machine that was measured."""

from collections.abc import Sequence

import numpy as np

from evals.measures.figure import Figure, Statistic, bootstrapped
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the median and the 95th percentile of the milliseconds from question to answer.

    Percentiles by linear interpolation (R. J. Hyndman and Y. Fan, "Sample quantiles in statistical
    packages", 1996, type 7). Times of several jobs at once are longer than those of one.
    """
    times = [case.milliseconds for case in cases if case.milliseconds is not None]
    return [
        bootstrapped(f"latency_p{percent}", times, percentile(percent), unit="ms", better="lower")
        for percent in (50, 95)
    ]


def percentile(percent: int) -> Statistic:
    """Return the function that takes a percentile of samples."""
    return lambda samples: np.asarray(np.percentile(samples, percent, axis=1))
