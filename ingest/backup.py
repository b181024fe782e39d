"""A library in one file, to be kept elsewhere and restored: all that is canonical, no index."""

import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from ingest.errors import BadInputError, LibraryError, LibraryLayoutError, NotFoundError
from ingest.lock import LibraryLock
from ingest.schema import FILE_NAME, connect_to_read, layout_of


def back_up(folder: Path, target: Path) -> None:
    """Write all of a library into one new file, also while another process writes to it."""
    path = folder / FILE_NAME
    draft = target.with_name(f".{target.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with closing(connect_to_read(path)) as database:
            layout_of(database, folder)
            database.execute("VACUUM INTO ?", (str(draft),))
        draft.replace(target)
    except (sqlite3.DatabaseError, OSError) as error:
        raise LibraryError(f"The backup {target} cannot be written ({error}).") from None
    finally:
        draft.unlink(missing_ok=True)


def restore_from(file: Path, folder: Path) -> None:
    """Make a library from a backup; it gets an index of its own when it is opened.

    Raises:
        NotFoundError: there is no such file.
        BadInputError: there is a library in the folder already.
        LibraryError: the file is no whole library, or the folder cannot be written.
    """
    if not file.is_file():
        raise NotFoundError(f"There is no file {file}. Give one that 'ibid backup' wrote.")
    _check(file)
    if (folder / FILE_NAME).exists():
        raise BadInputError(
            f"There is a library at {folder} already. Choose another folder with IBID_LIBRARY, or "
            "move that one away."
        )
    lock, draft = LibraryLock(folder), folder / f"{FILE_NAME}.part"
    lock.acquire("ibid restore")
    try:
        shutil.copyfile(file, draft)
        with closing(sqlite3.connect(draft)) as database, database:
            database.execute("UPDATE property SET value = ? WHERE name = 'id'", (uuid.uuid4().hex,))
        draft.replace(folder / FILE_NAME)
    except (sqlite3.DatabaseError, OSError) as error:
        draft.unlink(missing_ok=True)
        raise LibraryError(f"The library {folder} cannot be written ({error}).") from None
    finally:
        lock.release()


def _check(file: Path) -> None:
    """Raise LibraryError where a file is no whole library that this version of Ibid can open."""
    try:
        with closing(connect_to_read(file)) as database:
            if not layout_of(database, file):
                raise LibraryError(f"{file} is no backup of a library.")
            found = database.execute("PRAGMA quick_check").fetchone()[0]
    except LibraryLayoutError:
        raise LibraryLayoutError(
            f"The backup {file} is that of another version of Ibid. Restore it with that one."
        ) from None
    except sqlite3.DatabaseError as error:
        found = error
    if found != "ok":
        said = " ".join(str(found).split())
        raise LibraryError(f"The file {file} is no whole backup ({said}). Restore another one.")
