"""Cases: a few small files with the questions asked of them, each marked as a known fact is.

docs/evaluation.md describes the format of a cases file.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from pydantic import Field, model_validator

from evals.facts import Expectation, Fact, Kind, check_apart, check_patterns, matches
from evals.items import Item, Part, load_items
from ingest.pipeline import ingest_paths
from ingest.settings import Settings
from rag.build import Ibid, build


class CaseFile(Part):
    """A file as a user has it: its text is written in its encoding."""

    name: str = Field(pattern=r"^[^/\\]+$")
    encoding: str = "utf-8"
    text: str

    @model_validator(mode="after")
    def _encodable(self) -> "CaseFile":
        try:
            self.text.encode(self.encoding)
        except (LookupError, UnicodeEncodeError) as error:
            raise ValueError(f"the text cannot be written so: {error}") from None
        return self


class Ask(Part):
    """A question after those of `before`; its answer matches `all`, none of `not`."""

    q: str
    before: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    never: tuple[str, ...] = Field((), alias="not")
    max: int | None = Field(None, ge=1)
    expect: Literal["answer", "refuse"] = "answer"

    @model_validator(mode="after")
    def _consistent(self) -> "Ask":
        check_patterns([*self.all, *self.never])
        if (self.expect == "refuse") == bool(self.all):
            raise ValueError("give either what the answer matches (all) or 'expect: refuse'")
        return self

    def fact(self, name: str) -> Fact:
        """Return it as a known fact."""
        return Fact(
            id=name,
            kind=Kind.EVERYDAY,
            fact=name,
            expect=Expectation.ABSTAIN if self.expect == "refuse" else Expectation.ANSWER,
            question=self.q,
            answers=self.all,
            never=self.never,
            most=self.max,
            turns=(*self.before, self.q) if self.before else (),
        )


class FilesAndQuestions(Item):
    """One case: its files, and what is asked of them."""

    id: str = Field(pattern=r"^[\w.-]+$")
    files: tuple[CaseFile, ...] = Field(min_length=1)
    ask: tuple[Ask, ...] = Field(min_length=1)

    def facts(self) -> list[Fact]:
        """Return its questions as known facts, numbered from 1."""
        return [ask.fact(f"{self.id}-{number}") for number, ask in enumerate(self.ask, 1)]

    def write(self, folder: Path) -> None:
        """Write its files into a folder."""
        folder.mkdir(parents=True)
        for file in self.files:
            (folder / file.name).write_bytes(file.text.encode(file.encoding))


def load_cases(paths: Sequence[Path]) -> dict[Path, list[FilesAndQuestions]]:
    """Read cases files; an id may stand in only one of them.

    Raises:
        BadInputError: with the line and what is wrong there.
    """
    files = {path: load_items(path, FilesAndQuestions, _check) for path in paths}
    check_apart(files)
    return files


def _check(case: FilesAndQuestions) -> None:
    for ask in case.ask:
        for pattern in ask.all:
            if not any(matches(pattern, file.text) for file in case.files):
                raise ValueError(f"{ask.q!r}: no file has the answer {pattern!r}")


@contextmanager
def library_of(cases: Sequence[FilesAndQuestions], settings: Settings) -> Iterator[Ibid]:
    """Ingest the files of cases into a library that lasts as long as it is asked."""
    with TemporaryDirectory(prefix="ibid-cases-") as name:
        folder = Path(name)
        for case in cases:
            case.write(folder / "files" / case.id)
        own = {"library": folder / "library", "chroma_url": None}
        with build(settings.model_copy(update=own), "ibid eval cases") as ibid:
            for _ in ingest_paths(ibid.library, ibid.embedding, [folder / "files"], settings):
                pass
            yield ibid
