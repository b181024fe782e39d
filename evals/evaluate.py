"""One evaluation: files of facts, or of cases, put to Ibid, marked and measured."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from evals.cases import FilesAndQuestions, library_of, load_cases
from evals.facts import Fact, load_all
from evals.fingerprint import fingerprint
from evals.measures import measure_all
from evals.run import Case, Replayed, none_replayed, run
from evals.saved import Run, Summary, case_file
from evals.system import Reference
from ingest.settings import Settings
from rag.build import Ibid
from rag.engine import EXTRACTIVE

Watch = Callable[[Iterable[Case], int], Iterator[Case]]
"""Shows the cases as they come, of so many, and hands them on."""


def unwatched(cases: Iterable[Case], total: int) -> Iterator[Case]:  # noqa: ARG001 a Watch
    """Hand cases on."""
    yield from cases


@dataclass
class _Evaluation:
    """Asks and keeps what the summary of a run needs; the articles it has met, by id."""

    settings: Settings
    engine: str = EXTRACTIVE
    jobs: int = 1
    replayed: Replayed = none_replayed
    articles: dict[str, str] = field(default_factory=dict)
    embedding: str = ""

    def ask(
        self, ibid: Ibid, file: str, facts: Sequence[Fact], reference: Reference
    ) -> Iterator[Case]:
        """Put facts to an open library."""
        self.articles |= {a.id: a.sha256 for a in reference.articles.values()}
        self.embedding = ibid.embedding.name
        yield from run(facts, file, ibid.engine, reference, self.jobs, self.replayed)

    def finish(self, files: Sequence[Path], cases: Iterable[Case], together: bool = False) -> Run:
        """Ask all, and measure what came of it."""
        started, clock = datetime.now(UTC).replace(microsecond=0), time.perf_counter()
        made = tuple(cases)
        summary = Summary(
            started=started,
            seconds=round(time.perf_counter() - clock, 1),
            jobs=self.jobs,
            files=tuple(map(str, files)),
            together=together,
            cases=len(made),
            right=sum(case.right for case in made),
            fingerprint=fingerprint(
                files, made, self.articles, self.engine, self.embedding, self.settings
            ),
            figures=tuple(measure_all(made)),
        )
        return Run(summary=summary, cases=made)


def evaluate(
    ibid: Ibid,
    files: Sequence[Path],
    engine: str = EXTRACTIVE,
    jobs: int = 1,
    watch: Watch = unwatched,
    replayed: Replayed = none_replayed,
) -> Run:
    """Put every fact of the files to Ibid; `replayed` is that of its model, where it has one.

    Raises:
        BadInputError: a facts file is wrong, or does not fit the library.
    """
    reference = Reference.of(ibid.library)
    facts = load_all(files, reference.articles)
    evaluation = _Evaluation(ibid.settings, engine, jobs, replayed)
    asked = (
        case
        for path, items in facts.items()
        for case in evaluation.ask(ibid, path.stem, items, reference)
    )
    return evaluation.finish(files, watch(asked, sum(map(len, facts.values()))))


def evaluate_cases(
    files: Sequence[Path], settings: Settings, together: bool = False, watch: Watch = unwatched
) -> Run:
    """Put every question of cases files to Ibid over their files.

    Each case has a library of its own, or, `together`, all cases of a file have one.

    Raises:
        BadInputError: a cases file is wrong.
    """
    loaded = load_cases(files)
    evaluation = _Evaluation(settings)

    def asked(path: Path, cases: Sequence[FilesAndQuestions]) -> Iterator[Case]:
        with library_of(cases, settings) as ibid:
            facts = [fact for case in cases for fact in case.facts()]
            reference = Reference.of(ibid.library)
            yield from evaluation.ask(ibid, case_file(path, together), facts, reference)

    made = (
        case
        for path, cases in loaded.items()
        for group in ([cases] if together else [[one] for one in cases])
        for case in asked(path, group)
    )
    total = sum(len(case.ask) for cases in loaded.values() for case in cases)
    return evaluation.finish(files, watch(made, total), together)


def warm_up(ibid: Ibid, files: Sequence[Path]) -> None:
    """Ask every fact once, so that of several engines the first does not find colder caches."""
    reference = Reference.of(ibid.library)
    for path, items in load_all(files, reference.articles).items():
        for _ in run(items, path.stem, ibid.engine, reference):
            pass
