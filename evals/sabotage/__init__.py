"""The evaluation, tested: every broken engine must turn the run red through its measure."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from evals.cases import library_of, load_cases
from evals.compare import Side, compare
from evals.facts import load_all
from evals.measures import measure_all
from evals.measures.figure import Figure
from evals.run import Case, run
from evals.sabotage.base import Ground, Sabotage
from evals.sabotage.citations import (
    CitationsDropped,
    CitationsSwapped,
    MadeUpArticle,
    NeedlessCitation,
    NumberAlteredInQuote,
    OffsetsShifted,
    StaleQuote,
    WrongArticle,
    WrongSource,
)
from evals.sabotage.engines import (
    AlwaysRefuses,
    AnchorDropped,
    AnotherQuestion,
    ArticleMissing,
    Crashes,
    HistoryIgnored,
    SaysNothing,
)
from evals.sabotage.statements import (
    AlwaysAnswers,
    EverythingQuoted,
    FocusElsewhere,
    NegationCut,
    NeighbourInstead,
    NeighbourShown,
    OneSideDropped,
    SpeakerDropped,
    StatementDoubled,
)
from evals.system import Reference
from ingest.settings import Settings
from rag.build import build

SABOTAGES: tuple[Sabotage, ...] = (
    OffsetsShifted(),
    NumberAlteredInQuote(),
    MadeUpArticle(),
    WrongArticle(),
    WrongSource(),
    StaleQuote(),
    CitationsSwapped(),
    CitationsDropped(),
    NeedlessCitation(),
    SpeakerDropped(),
    NegationCut(),
    NeighbourShown(),
    NeighbourInstead(),
    FocusElsewhere(),
    StatementDoubled(),
    EverythingQuoted(),
    OneSideDropped(),
    AlwaysAnswers(),
    AlwaysRefuses(),
    SaysNothing(),
    Crashes(),
    HistoryIgnored(),
    AnchorDropped(),
    AnotherQuestion(),
    ArticleMissing(),
)


class Trial(NamedTuple):
    """One sabotage: its figure, intact and broken, which cases were lost, and the gate's verdict.

    `changed` is whether any answer is another one than Ibid's.
    """

    name: str
    what: str
    figure: str
    intact: Figure | None
    broken: Figure | None
    failed: tuple[str, ...]
    regressed: bool
    changed: bool

    @property
    def tried(self) -> bool:
        """Whether these facts can show it: they have what it breaks and what it is measured by."""
        return self.changed and self.intact is not None and self.intact.value is not None

    @property
    def red(self) -> bool:
        """Whether the gate fails and the figure that is meant to catch it got worse."""
        if self.intact is None or self.broken is None:
            return False
        return self.regressed and self.broken.worse_than(self.intact)


@contextmanager
def open_grounds(
    settings: Settings, facts: Sequence[Path], cases: Sequence[Path]
) -> Iterator[list[Ground]]:
    """Open the library that facts are put to, and one with the files of all cases of each file."""
    with ExitStack() as stack:
        ibid = stack.enter_context(build(settings, "ibid eval sabotage"))
        loaded = load_all(facts, Reference.of(ibid.library).articles)
        grounds = [Ground.of({path.stem: items for path, items in loaded.items()}, ibid)]
        for path, items in load_cases(cases).items():
            own = stack.enter_context(library_of(items, settings))
            asked = [fact for case in items for fact in case.facts()]
            grounds.append(Ground.of({path.stem: asked}, own))
        yield grounds


def run_sabotages(
    grounds: Sequence[Ground], sabotages: Sequence[Sabotage] = SABOTAGES
) -> Iterator[Trial]:
    """Put every ground to Ibid, then to each broken engine, and compare as the gate does."""
    whole = _asked(grounds, None)
    before = Side.of(whole, measure_all(whole))
    for sabotage in sabotages:
        cases = _asked(grounds, sabotage)
        now = Side.of(cases, measure_all(cases))
        comparison = compare(before, now)
        yield Trial(
            name=type(sabotage).__name__,
            what=str(type(sabotage).__doc__),
            figure=sabotage.figure,
            intact=before.figures.get(sabotage.figure),
            broken=now.figures.get(sabotage.figure),
            failed=tuple(change.before.id for change in comparison.failed),
            regressed=comparison.regressed,
            changed=list(map(_given, cases)) != list(map(_given, whole)),
        )


def _asked(grounds: Sequence[Ground], sabotage: Sabotage | None) -> list[Case]:
    """Return the cases of Ibid, or of Ibid broken in one way."""
    cases: list[Case] = []
    for ground in grounds:
        system = sabotage.broken(ground) if sabotage else ground.recorded
        for name, facts in ground.facts.items():
            cases += run(facts, name, system, ground.reference)
    return cases


def _given(case: Case) -> tuple[object, ...]:
    """Return what came from the engine, its times aside."""
    answer = {name: value for name, value in (case.answer or {}).items() if name != "timings_ms"}
    return answer, case.passages, case.units
