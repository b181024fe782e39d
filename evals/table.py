"""Several runs side by side: a table of measures and engines."""

from collections.abc import Sequence
from typing import NamedTuple

from evals.errors import CannotRunError
from evals.facts import Kind
from evals.measures.figure import Figure
from evals.saved import Run

HEADLINES = {
    "correctness": "Right answers",
    "first_right": "First statement right",
    "precision": "Statements that answer",
    "focus_right": "Focus right",
    "refusals_right": "Refusals right",
    "wrong_declines": "Wrongly declined",
    "disagreement_recall": "Disagreements shown",
    "groundedness": "Statements grounded",
    "citation_exactness": "Citations that are exact",
    "unit_recall@24": "Retrieval, of 24 units",
}
"""The shares that come first wherever a run is shown."""
BY_KIND = {f"correctness.{kind}": f"Right: {kind.replace('_', ' ')}" for kind in Kind}
EFFORT = {
    "answer_words": "Words an answer",
    "set_aside": "Model's choice set aside",
    "latency_p50": "Latency, median",
    "latency_p95": "Latency, 95th percentile",
    "cost": "Cost a question",
}
REPLAYED = (
    "calls to the model were replayed; its latency is what they took when they were recorded."
)
OF_THE_ENGINE = {"engine", "prompts"}
"""What two engines always differ in."""
LABELS = HEADLINES | EFFORT | BY_KIND


class Cell(NamedTuple):
    """A figure of one engine; `best` where it is better than all others beyond the intervals."""

    figure: Figure | None
    best: bool


class Row(NamedTuple):
    """One measure of every engine."""

    label: str
    cells: tuple[Cell, ...]


class EngineTable(NamedTuple):
    """The measures of several runs.

    `differing` names what they differ in but the engine, `replayed` the engines whose calls were.
    """

    engines: tuple[str, ...]
    rows: tuple[Row, ...]
    differing: tuple[str, ...]
    replayed: tuple[str, ...]


def engine_table(runs: Sequence[Run]) -> EngineTable:
    """Put runs of the same facts side by side; a measure that none of them has is no row.

    Raises:
        CannotRunError: they asked different facts.
    """
    first, *others = (run.summary.fingerprint for run in runs)
    if any(other.facts != first.facts for other in others):
        raise CannotRunError(
            "These runs asked different facts, so that their figures do not compare. "
            "Name all engines in one 'ibid eval'."
        )
    found = [{figure.name: figure for figure in run.summary.figures} for run in runs]
    rows = (
        Row(label, _cells([figures.get(name) for figures in found]))
        for name, label in LABELS.items()
    )
    differing = {name for other in others for name in other.differences(first)} - OF_THE_ENGINE
    names = _names(runs)
    return EngineTable(
        engines=names,
        rows=tuple(row for row in rows if any(cell.figure for cell in row.cells)),
        differing=tuple(sorted(differing)),
        replayed=tuple(
            name
            for name, run in zip(names, runs, strict=True)
            if any(c.replayed for c in run.cases)
        ),
    )


def _cells(figures: Sequence[Figure | None]) -> tuple[Cell, ...]:
    known = [figure if figure and figure.value is not None else None for figure in figures]
    return tuple(
        Cell(figure, _best(figure, [f for f in known if f and f is not figure])) for figure in known
    )


def _best(figure: Figure | None, others: Sequence[Figure]) -> bool:
    return figure is not None and bool(others) and all(map(figure.surely_better_than, others))


def _names(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return the engines, with the time of the run where one comes twice."""
    names = [run.summary.fingerprint.engine for run in runs]
    return tuple(
        name if names.count(name) == 1 else f"{name}, {run.summary.started:%d %b %H:%M:%S}"
        for name, run in zip(names, runs, strict=True)
    )
