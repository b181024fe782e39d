"""The report: one HTML file that needs nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from evals.baseline import Baseline, against_baseline
from evals.compare import Comparison
from evals.facts import Expectation, Kind, matches
from evals.measures.figure import Figure, two_digits
from evals.measures.risk_coverage import curve, selections
from evals.run import Case, Outcome
from evals.saved import Run
from evals.table import HEADLINES, REPLAYED, engine_table

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Headline:
    """A figure on top of the page, beside that of the baseline."""

    label: str
    figure: Figure
    before: Figure | None

    @property
    def change(self) -> float | None:
        """How far it moved for the better, in points; None where it did not move a digit."""
        if self.before is None or self.before.value is None or self.figure.value is None:
            return None
        points = round(100 * (self.figure.value - self.before.value), 1)
        return (-points if self.figure.better == "lower" else points) or None


@dataclass(frozen=True)
class Confusion:
    """What was expected, and how often each thing was done: right, wrong, refused, failed."""

    expected: str
    counts: tuple[int, int, int, int]

    @property
    def total(self) -> int:
        """How many cases there are."""
        return sum(self.counts)


def render(run: Run, others: Sequence[Run] = ()) -> str:
    """Return the page for a run, compared with its baseline.

    Other runs of the same facts stand beside it in a table of engines.
    """
    baseline, comparison = Baseline.of(run.summary), against_baseline(run)
    before, history = baseline.side(), baseline.history()
    figures = {figure.name: figure for figure in run.summary.figures}
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            summary=run.summary,
            figures=figures,
            comparison=comparison if before.cases else None,
            headlines=[
                Headline(HEADLINES[n], figures[n], before.figures.get(n)) for n in HEADLINES
            ],
            earlier=before.figures,
            engines=engine_table([run, *others]) if others else None,
            replayed=REPLAYED,
            kinds=list(_kinds(figures)),
            confusion=confusion(run.cases),
            risk=_risk(run.cases),
            history=history,
            cases=sorted(run.cases, key=lambda case: _place(case, comparison)),
            changes=_changes(comparison),
            files=list(dict.fromkeys(case.file for case in run.cases)),
            outcomes=list(Outcome),
            style=Markup((HERE / "page.css").read_text("utf-8")),  # noqa: S704 our own file
            script=Markup((HERE / "page.js").read_text("utf-8")),  # noqa: S704 our own file
        )
    )


def _kinds(figures: Mapping[str, Figure]) -> Iterator[tuple[Kind, Figure, Figure | None]]:
    """Yield each kind of question with its shares: right, and first statement right."""
    for kind in Kind:
        right = figures.get(f"correctness.{kind}")
        if right:
            yield kind, right, figures.get(f"first_right.{kind}")


def confusion(cases: Sequence[Case]) -> list[Confusion]:
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
        rows.append(Confusion(name, (right, len(answered) - right, refused, failed)))
    return [row for row in rows if row.total]


def _risk(cases: Sequence[Case]) -> str:
    """Return the risk-coverage curve as the points of an SVG line, in percent, 0 at the top."""
    points = curve(selections(cases))
    return " ".join(f"{100 * p.coverage:.1f},{100 - 100 * p.risk:.1f}" for p in points)


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
    environment.filters["focused"] = _focused
    environment.tests["said_by"] = lambda group, case: matches(group, case.text)
    return environment


def _focused(statement: Mapping[str, Any]) -> Markup:
    """Return a statement's text with its focus marked."""
    text = statement["text"]
    start, end = statement["focus"] or (0, 0)
    marked = Markup("<mark>{}</mark>").format(text[start:end]) if end else Markup()
    return escape(text[:start]) + marked + escape(text[end:])


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
