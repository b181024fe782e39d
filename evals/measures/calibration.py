"""Calibration: whether what is taken to be probable is as frequent as that."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evals.facts import Expectation
from evals.measures.figure import Figure, Values, bootstrapped, mean
from evals.run import Case

BINS = 10


class Forecast(NamedTuple):
    """The probability that the articles answer a question, and whether they do."""

    probability: float
    answerable: bool


class Bin(NamedTuple):
    """Forecasts of nearly one probability: their mean, how many come true, how many they are."""

    probability: float
    frequency: float
    size: int
    true: int


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the Brier score and the expected calibration error of being answerable; 0 is best.

    Brier score (G. W. Brier, 1950): mean of (probability - outcome)². Expected calibration error
    (C. Guo et al., "On calibration of modern neural networks", ICML 2017): over ten bins of equal
    width, the mean, weighted by their size, of |frequency - mean probability|.
    """
    found = forecasts(cases)
    return [
        bootstrapped("brier_score", found, _brier, better="lower"),
        bootstrapped("calibration_error", found, _calibration_error, better="lower"),
    ]


def forecasts(cases: Sequence[Case]) -> list[Forecast]:
    """Return the forecasts of a run; a question with a false premise has no clear outcome."""
    return [
        Forecast(case.probability, case.expect is not Expectation.ABSTAIN)
        for case in cases
        if case.probability is not None and case.expect is not Expectation.ABSTAIN_OR_CORRECT
    ]


def bins(found: Sequence[Forecast]) -> list[Bin]:
    """Return the bins that hold a forecast, by probability."""
    held: dict[int, list[Forecast]] = {}
    for forecast in found:
        held.setdefault(min(int(forecast.probability * BINS), BINS - 1), []).append(forecast)
    return [
        Bin(
            sum(forecast.probability for forecast in inside) / len(inside),
            sum(forecast.answerable for forecast in inside) / len(inside),
            len(inside),
            sum(forecast.answerable for forecast in inside),
        )
        for _, inside in sorted(held.items())
    ]


def _brier(samples: Values) -> Values:
    return mean((samples[..., 0] - samples[..., 1]) ** 2)


def _calibration_error(samples: Values) -> Values:
    """A bin's size times its gap is the size of the sum of its outcomes less probabilities."""
    probability, outcome = samples[..., 0], samples[..., 1]
    number = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = [
        np.abs(np.where(number == current, outcome - probability, 0).sum(axis=1))
        for current in range(BINS)
    ]
    return np.asarray(np.sum(gaps, axis=0) / samples.shape[1])
