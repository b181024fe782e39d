"""The tables of a library, their versions, and how its SQLite file is opened."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from ingest.errors import LibraryError, LibraryLayoutError

FILE_NAME = "library.sqlite"
LAYOUT = 4
"""Version of the tables below, kept in SQLite's user_version."""

# What is told of an article, and what was made of its file. `version` has those of texts replaced.
_ARTICLE = """sha256 TEXT NOT NULL, location TEXT NOT NULL, text TEXT NOT NULL,
    title TEXT, author TEXT, publisher TEXT, published TEXT, modified TEXT, url TEXT,
    said_at TEXT NOT NULL, units TEXT NOT NULL, places TEXT NOT NULL, ingested TEXT NOT NULL"""
ARTICLE_COLUMNS = (
    "sha256, location, text, title, author, publisher, published, modified, url, said_at, units, "
    "places, ingested"
)
_VERSION_TABLE = f"""
CREATE TABLE version (
    id TEXT NOT NULL, {_ARTICLE}, replaced TEXT NOT NULL, PRIMARY KEY (id, sha256))"""
_URL_INDEX = "CREATE INDEX article_of_url ON article (url)"
TABLES = f"""
CREATE TABLE property (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE article (id TEXT PRIMARY KEY, {_ARTICLE}, UNIQUE (location));
{_URL_INDEX};
{_VERSION_TABLE};
CREATE TABLE unit_vectors (
    article_id TEXT PRIMARY KEY REFERENCES article ON DELETE CASCADE, vectors BLOB NOT NULL);
CREATE TABLE passage (
    id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES article ON DELETE CASCADE,
    number INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, tokens INTEGER NOT NULL,
    header TEXT NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX passage_of_article ON passage (article_id, number);
CREATE VIRTUAL TABLE passage_terms USING fts5(
    header, body, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE term USING fts5vocab(passage_terms, row);
CREATE TABLE ledger (
    location TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, stage TEXT NOT NULL, error TEXT,
    attempts INTEGER NOT NULL, updated TEXT NOT NULL);
"""
MIGRATIONS = {
    2: ("ALTER TABLE article ADD COLUMN places TEXT NOT NULL DEFAULT '[]'",),
    3: ("ALTER TABLE article ADD COLUMN modified TEXT", _URL_INDEX, _VERSION_TABLE),
}
"""What brings the tables of each earlier layout to the next one."""


def open_database(folder: Path, model: str) -> sqlite3.Connection:
    """Open the file of a library, or make one for this embedding model; a layout before is updated.

    Raises:
        LibraryLayoutError: a later version wrote it, or it is none of Ibid's.
        LibraryError: it cannot be read or written, or is damaged.
    """
    path = folder / FILE_NAME
    with readable(path):
        database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        layout = layout_of(database, folder)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA foreign_keys = ON")
        if layout == 0:
            _create_tables(database, path, model)
        for earlier in range(layout, LAYOUT) if layout else ():
            _migrate(database, earlier)
    return database


def open_read_only(folder: Path) -> sqlite3.Connection:
    """Open the file of a library that cannot be written.

    Raises:
        LibraryLayoutError: another version wrote it.
        LibraryError: it cannot be read.
    """
    path = folder / FILE_NAME
    with readable(path):
        database = connect_to_read(path)
        if layout_of(database, folder) != LAYOUT:
            raise LibraryLayoutError(
                f"The library {folder} has the layout of an earlier version and cannot be written, "
                "so it cannot be brought up to date. Open it once where it can be."
            )
    return database


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a file only to read it; where nothing is being written, no file is made beside it."""
    log = path.with_name(path.name + "-wal")
    how = "mode=ro" if log.exists() else "immutable=1"
    address = f"file:{quote(str(path))}?{how}"
    return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit what is done inside, or nothing of it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
    except BaseException:
        if database.in_transaction:  # a full disk has ended it already
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what SQLite raises of a file that it cannot open into an error that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise LibraryError(
            f"The library {path} cannot be opened ({error}). Check its permissions; if it is "
            "damaged, delete the folder and run 'ibid ingest' again, or 'ibid restore' a backup."
        ) from None


def layout_of(database: sqlite3.Connection, folder: Path) -> int:
    """Return the version of a database's tables, 0 where it has none."""
    layout = int(database.execute("PRAGMA user_version").fetchone()[0])
    if layout not in (0, LAYOUT, *MIGRATIONS):
        age = "a later" if layout > LAYOUT else "an earlier"
        raise LibraryLayoutError(
            f"The library {folder} has layout {layout}, this Ibid reads {LAYOUT}: "
            f"{age} version wrote it. Use that version, or delete the folder and run "
            "'ibid ingest' to build it anew from your files."
        )
    return layout


def _create_tables(database: sqlite3.Connection, path: Path, model: str) -> None:
    if database.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise LibraryLayoutError(
            f"{path} is a database, but not one of Ibid's. Choose another folder with IBID_LIBRARY."
        )
    properties = {"id": uuid.uuid4().hex, "model": model}
    with transaction(database):
        for statement in TABLES.split(";\n"):
            if statement.strip():
                database.execute(statement)
        database.executemany("INSERT INTO property VALUES (?, ?)", properties.items())
        database.execute(f"PRAGMA user_version = {LAYOUT}")


def _migrate(database: sqlite3.Connection, layout: int) -> None:
    """Bring the tables of a layout to the next one, in one transaction."""
    with transaction(database):
        for statement in MIGRATIONS[layout]:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {layout + 1}")
