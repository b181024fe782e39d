"""The evaluation's own error; the others are those of `ingest.errors`."""

from ingest.errors import IbidError


class CannotRunError(IbidError):
    """The evaluation could not run, or has nothing to compare with: neither held nor regressed."""

    exit_code = 2
