"""A run on disk: a folder with one JSON line a case, and a summary."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.errors import CannotRunError
from evals.fingerprint import Fingerprint
from evals.measures.figure import Figure
from evals.run import Case

CASES, SUMMARY = "cases.jsonl", "summary.json"


class Summary(BaseModel):
    """A run in figures. `files` are those it asked, as they were given.

    `together` is whether the files of all cases were in one library.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    started: datetime
    seconds: float
    jobs: int
    files: tuple[str, ...]
    together: bool = False
    cases: int
    right: int
    fingerprint: Fingerprint
    figures: tuple[Figure, ...]


class Run(BaseModel):
    """A summary with its cases."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: Summary
    cases: tuple[Case, ...]


def case_file(path: Path, together: bool = False) -> str:
    """Return what the cases of a file are kept under."""
    return f"{path.stem}-together" if together else path.stem


def save(run: Run, folder: Path) -> None:
    """Write a run into a folder, over the one it held."""
    write_lines(folder / CASES, run.cases)
    write_text(folder / SUMMARY, run.summary.model_dump_json(indent=1) + "\n")


def load(folder: Path) -> Run:
    """Read a run back.

    Raises:
        CannotRunError: there is none, or it is not one.
    """
    summary = read_file(folder / SUMMARY)
    cases = read_lines(folder / CASES)
    try:
        return Run(
            summary=Summary.model_validate_json(summary),
            cases=tuple(Case.model_validate_json(line) for line in cases),
        )
    except ValidationError as error:
        raise CannotRunError(
            f"{folder} is not a run of this version of Ibid: {error.errors()[0]['msg']}. "
            "Run 'ibid eval' again."
        ) from None


def read_file(path: Path) -> str:
    """Read a file of a run or baseline."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRunError(
            f"{path} cannot be read ({error}). Give the folder that 'ibid eval --out' wrote."
        ) from None


def read_lines(path: Path) -> list[str]:
    """Read the lines of a file; only a line feed ends one, as other breaks may stand in JSON."""
    return read_file(path).removesuffix("\n").split("\n")


def write_lines(path: Path, items: Sequence[BaseModel]) -> None:
    """Write one JSON object a line."""
    write_text(path, "".join(item.model_dump_json() + "\n" for item in items))


def write_text(path: Path, text: str) -> None:
    """Write a file, and the folder it stands in."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise CannotRunError(
            f"{path} cannot be written ({error.strerror}). Choose another place with --out."
        ) from None
