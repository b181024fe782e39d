"""One evaluation: facts files put to Ibid, marked and measured."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from evals.facts import load_all
from evals.fingerprint import fingerprint
from evals.measures import measure_all
from evals.run import Case, Replayed, none_replayed, run
from evals.saved import Run, Summary
from evals.system import IbidSystem, Reference
from rag.build import Ibid

Watch = Callable[[Iterable[Case], int], Iterator[Case]]
"""Shows the cases as they come, of so many, and hands them on."""


def evaluate(
    ibid: Ibid,
    files: Sequence[Path],
    jobs: int = 1,
    watch: Watch | None = None,
    replayed: Replayed = none_replayed,
) -> Run:
    """Put every fact of the files to Ibid; `replayed` is that of its model, where it has one.

    Raises:
        BadInputError: a facts file is wrong, or does not fit the library.
    """
    reference = Reference.of(ibid.library)
    facts = load_all(files, reference.articles)
    system = IbidSystem(ibid)
    started, clock = datetime.now(UTC).replace(microsecond=0), time.perf_counter()
    asked = (
        case
        for path, items in facts.items()
        for case in run(items, path.stem, system, reference, jobs, replayed)
    )
    total = sum(map(len, facts.values()))
    cases = tuple(watch(asked, total) if watch else asked)
    summary = Summary(
        started=started,
        seconds=round(time.perf_counter() - clock, 1),
        jobs=jobs,
        files=tuple(map(str, files)),
        cases=len(cases),
        right=sum(case.right for case in cases),
        fingerprint=fingerprint(ibid, files, cases),
        figures=tuple(measure_all(cases)),
    )
    return Run(summary=summary, cases=cases)


def warm_up(ibid: Ibid, files: Sequence[Path]) -> None:
    """Ask every fact once, so that of several engines the first does not find colder caches."""
    reference = Reference.of(ibid.library)
    for path, items in load_all(files, reference.articles).items():
        for _ in run(items, path.stem, IbidSystem(ibid), reference):
            pass
