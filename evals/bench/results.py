"""The results of benchmarks: kept one file each, shown as tables."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table as RichTable

from evals.bench.figures import Table
from evals.fingerprint import ROOT, WEIGHTS
from evals.measures.figure import Figure


class Result(BaseModel):
    """A finished benchmark. `code` is the hash of the code that was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    benchmark: str
    made: str
    code: str
    limit: int | None
    seconds: float
    tables: tuple[Table, ...]


class Results:
    """A folder of results; a limited run has files of its own."""

    def __init__(self, folder: Path, limit: int | None) -> None:
        self._folder = folder
        self._limit = limit

    def load(self, benchmark: str) -> Result | None:
        """Return a finished benchmark's result."""
        path = self._path(benchmark)
        return Result.model_validate_json(path.read_text("utf-8")) if path.is_file() else None

    def save(self, benchmark: str, tables: Sequence[Table], seconds: float, code: str) -> Result:
        """Keep a benchmark's tables."""
        result = Result(
            benchmark=benchmark,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            code=code,
            limit=self._limit,
            seconds=round(seconds, 1),
            tables=tuple(tables),
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(benchmark)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(result.model_dump_json(indent=1) + "\n", "utf-8")
        unfinished.replace(path)
        return result

    def _path(self, benchmark: str) -> Path:
        suffix = f"-{self._limit}" if self._limit else ""
        return self._folder / f"{benchmark}{suffix}.json"


def write(results: Sequence[Result], path: Path) -> None:
    """Write several results as one JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {result.benchmark: result.model_dump() for result in results}
    path.write_text(json.dumps(data, indent=1) + "\n", "utf-8")


def show(result: Result, console: Console) -> None:
    """Print a result's tables, figures in percent with 95% intervals."""
    limited = f", {result.limit} questions only" if result.limit else ""
    console.rule(f"[bold]{result.benchmark}[/bold]{limited} ({result.seconds:,.0f} s)")
    for table in result.tables:
        console.print(rich_table(table))
        if table.note:
            console.print(f"[dim]{table.note}[/dim]")
        console.print()


def rich_table(table: Table) -> RichTable:
    """Return a table as the terminal shows it."""
    names = list(
        dict.fromkeys(
            [
                *(name for item in table.rows for name in item.figures),
                *(name for item in table.published for name in item.values),
            ]
        )
    )
    shown = RichTable("system", title=table.title, title_justify="left")
    for name in names:
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("from")
    for item in table.rows:
        counts = sorted({figure.count for figure in item.figures.values()})
        cells = [cell(item.figures.get(name)) for name in names]
        shown.add_row(item.system, *cells, f"n = {', '.join(map(str, counts))}")
    for other in table.published:
        cells = [f"{other.values[name]:.1f}" if name in other.values else "" for name in names]
        shown.add_row(other.system, *cells, other.source, style="dim")
    return shown


def cell(figure: Figure | None) -> str:
    """Return a figure as percent with its interval; empty where there is none."""
    if figure is None or figure.value is None:
        return "" if figure is None else "-"
    text = f"{100 * figure.value:.1f}"
    if figure.low is None or figure.high is None:
        return text
    return f"{text} [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"


def code_hash() -> str:
    """Return a short hash of the code and weights that make the figures."""
    digest = hashlib.sha256()
    for package in ("ingest", "rag", "evals/bench"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in WEIGHTS:
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
