"""First statement: how long a reader looks at nothing."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped
from evals.measures.latency import percentile
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the median and the 95th percentile of the milliseconds to the first statement.

    Over the answers that say it. One with replayed calls does not: a recorded call keeps how long
    it took in all, not when its first words came. Percentiles as in latency.
    """
    times = [
        float(case.answer["timings_ms"]["first_statement"])
        for case in cases
        if case.answer and not case.replayed and "first_statement" in case.answer["timings_ms"]
    ]
    if not times:
        return []
    return [
        bootstrapped(
            f"first_statement_p{percent}", times, percentile(percent), unit="ms", better="lower"
        )
        for percent in (50, 95)
    ]
