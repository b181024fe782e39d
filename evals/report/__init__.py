"""The report: one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evals.baseline import Blessed
from evals.compare import Comparison, Held, compare, held
from evals.facts import Expectation
from evals.measures.calibration import forecasts
from evals.measures.figure import Figure, two_digits
from evals.measures.retrieval import DEPTHS
from evals.measures.risk_coverage import selections
from evals.report import plots
from evals.run import Case, Outcome
from evals.saved import Run
from evals.table import HEADLINES, REPLAYED, engine_table
from rag.evidence import default_model

HERE = Path(__file__).parent
FOLLOWED = ("correctness", "citation_recall", "refusal_f1", "mrr@10")
"""The figures whose history is drawn."""


@dataclass(frozen=True)
class Headline:
    """A figure on top of the page, beside that of the baseline."""

    label: str
    figure: Figure
    before: Figure | None

    @property
    def change(self) -> float | None:
        """How far it moved, in points; None without a baseline or a move worth a digit."""
        if self.before is None or self.before.value is None or self.figure.value is None:
            return None
        points = round(100 * (self.figure.value - self.before.value), 1)
        return points or None


@dataclass(frozen=True)
class Row:
    """A row of the confusion: what was expected, and how often each thing was done."""

    expected: str
    counts: tuple[int, int, int, int]

    @property
    def total(self) -> int:
        """How many cases the row has."""
        return sum(self.counts)


def render(
    run: Run,
    before: Mapping[str, Held],
    history: Sequence[Blessed],
    others: Sequence[Run] = (),
) -> str:
    """Return the page for a run, compared with the baseline's marks and the blessed runs.

    Other runs of the same facts stand beside it in a table of engines.
    """
    comparison = compare(before, held(run.cases))
    figures = {figure.name: figure for figure in run.summary.figures}
    earlier = {f.name: f for f in history[-1].figures} if history else {}
    page = _environment().get_template("page.html.j2")
    return page.render(
        summary=run.summary,
        comparison=comparison if before else None,
        headlines=[Headline(HEADLINES[n], figures[n], earlier.get(n)) for n in HEADLINES],
        earlier=earlier,
        engines=engine_table([run, *others]) if others else None,
        replayed=REPLAYED,
        drawings=_drawings(run, figures, earlier, history),
        confusion=confusion(run.cases),
        cases=sorted(run.cases, key=lambda case: _place(case, comparison)),
        changes=_changes(comparison),
        kinds=list(dict.fromkeys(case.kind for case in run.cases)),
        files=list(dict.fromkeys(case.file for case in run.cases)),
        outcomes=list(Outcome),
        style=Markup((HERE / "page.css").read_text("utf-8")),  # noqa: S704 our own file
        script=Markup((HERE / "page.js").read_text("utf-8")),  # noqa: S704 our own file
    )


def confusion(cases: Sequence[Case]) -> list[Row]:
    """Count, by what was expected, the cases answered rightly, wrongly, refused and failed."""
    names = {
        Expectation.ANSWER: "Answer",
        Expectation.SHOW_BOTH: "Show both sides",
        Expectation.ABSTAIN: "Refuse",
        Expectation.ABSTAIN_OR_CORRECT: "Refuse or correct",
    }
    rows = []
    for expectation, name in names.items():
        chosen = [case for case in cases if case.expect is expectation]
        answered = [case for case in chosen if case.status == "answered"]
        right = sum(case.right for case in answered)
        refused = sum(case.status == "refused" for case in chosen)
        failed = len(chosen) - len(answered) - refused
        rows.append(Row(name, (right, len(answered) - right, refused, failed)))
    return [row for row in rows if row.total]


def _drawings(
    run: Run,
    figures: Mapping[str, Figure],
    earlier: dict[str, Figure],
    history: Sequence[Blessed],
) -> dict[str, Markup]:
    kinds = [figure for name, figure in figures.items() if name.startswith("correctness.")]
    drawn = {"by_kind": plots.by_kind(kinds, earlier)}
    found = forecasts(run.cases)
    if found:
        drawn["calibration"] = plots.calibration(found)
        threshold = default_model().answer_threshold
        drawn["risk_coverage"] = plots.risk_coverage(selections(run.cases), threshold)
    times = [case.milliseconds for case in run.cases if case.milliseconds is not None]
    p50, p95 = figures["latency_p50"].value, figures["latency_p95"].value
    if p50 is not None and p95 is not None:
        drawn["latency"] = plots.latency(times, p50, p95)
    if figures["hit@1"].value is not None:
        drawn["retrieval"] = plots.retrieval(dict(figures), DEPTHS)
    if history:
        days: list[datetime] = [item.blessed for item in history]
        lines = {HEADLINES[n]: [item.figure(n) for item in history] for n in FOLLOWED}
        drawn["history"] = plots.history(days, lines)
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704 made by matplotlib


def _changes(comparison: Comparison) -> dict[str, str]:
    """Return what changed about each case that did."""
    named = {change.before.id: "pass → fail" for change in comparison.failed}
    named |= {change.before.id: "fail → pass" for change in comparison.passed}
    return named | dict.fromkeys(comparison.new, "new")


def _place(case: Case, comparison: Comparison) -> tuple[bool, bool, str]:
    """What was lost comes first, then what is wrong, then the rest."""
    lost = any(change.before.id == case.id for change in comparison.failed)
    return not lost, case.right, case.id


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["value"] = _value
    environment.filters["interval"] = _interval
    environment.filters["plain"] = lambda name: str(name).replace("_", " ")
    return environment


def _value(number: float | None, unit: str = "") -> str:
    """Write a share as a percentage, anything with a unit as it is."""
    if number is None:
        return "–"
    if unit and 0 < number < 1:
        return f"{two_digits(number)} {unit}"
    if unit:
        return f"{number:,.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    return f"{100 * number:.1f}%"


def _interval(figure: Figure) -> str:
    """Write an interval, its unit once; nothing where there is none."""
    if figure.low is None:
        return ""
    low = _value(figure.low, figure.unit).removesuffix(f" {figure.unit}")
    return f"{low} to {_value(figure.high, figure.unit)}"
