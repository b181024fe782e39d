"""The committed baseline: for every file of facts or cases, how it was when last blessed.

Beside `facts/NAME.yaml` stands `facts/baseline/NAME.jsonl`, one line a case; `history.jsonl` there
has one line for every blessed run. Those are of the extractive engine; any other has the same files
in `facts/baseline/ENGINE`. Nothing but `bless` writes them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.compare import Comparison, Held, Side, compare
from evals.engines import folder_name
from evals.errors import CannotRunError
from evals.fingerprint import Fingerprint, hash_of
from evals.measures.figure import Figure
from evals.saved import Run, Summary, case_file, read_lines, write_lines, write_text
from rag.engine import EXTRACTIVE

Line = TypeVar("Line", bound=BaseModel)


class Blessed(BaseModel):
    """One line of the history: a blessed run in figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blessed: datetime
    cases: int
    right: int
    together: bool = False
    fingerprint: Fingerprint
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure | None:
        """Return a figure by its name."""
        return next((figure for figure in self.figures if figure.name == name), None)


class Baseline(NamedTuple):
    """The baseline of what a run asks: of these files, of this engine."""

    files: tuple[Path, ...]
    engine: str = EXTRACTIVE
    together: bool = False

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """Return the one that a run is held against."""
        files = tuple(map(Path, summary.files))
        return cls(files, summary.fingerprint.engine, summary.together)

    def path(self, file: Path) -> Path:
        """Return where the marks of one of the files stand."""
        return self._folder(file) / f"{case_file(file, self.together)}.jsonl"

    def missing(self) -> list[Path]:
        """Return the files that have none."""
        return [file for file in self.files if not self.path(file).is_file()]

    def side(self) -> Side:
        """Read it; a file that has none adds nothing."""
        held = {item.id: item for file in self.files for item in _lines(self.path(file), Held)}
        last = next(reversed(self.history()), None)
        return Side(held, {figure.name: figure for figure in last.figures} if last else {})

    def history(self) -> list[Blessed]:
        """Return the blessed runs of just these files, the oldest first."""
        names = {path.stem for path in self.files}
        folders = sorted({self._folder(file) for file in self.files})
        found = [item for folder in folders for item in _lines(folder / "history.jsonl", Blessed)]
        whole = [
            item
            for item in found
            if set(item.fingerprint.facts) == names and item.together == self.together
        ]
        return sorted(whole, key=lambda item: item.blessed)

    def bless(self, run: Run) -> None:
        """Write a run's marks and figures."""
        for file in self.files:
            name = case_file(file, self.together)
            ordered = sorted(run.cases, key=lambda case: case.id)
            marks = [Held.of(case) for case in ordered if case.file == name]
            write_lines(self.path(file), marks)
        for folder in {self._folder(file) for file in self.files}:
            _remember(run.summary, folder / "history.jsonl")

    def _folder(self, file: Path) -> Path:
        own = file.parent / "baseline"
        return own if self.engine == EXTRACTIVE else own / folder_name(self.engine)


def against_baseline(run: Run) -> Comparison:
    """Compare a run with its baseline."""
    before = Baseline.of(run.summary).side()
    return compare(before, Side.of(run.cases, run.summary.figures))


def bless(run: Run) -> Comparison:
    """Make a run the baseline of its files and engine; return how it compares with the one before.

    Raises:
        CannotRunError: a file has changed since the run, so that it does not cover it.
    """
    baseline = Baseline.of(run.summary)
    for path in baseline.files:
        if not path.is_file() or hash_of(path) != run.summary.fingerprint.facts[path.stem]:
            raise CannotRunError(
                f"{path} is not as it was in this run. Run it again, then bless that."
            )
    comparison = against_baseline(run)
    baseline.bless(run)
    return comparison


def _lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    """Read a file of one JSON object a line; one that is not there is empty."""
    for number, line in enumerate(read_lines(path) if path.is_file() else [], 1):
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            raise CannotRunError(
                f"{path}:{number} cannot be used ({error.errors()[0]['msg']}). Restore the file "
                "from the repository, or delete it and run and bless anew."
            ) from None


def _remember(summary: Summary, path: Path) -> None:
    line = Blessed(
        blessed=datetime.now(UTC).replace(microsecond=0),
        cases=summary.cases,
        right=summary.right,
        together=summary.together,
        fingerprint=summary.fingerprint,
        figures=summary.figures,
    )
    before = path.read_text("utf-8") if path.is_file() else ""
    write_text(path, before + line.model_dump_json() + "\n")
