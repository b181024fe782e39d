"""What is asked of files in more than one place."""

import hashlib
from pathlib import Path


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
