"""The committed baseline: for every facts file and engine, how its cases were when last blessed.

Beside `facts/NAME.yaml` stands `facts/baseline/NAME.jsonl`, one line a case; `history.jsonl` there
has one line for every blessed run. Those are of the extractive engine; any other has the same files
in `facts/baseline/ENGINE`. Nothing but `bless` writes them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.compare import Comparison, Held, compare, held
from evals.engines import folder_name
from evals.errors import CannotRunError
from evals.fingerprint import Fingerprint, hash_of
from evals.measures.figure import Figure
from evals.saved import Run, Summary, read_lines, write_lines
from rag.engine import EXTRACTIVE

Line = TypeVar("Line", bound=BaseModel)


class Blessed(BaseModel):
    """One line of the history: a blessed run in figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blessed: datetime
    cases: int
    right: int
    fingerprint: Fingerprint
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure | None:
        """Return a figure by its name."""
        return next((figure for figure in self.figures if figure.name == name), None)


def baseline_of(facts: Path, engine: str) -> Path:
    """Return where the baseline of a facts file stands for an engine."""
    folder = facts.parent / "baseline"
    own = folder if engine == EXTRACTIVE else folder / folder_name(engine)
    return own / f"{facts.stem}.jsonl"


def load_baseline(files: Sequence[Path], engine: str) -> dict[str, Held]:
    """Read an engine's baselines of facts files; a file that has none adds nothing."""
    return {item.id: item for path in files for item in _lines(baseline_of(path, engine), Held)}


def without_baseline(files: Sequence[Path], engine: str) -> list[Path]:
    """Return the facts files that have no baseline for an engine."""
    return [path for path in files if not baseline_of(path, engine).is_file()]


def bless(run: Run) -> Comparison:
    """Make a run the baseline of its facts and engine; return how it compares with the one before.

    Raises:
        CannotRunError: the facts have changed since the run, so that it does not cover them.
    """
    files, engine = [Path(name) for name in run.summary.files], run.summary.fingerprint.engine
    for path in files:
        if not path.is_file() or hash_of(path) != run.summary.fingerprint.facts[path.stem]:
            raise CannotRunError(
                f"{path} is not as it was in this run. Run 'ibid eval' again, then bless that."
            )
    comparison = compare(load_baseline(files, engine), held(run.cases))
    for path in files:
        target = baseline_of(path, engine)
        ordered = sorted(run.cases, key=lambda case: case.id)
        write_lines(target, [Held.of(case) for case in ordered if case.file == path.stem])
    for folder in {baseline_of(path, engine).parent for path in files}:
        _remember(run.summary, folder / "history.jsonl")
    return comparison


def load_history(files: Sequence[Path], engine: str) -> list[Blessed]:
    """Return an engine's blessed runs of just these facts files, the oldest first."""
    names = {path.stem for path in files}
    folders = sorted({baseline_of(path, engine).parent for path in files})
    found = [item for folder in folders for item in _lines(folder / "history.jsonl", Blessed)]
    whole = [item for item in found if set(item.fingerprint.facts) == names]
    return sorted(whole, key=lambda item: item.blessed)


def _lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    """Read a file of one JSON object a line; one that is not there is empty."""
    lines = read_lines(path) if path.is_file() else []
    for number, line in enumerate(lines, 1):
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            raise CannotRunError(
                f"{path}:{number} cannot be used ({error.errors()[0]['msg']}). Restore the file "
                "from the repository, or delete it and run 'ibid eval' and 'ibid eval bless'."
            ) from None


def _remember(summary: Summary, path: Path) -> None:
    line = Blessed(
        blessed=datetime.now(UTC).replace(microsecond=0),
        cases=summary.cases,
        right=summary.right,
        fingerprint=summary.fingerprint,
        figures=summary.figures,
    )
    with path.open("a", encoding="utf-8") as file:
        file.write(line.model_dump_json() + "\n")
