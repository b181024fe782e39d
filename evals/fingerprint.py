"""What a run measured: code, articles, facts, models and settings, so that two runs compare."""

import hashlib
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from evals.run import Case
from ingest.settings import Settings
from rag.engine import EXTRACTIVE

ROOT = Path(__file__).parent.parent
MEASURED = ("ingest", "rag")
"""The packages whose code and weights make the answers."""
WEIGHTS = {".py", ".json", ".npz"}
UNIMPORTANT = {"host", "port", "library", "corpus", "llm"}
"""Settings that do not change an answer; a run names its engine itself."""


class Fingerprint(BaseModel):
    """What was measured. Hashes are SHA-256, shortened to 16 digits.

    `facts` are those of the files asked. `prompts` is the version of what a language model was
    asked with, None where none was. What an older version wrote besides is passed over.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    commit: str | None
    code: str
    articles: int
    corpus: str
    facts: dict[str, str]
    engine: str
    prompts: str | None = None
    embedding: str
    settings: dict[str, str]
    python: str
    machine: str

    def differences(self, other: "Fingerprint") -> list[str]:
        """Return the names of what differs from another run, its facts and machine aside.

        Of the settings only those count that both engines have.
        """
        skipped = {"facts", "python", "machine", "version", "commit", "settings"}
        mine, theirs = self.model_dump(exclude=skipped), other.model_dump(exclude=skipped)
        found = [name for name, value in mine.items() if theirs[name] != value]
        shared = self.settings.keys() & other.settings.keys()
        changed = any(self.settings[name] != other.settings[name] for name in shared)
        return [*found, "settings"] if changed else found


def fingerprint(
    files: Sequence[Path],
    cases: Sequence[Case],
    articles: Mapping[str, str],
    engine: str,
    embedding: str,
    settings: Settings,
) -> Fingerprint:
    """Take the fingerprint of files asked, the cases they made, and articles' hashes by id."""
    prompts = sorted({case.generation.prompts for case in cases if case.generation})
    return Fingerprint(
        version=version("ibid"),
        commit=_commit(),
        code=_digest(_code()),
        articles=len(articles),
        corpus=_digest(f"{name} {articles[name]}\n".encode() for name in sorted(articles)),
        facts={path.stem: hash_of(path) for path in files},
        engine=engine,
        prompts=", ".join(prompts) or None,
        embedding=embedding,
        settings=_settings(settings, engine),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
    )


def hash_of(path: Path) -> str:
    """Return the short hash of a file."""
    return _digest([path.read_bytes()])


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


def _code() -> Iterator[bytes]:
    for package in MEASURED:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in WEIGHTS:
                yield path.name.encode() + path.read_bytes()


def _settings(settings: Settings, engine: str) -> dict[str, str]:
    """Return what matters to an engine, without secrets; an address only as whether it is set."""
    found = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if engine == EXTRACTIVE and name.startswith("llm_"):
            continue
        if name in UNIMPORTANT or isinstance(value, SecretStr) or name.endswith("_keys"):
            continue
        found[name] = "set" if name.endswith("_url") and value else str(value)
    return found


def _commit() -> str | None:
    """Return the commit of a checkout, marked where files differ from it; None elsewhere."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    head = _git(git, "rev-parse", "--short=12", "HEAD")
    changed = _git(git, "status", "--porcelain", "--untracked-files=no")
    return f"{head} with changes" if head and changed else head or None


def _git(git: str, *arguments: str) -> str:
    command = [git, "--no-optional-locks", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip()
