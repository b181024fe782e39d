"""What is asked of files and addresses in more than one place."""

import hashlib
import re
from pathlib import Path


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_url(text: str) -> bool:
    """Whether this is an address of the web, not a path."""
    return re.match(r"\s*https?://\S", text, re.IGNORECASE) is not None
