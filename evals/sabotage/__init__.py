"""The evaluation, tested: every broken engine must turn the run red through its measure."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.compare import compare, held
from evals.facts import load_all
from evals.measures import measure_all
from evals.measures.figure import Figure
from evals.run import Case, run
from evals.sabotage.base import Bench, Recorded, Sabotage
from evals.sabotage.citations import (
    CitationsDropped,
    CitationsSwapped,
    MadeUpArticle,
    NeedlessCitation,
    OffsetsShifted,
    StaleQuote,
    UnsupportingCitation,
    WrongArticle,
    WrongSource,
)
from evals.sabotage.engines import (
    AlwaysAnswers,
    AlwaysRefuses,
    ArticleMissing,
    Crashes,
    HistoryIgnored,
    RandomPassages,
    SaysNothing,
)
from evals.sabotage.statements import (
    AttributionStripped,
    EverythingQuoted,
    FromTheQuestionAlone,
    ModalityDropped,
    NegationDropped,
    NumberAltered,
    NumberAlteredInQuote,
    OneSideDropped,
    SpeakerDropped,
    StatementDoubled,
)
from evals.system import IbidSystem, Reference, System
from rag.build import Ibid

SABOTAGES: tuple[Sabotage, ...] = (
    CitationsSwapped(),
    OffsetsShifted(),
    UnsupportingCitation(),
    NeedlessCitation(),
    CitationsDropped(),
    MadeUpArticle(),
    WrongArticle(),
    WrongSource(),
    StaleQuote(),
    NumberAltered(),
    NumberAlteredInQuote(),
    NegationDropped(),
    ModalityDropped(),
    AttributionStripped(),
    SpeakerDropped(),
    StatementDoubled(),
    OneSideDropped(),
    FromTheQuestionAlone(),
    EverythingQuoted(),
    AlwaysAnswers(),
    AlwaysRefuses(),
    SaysNothing(),
    Crashes(),
    HistoryIgnored(),
    ArticleMissing(),
    RandomPassages(),
)


class Trial(NamedTuple):
    """One sabotage: the figure meant to catch it, intact and broken, and what the gate lists."""

    name: str
    what: str
    intact: Figure
    broken: Figure
    failed: tuple[str, ...]

    @property
    def red(self) -> bool:
        """Whether the gate fails and the figure that is meant to catch it got worse."""
        return bool(self.failed) and self.broken.worse_than(self.intact)


def run_sabotages(
    ibid: Ibid, files: Sequence[Path], sabotages: Sequence[Sabotage] = SABOTAGES
) -> Iterator[Trial]:
    """Put the facts to Ibid, then to each broken engine, and compare as the gate does."""
    reference = Reference.of(ibid.library)
    facts = load_all(files, reference.articles)
    intact = IbidSystem(ibid)
    bench = Bench(intact, Recorded(intact), reference)

    def cases(system: System) -> list[Case]:
        return [
            case
            for path, items in facts.items()
            for case in run(items, path.stem, system, reference)
        ]

    before = cases(bench.recorded)
    intact_figures = _figures(before)
    for sabotage in sabotages:
        now = cases(sabotage.broken(bench))
        failed = compare(held(before), held(now)).failed
        yield Trial(
            name=type(sabotage).__name__,
            what=str(type(sabotage).__doc__),
            intact=intact_figures[sabotage.figure],
            broken=_figures(now)[sabotage.figure],
            failed=tuple(change.before.id for change in failed),
        )


def _figures(cases: Sequence[Case]) -> dict[str, Figure]:
    return {figure.name: figure for figure in measure_all(cases)}
