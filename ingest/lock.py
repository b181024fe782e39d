"""One owner a library: a lock that the system releases when its process ends, and who holds it."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import LibraryBusyError, LibraryError


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that holds a library; `url` and `token` are set where it is a server."""

    pid: int
    command: str
    url: str | None = None
    token: str | None = None

    def __str__(self) -> str:
        return f"'{self.command}' (process {self.pid})" + (f" at {self.url}" if self.url else "")


class LibraryLock:
    """The lock of a library folder. Its owner's name stands beside it, readable by that user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / "lock", is_singleton=False)
        self._owner_file = folder / "owner.json"
        self._mine: Owner | None = None

    def acquire(self, command: str, wait_seconds: float = 0) -> None:
        """Take the lock for this process.

        Raises:
            LibraryBusyError: another process holds it and does not end within `wait_seconds`.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=wait_seconds)
        except Timeout:
            raise LibraryBusyError(self.folder, str(self.owner() or "another process")) from None
        except OSError as error:
            raise LibraryError(
                f"The library folder {self.folder} cannot be written ({error.strerror}). "
                "Choose another folder with IBID_LIBRARY."
            ) from None
        self._mine = Owner(os.getpid(), command)
        self._write(self._mine)

    def announce(self, command: str, url: str) -> Owner:
        """Publish the address of the server that holds the lock; return it with its token."""
        self._mine = Owner(os.getpid(), command, url, secrets.token_urlsafe(24))
        self._write(self._mine)
        return self._mine

    def release(self) -> None:
        """Give the lock back, where it was taken."""
        if self._mine:
            self._mine = None
            self._owner_file.unlink(missing_ok=True)
            self._lock.release()

    def owner(self) -> Owner | None:
        """Return who holds the lock now; None when nobody does."""
        if self._mine or not Path(self._lock.lock_file).exists():
            return self._mine
        try:
            with self._lock.acquire(timeout=0):
                return None
        except Timeout:
            pass
        except OSError:
            return None
        with suppress(OSError, ValueError, TypeError):
            return Owner(**json.loads(self._owner_file.read_text("utf-8")))
        return Owner(0, "another process")

    def _write(self, owner: Owner) -> None:
        draft = self._owner_file.with_suffix(".tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(owner), file)
        draft.replace(self._owner_file)
