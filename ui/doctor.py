"""`ibid doctor`: everything that Ibid needs, checked without changing any of it."""

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import NamedTuple

import httpx
from packaging.requirements import Requirement

from ingest.errors import IbidError, ModelError
from ingest.lock import LibraryLock, Owner
from ingest.schema import FILE_NAME, LAYOUT, connect_to_read, layout_of
from ingest.settings import Settings, load_settings
from ui.client import ServerDoor
from ui.listen import listen

NEEDED_MB = 500
"""Megabytes that should be free beside the library's own size: its log and its index grow."""
NAMES = 3
"""How many of several things a line names."""
SECONDS = 5
PYTHONS = (3, 11), (3, 13)


class Finding(NamedTuple):
    """What a check found: what is so, and, where that is a problem, what to do."""

    ok: bool
    what: str
    todo: str = ""

    def __str__(self) -> str:
        todo = f" {self.todo}" if self.todo else ""
        return f"{'ok' if self.ok else 'problem'}: {self.what}{todo}"


Check = Callable[[], Iterator[Finding]]


def examine(read: Callable[[], Settings] = load_settings) -> Iterator[Finding]:
    """Yield what every check finds, in the order in which problems are worth solving."""
    yield from _tried(_python)
    yield from _tried(_packages)
    yield from _tried(_unknown_settings)
    try:
        settings = read()
    except IbidError as error:
        yield Finding(False, str(error), "Nothing else was checked.")
        return
    yield Finding(True, "the settings can be read ('ibid config' shows them).")
    examined = _Examined(settings)
    for check in (
        examined.model, examined.folder, examined.disk, examined.owner, examined.database,
        examined.index, examined.ledger, examined.language_model, examined.port,
    ):  # fmt: skip
        yield from _tried(check)


def _tried(check: Check) -> Iterator[Finding]:
    """Yield what a check finds; what keeps it from looking is a problem too."""
    try:
        yield from check()
    except (IbidError, OSError, sqlite3.Error) as error:
        yield Finding(False, " ".join(str(error).split()))


def _python() -> Iterator[Finding]:
    said = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        yield Finding(True, f"{said}.")
    else:
        yield Finding(False, f"{said}.", "Install Ibid with Python 3.11, 3.12 or 3.13.")


def _packages() -> Iterator[Finding]:
    needed = [Requirement(text) for text in requires("ibid") or []]
    mine = [one for one in needed if not one.marker or one.marker.evaluate({"extra": ""})]
    wrong = list(filter(None, map(_unfit, mine)))
    if wrong:
        what = f"of Ibid's packages, {'; '.join(wrong)}."
        yield Finding(False, what, "Run 'make install', or install Ibid anew.")
    else:
        yield Finding(True, f"Ibid {version('ibid')} and its {len(mine)} packages are there.")


def _unfit(needed: Requirement) -> str | None:
    try:
        present = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is missing"
    fits = needed.specifier.contains(present, prereleases=True)
    return None if fits else f"{needed.name} is {present}, not {needed.specifier}"


def _unknown_settings() -> Iterator[Finding]:
    known = {f"IBID_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith("IBID_") and name not in known:
            yield Finding(False, f"{name} is no setting.", "'ibid config' shows those there are.")


class _Examined:
    """What these settings name; later checks build on what earlier ones found."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.library.resolve()
        self._file = self._folder / FILE_NAME
        self._owner: Owner | None = None
        self._answering = False
        self._model_name: str | None = None
        self._readable = False

    def model(self) -> Iterator[Finding]:
        """Check that the embedding model is there, is the one that was pinned, and runs."""
        from ingest.e5 import COMMAND, model_folder
        from ingest.embed import DEFAULT, load_embedding

        choice = self._settings.embedding
        if choice == DEFAULT and not model_folder().is_dir():  # to load it would make it
            what = f"the embedding model is not in {model_folder()}."
            yield Finding(False, what, f"Run '{COMMAND}'.")
            return
        self._model_name = load_embedding(choice).name
        yield Finding(True, f"the embedding model {self._model_name} runs; its hashes are right.")

    def folder(self) -> Iterator[Finding]:
        """Check that there is a library, that it can be written, and its layout."""
        if not self._file.exists():
            yield Finding(
                False, f"there is no library at {self._folder}.", "Run 'ibid ingest PATH'."
            )
            return
        if not all(os.access(path, os.W_OK) for path in (self._folder, self._file)):
            what = f"the library {self._folder} cannot be written: it answers, and takes nothing."
            yield Finding(False, what, "Mend its permissions, if it should.")
        else:
            yield Finding(True, f"the library {self._folder} can be written.")

    def disk(self) -> Iterator[Finding]:
        """Check the space that is free for the library."""
        there = next(path for path in (self._folder, *self._folder.parents) if path.is_dir())
        free = shutil.disk_usage(there).free / 1e6
        size = self._file.stat().st_size / 1e6 if self._file.exists() else 0
        what = f"{free:,.0f} MB are free for the library, which has {size:,.1f} MB."
        enough = free >= NEEDED_MB + size
        yield Finding(enough, what, "" if enough else "Make room, or move it (IBID_LIBRARY).")

    def owner(self) -> Iterator[Finding]:
        """Check who holds the library, and that a server that does answers."""
        self._owner = LibraryLock(self._folder).owner()
        if self._owner is None:
            yield Finding(True, "no process holds the library.")
        elif self._owner.url is None:
            yield Finding(True, f"the library is held by {self._owner}.")
        elif _answers(f"{self._owner.url}/health"):
            self._answering = True
            yield Finding(True, f"the library is served by {self._owner}, which answers.")
        else:
            what = f"the library is held by {self._owner}, which does not answer."
            yield Finding(False, what, f"Wait, or stop it: kill {self._owner.pid}.")

    def database(self) -> Iterator[Finding]:
        """Check the library's file and its layout, and that the present model made it."""
        if not self._file.exists():
            return
        todo = "Restore a backup, or move the folder away and run 'ibid ingest'."
        try:
            with closing(connect_to_read(self._file)) as database:
                layout = layout_of(database, self._folder)
                found = database.execute("PRAGMA quick_check").fetchone()[0]
                made_by = _property(database, "model") if layout else None
        except sqlite3.Error as error:
            yield Finding(False, f"{self._file} cannot be read ({error}).", todo)
            return
        if found != "ok" or made_by is None:
            said = " ".join(str(found).split()) if found != "ok" else "it has no tables"
            yield Finding(False, f"{self._file} is damaged ({said}).", todo)
            return
        self._readable = True
        later = "" if layout == LAYOUT else f"; the next opening makes it layout {LAYOUT}"
        yield Finding(True, f"{FILE_NAME} is whole, of layout {layout}{later}.")
        if self._model_name and made_by != self._model_name:
            what = f"the library was embedded with {made_by}, not {self._model_name}."
            yield Finding(False, what, "Run 'ibid rebuild --embed', or set IBID_EMBEDDING back.")

    def index(self) -> Iterator[Finding]:
        """Check that Chroma has the vectors of the library's passages, and no others."""
        hung = self._owner and self._owner.url and not self._answering
        if hung or not self._readable:
            return
        with closing(connect_to_read(self._file)) as database:
            expected = {row[0] for row in database.execute("SELECT id FROM passage")}
            collection = f"ibid-{_property(database, 'id')}"
        if self._owner and self._answering:
            with closing(ServerDoor(self._owner)) as server:
                held = int(server.status()["vectors"])
            yield _in_step(held == len(expected), f"{held} of {len(expected)} vectors")
        elif self._settings.chroma_url:
            yield from self._chroma_server(collection, len(expected))
        elif self._owner:
            yield Finding(True, f"the vector index is in use by {self._owner}, and not looked at.")
        else:
            yield from self._chroma_folder(collection, expected)

    def _chroma_folder(self, collection: str, expected: set[str]) -> Iterator[Finding]:
        from ingest.vectors import ids_on_disk

        folder = self._folder / "chroma"
        if folder.exists() and not folder.is_dir():
            what = f"{folder} is a file, where the folder of the vector index belongs."
            yield Finding(False, what, "Move it away; the index is made anew from the library.")
            return
        held = set[str]()
        with suppress(sqlite3.Error):  # what cannot be read is made anew at the next opening
            held = ids_on_disk(folder, collection)
        yield _in_step(held == expected, f"{len(held & expected)} of {len(expected)} vectors")

    def _chroma_server(self, collection: str, expected: int) -> Iterator[Finding]:
        from chromadb.errors import ChromaError

        from ingest.vectors import chroma_server

        with closing(chroma_server(self._settings.chroma_url or "")) as client:
            try:
                held = client.get_collection(collection, embedding_function=None).count()
            except ChromaError:
                held = 0
        yield _in_step(held == expected, f"{held} of {expected} vectors on the Chroma server")

    def ledger(self) -> Iterator[Finding]:
        """Check for files that could not be ingested."""
        if not self._readable:
            return
        with closing(connect_to_read(self._file)) as database:
            rows = database.execute(
                "SELECT location, error FROM ledger WHERE error IS NOT NULL ORDER BY location"
            ).fetchall()
        if not rows:
            yield Finding(True, "nothing that was ingested failed.")
            return
        named = "; ".join(f"{Path(location).name}: {error}" for location, error in rows[:NAMES])
        more = f"; and {len(rows) - NAMES} more" if len(rows) > NAMES else ""
        what = f"{len(rows)} could not be ingested ({named}{more})."
        yield Finding(False, what, "Mend or move these, and run 'ibid ingest' again.")

    def language_model(self) -> Iterator[Finding]:
        """Ask the language model for a word, where there is one."""
        if not self._settings.llm:
            yield Finding(True, "no language model is set (IBID_LLM), and none is needed.")
            return
        from rag.llm import load_model
        from rag.model import Message

        model = load_model(self._settings.llm, self._settings)
        try:
            with closing(model.stream([Message("user", "Say: yes")])) as reply:
                said = any(isinstance(piece, str) and piece for piece in reply)
        except ModelError as error:
            yield Finding(False, str(error), "Until it does, answers are the engine's own.")
            return
        if said:
            yield Finding(True, f"the language model {model.name} replies.")
        else:
            yield Finding(False, f"the language model {model.name} said nothing.", "Try another.")

    def port(self) -> Iterator[Finding]:
        """Check that a server could listen, where none does."""
        where = f"{self._settings.host}:{self._settings.port}"
        if self._owner and self._owner.url:
            yield Finding(True, f"the server listens at {self._owner.url}.")
            return
        with closing(listen(self._settings)):
            yield Finding(True, f"'ibid serve' can listen on {where}.")


def _in_step(ok: bool, what: str) -> Finding:
    todo = "" if ok else "The next command that opens the library mends that: 'ibid status'."
    return Finding(ok, f"the vector index holds {what}.", todo)


def _property(database: sqlite3.Connection, name: str) -> str | None:
    row = database.execute("SELECT value FROM property WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def _answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=SECONDS, trust_env=False).is_success
    return False
