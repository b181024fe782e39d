"""First statement: how long a reader looks at nothing."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped
from evals.measures.latency import percentile
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the median and the 95th percentile of the milliseconds to the first statement.

    Over all answers with a statement. Nothing where a call was replayed: a recorded call keeps how
    long it took in all, not when its first words came, and the answers that needed no model would
    stand for the others. Percentiles as in latency.
    """
    timings = [case.answer["timings_ms"] for case in cases if case.answer]
    times = [float(item["first_statement"]) for item in timings if "first_statement" in item]
    if not times or any(case.replayed for case in cases):
        return []
    return [
        bootstrapped(
            f"first_statement_p{percent}", times, percentile(percent), unit="ms", better="lower"
        )
        for percent in (50, 95)
    ]
