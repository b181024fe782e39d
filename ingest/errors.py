"""Every error a user can meet. A message says what was got and what to do next.

IbidError
├── BadInputError          the question, a filter or an argument cannot be used
├── NotFoundError          no such article or path
├── UnreadableError        one file cannot be read as an article (the run goes on)
├── ModelError             the language model did not answer (the extractive answer is given)
└── LibraryError           the library cannot be opened or written
    ├── LibraryBusyError   another process owns it
    └── LibraryLayoutError written by another version of Ibid
"""

from pathlib import Path


class IbidError(Exception):
    """Base of all: entry points turn it into text, with `exit_code` or `http_status`."""

    exit_code = 1
    http_status = 500


class BadInputError(IbidError):
    """What was given cannot be used."""

    exit_code = 2
    http_status = 422


class NotFoundError(IbidError):
    """What was asked for does not exist."""

    exit_code = 2
    http_status = 404


class UnreadableError(IbidError):
    """A file is not text that can be ingested."""

    exit_code = 2
    http_status = 415


class ModelError(IbidError):
    """The language model did not answer, or not to the end."""

    http_status = 502


class LibraryError(IbidError):
    """The library cannot be opened, read or written."""

    http_status = 503


class LibraryBusyError(LibraryError):
    """Another process owns the library."""

    def __init__(self, folder: Path, owner: str) -> None:
        super().__init__(
            f"The library {folder} is in use by {owner}. "
            "Wait until that process ends, stop it, or choose another library with IBID_LIBRARY."
        )


class LibraryLayoutError(LibraryError):
    """The library was written by another version of Ibid."""
