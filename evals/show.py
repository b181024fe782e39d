"""A run and a comparison in the terminal."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from evals.compare import Change, Comparison, Held
from evals.measures.figure import Figure, two_digits
from evals.run import Case
from evals.sabotage import Trial
from evals.saved import Summary
from evals.table import Cell, EngineTable

LISTED = 20
"""How many cases are named in one line."""

output = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Console(stderr=True, highlight=False)


def watched(cases: Iterable[Case], total: int) -> Iterator[Case]:
    """Hand cases on, with a bar on a terminal."""
    yield from track(
        cases, "Asking", total=total, console=errors, disable=not errors.is_terminal, transient=True
    )


def show_summary(summary: Summary, before: Mapping[str, Figure]) -> None:
    """Print every figure with its interval, beside that of the baseline."""
    table = Table("measure", box=None, pad_edge=False)
    for heading in ("value", "95% interval", "of", "baseline"):
        table.add_column(heading, justify="right")
    for figure in (figure for figure in summary.figures if figure.count):
        earlier = before.get(figure.name)
        interval = "" if figure.low is None else f"{number(figure.low)} to {number(figure.high)}"
        table.add_row(
            figure.name, f"{number(figure.value)} {figure.unit}".strip(), interval,
            str(figure.count), number(earlier.value) if earlier else "",
        )  # fmt: skip
    output.print(table)
    output.print(
        f"\n[bold]{summary.right} of {summary.cases} right[/], in {summary.seconds:.1f} s with "
        f"{summary.fingerprint.engine} {summary.fingerprint.version}"
    )


def show_cases(cases: Sequence[Case]) -> None:
    """Print a row for every case of a cases file: which of its questions are right, and why not."""
    table = Table("case", "right", "what is wrong", box=None, pad_edge=False)
    for name, group in groupby(cases, key=lambda case: case.id.rpartition("-")[0]):
        asked = list(group)
        wrong = [
            f"{escape(case.question)} [dim]{escape(finding.code)}: {escape(finding.text)}[/]"
            for case in asked
            for finding in case.findings
        ]
        right = sum(case.right for case in asked)
        colour = "green" if right == len(asked) else "red"
        table.add_row(name, f"[{colour}]{right} of {len(asked)}[/]", "\n".join(wrong))
    output.print(table)


def show_engines(found: EngineTable) -> None:
    """Print the measures of several engines side by side."""
    table = Table("measure", box=None, pad_edge=False)
    for engine in found.engines:
        table.add_column(escape(engine), justify="right")
    for row in found.rows:
        table.add_row(row.label, *map(_cell, row.cells))
    output.print(table)
    output.print("* better than every other value of its row, beyond the 95% intervals in brackets")
    if found.differing:
        output.print(f"These runs differ in more than the engine: {', '.join(found.differing)}")


def _cell(cell: Cell) -> str:
    figure = cell.figure
    if figure is None:
        return "-"
    interval = "" if figure.low is None else f" ({number(figure.low)} to {number(figure.high)})"
    value = f"{number(figure.value)} {figure.unit}".strip()
    return f"[bold]* {value}[/]{interval}" if cell.best else f"{value}{interval}"


def show_comparison(comparison: Comparison) -> None:
    """Print what changed case by case, the answers of what was lost side by side."""
    for change in comparison.failed:
        _show_change(change)
    _show_names("fail -> pass", [change.before.id for change in comparison.passed])
    _show_names("not in the baseline", comparison.new)
    _show_names("pass -> fail", [change.before.id for change in comparison.failed])
    _show_names("missing", comparison.missing)
    for before, now in comparison.fallen:
        output.print(f"[red]{now.name} fell[/] from {number(before.value)} to {number(now.value)}")
    output.print(
        f"{comparison.held} held, {len(comparison.passed)} fail -> pass, "
        f"{len(comparison.failed)} pass -> fail (McNemar exact p = {comparison.p_value:.3g})"
    )


def show_trial(trial: Trial) -> None:
    """Print what became of one broken engine."""
    if not trial.tried:
        output.print(f"{trial.name:20} not tried: these facts have nothing that it breaks")
        return
    verdict = "[green]red[/]" if trial.red else "[bold red]NOT FOUND OUT[/]"
    change = f"{number(_value(trial.intact))} -> {number(_value(trial.broken))}"
    output.print(
        f"{trial.name:20} {verdict} through {trial.figure} {change}, "
        f"{len(trial.failed)} pass -> fail. {escape(trial.what)}"
    )


def _value(figure: Figure | None) -> float | None:
    return figure.value if figure else None


def number(value: float | None) -> str:
    """Write a figure's value."""
    if value is None:
        return "-"
    if 0 < abs(value) < 0.01:
        return two_digits(value)
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"


def _show_change(change: Change) -> None:
    table = Table(title=f"pass -> fail {change.before.id}", title_justify="left", expand=True)
    table.add_column("before", ratio=1)
    table.add_column("now", ratio=1)
    table.add_row(_described(change.before), _described(change.now))
    output.print(table)


def _described(item: Held | None) -> str:
    if item is None:
        return "[red]missing[/]"
    findings = "".join(f"\n[red]{escape(finding)}[/]" for finding in item.findings)
    sources = "".join(f"\n[dim]{escape(source)}[/]" for source in item.sources)
    return f"{escape(item.text)}{sources}{findings}"


def _show_names(what: str, names: Sequence[str]) -> None:
    if names:
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        output.print(f"{what}: {', '.join(names[:LISTED])}{more}")
