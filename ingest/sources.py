"""What an ingest has before it: files, records of files, addresses; and what is gone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ingest.errors import BadInputError, NotFoundError, UnreadableError
from ingest.files import is_url
from ingest.metadata import load_metadata
from ingest.read import FORMATS, check_size, find_files
from ingest.readers import records

Entry = dict[str, Any] | None
"""What `metadata.yaml` says of a file."""


class Source(NamedTuple):
    """Something to ingest: where it is, how many bytes, how to get them, and what is said of it.

    `load` raises UnreadableError where they cannot be had.
    """

    location: str
    size: int
    load: Callable[[], bytes]
    entry: Entry = None


@dataclass
class Plan:
    """What to ingest, small files first, then addresses; what is none, and why; what is gone."""

    sources: list[Source] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    skipped: dict[Path, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many locations there are."""
        return len(self.sources) + len(self.urls) + len(self.skipped) + len(self.gone)


def plan(targets: Sequence[str], known: Sequence[str], limit_mb: int) -> Plan:
    """Say what is to be done for files, folders and addresses; `known` are the library's locations.

    Raises:
        NotFoundError: a path does not exist and the library holds nothing from it.
        BadInputError: a folder without a readable article, or a broken metadata file.
    """
    made = Plan(urls=list(dict.fromkeys(filter(is_url, targets))))
    files: dict[Path, None] = {}
    below: set[str] = set()
    for path in (Path(target).resolve() for target in targets if not is_url(target)):
        held = {location for location in known if _is_at(location, path)}
        below |= held
        if not path.exists():
            if not held:
                raise NotFoundError(f"There is no file or folder {path}. Give a path that exists.")
            continue
        found = list(find_files(path))
        taken = [file for file, reason in found if reason is None]
        if not taken and not held:
            raise BadInputError(f"{path} holds no article ({FORMATS}). Nothing was changed.")
        files.update(dict.fromkeys(taken))
        made.skipped.update((file, reason) for file, reason in found if reason is not None)
    for file in files:
        made.skipped.pop(file, None)
    said = {folder: load_metadata(folder) for folder in {file.parent for file in files}}
    every = [
        s for file in files for s in _sources(file, said[file.parent].get(file.name), limit_mb)
    ]
    made.sources = sorted(every, key=lambda source: (source.size, source.location))
    made.gone = sorted(below - {source.location for source in made.sources})
    return made


def _is_at(location: str, path: Path) -> bool:
    """Whether a location is a path, below it, or a record of its file."""
    record = records.split_location(location)
    return Path(record[0] if record else location).is_relative_to(path)


def _sources(file: Path, entry: Entry, limit_mb: int) -> Iterator[Source]:
    """Yield a file, or each record of one that has many."""
    if not records.is_records(file):
        yield Source(str(file), _size(file), partial(load, file, limit_mb), entry)
        return
    fields = (entry or {}).get("fields") or {}
    try:
        for line in records.lines(file, fields):
            location = records.location_of(str(file), line.key)
            yield Source(location, line.end - line.start, partial(_record, file, line, fields))
    except OSError:
        yield Source(str(file), 0, partial(load, file, limit_mb))


def load(file: Path, limit_mb: int) -> bytes:
    """Return the bytes of a file; one too large is not read.

    Raises:
        UnreadableError: it cannot be read, or is too large.
    """
    try:
        check_size(file.stat().st_size, limit_mb)
        return file.read_bytes()
    except OSError as error:
        raise UnreadableError(f"it cannot be read ({error.strerror})") from None


def _record(file: Path, line: records.Line, fields: dict[str, str]) -> bytes:
    try:
        with file.open("rb") as opened:
            opened.seek(line.start)
            return records.mapped(opened.read(line.end - line.start), fields, line.key)
    except OSError as error:
        raise UnreadableError(f"it cannot be read ({error.strerror})") from None


def _size(file: Path) -> int:
    """Return by what files are sorted: a large one does not hold up small ones."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
