"""Ask every known fact and mark the answers: one case each."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.errors import CannotRunError
from evals.facts import Expectation, Fact, Kind
from evals.mark import Code, Finding, StatementMark, mark
from evals.system import Reference, System, unit_id
from rag.engine import Trace
from rag.types import Answer, Generation, Turn

DEPTH = 24
"""How many of the best passages, and units, a case keeps."""


class Outcome(StrEnum):
    """What became of a case. Ungradable: the marking itself broke; the system is not to blame."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    UNGRADABLE = "ungradable"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExpectedQuote(_Part):
    """A known fact's quote, as the article has it."""

    article_id: str
    text: str


class Ranking(_Part):
    """What was found, best first, and what should be: those that hold a part of a quote."""

    found: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()

    @property
    def rank(self) -> int | None:
        """The rank, from 1, of the first that should be found."""
        return next((n for n, name in enumerate(self.found, 1) if name in self.wanted), None)


class Case(_Part):
    """One question, its answer as every door gives it, and its marks.

    `history` is the conversation before, `answers` the groups of which each must be matched. Of the
    `milliseconds`, so many were `replayed`: what recorded calls took when they were made.
    """

    id: str
    file: str
    kind: Kind
    expect: Expectation
    question: str
    history: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ()
    expected: tuple[ExpectedQuote, ...] = ()
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    answer: dict[str, Any] | None = None
    statements: tuple[StatementMark, ...] = ()
    first_right: bool | None = None
    focus_right: bool | None = None
    passages: Ranking = Ranking()
    units: Ranking = Ranking()
    probability: float | None = None
    milliseconds: float | None = None
    replayed: float = 0

    @property
    def right(self) -> bool:
        """Whether nothing speaks against the answer."""
        return self.outcome is Outcome.PASSED

    @property
    def graded(self) -> bool:
        """Whether the case counts in the measures."""
        return self.outcome is not Outcome.UNGRADABLE

    @property
    def to_be_answered(self) -> bool:
        """Whether the articles answer the question."""
        return self.expect in (Expectation.ANSWER, Expectation.SHOW_BOTH)

    @property
    def status(self) -> str:
        """What the system did: answered, refused or failed."""
        return str(self.answer["status"]) if self.answer else "failed"

    @property
    def generation(self) -> Generation | None:
        """What a language model was asked for the answer; None where none was."""
        made = self.answer.get("generation") if self.answer else None
        return Generation.model_validate(made) if made else None

    @property
    def text(self) -> str:
        """The statements' words, or those of the refusal."""
        if not self.answer:
            return ""
        stated = "\n".join(statement["text"] for statement in self.answer["statements"])
        refusal = self.answer["refusal"]
        return stated or (f"({refusal['reason']}) {refusal['message']}" if refusal else "")


Replayed = Callable[[], float]
"""Tells how many seconds the calls replayed in this thread took when they were made."""


def none_replayed() -> float:
    """Return 0: a system without recorded calls."""
    return 0.0


def run(
    facts: Sequence[Fact],
    file: str,
    system: System,
    reference: Reference,
    jobs: int = 1,
    replayed: Replayed = none_replayed,
) -> Iterator[Case]:
    """Ask and mark every fact, in their order; `jobs` are asked at the same time."""
    examiner = Examiner(file, system, reference, replayed)
    if jobs == 1:
        yield from map(examiner.examine, facts)
        return
    with ThreadPoolExecutor(jobs, thread_name_prefix="eval") as pool:
        yield from pool.map(examiner.examine, facts)


@dataclass(frozen=True)
class _Reply:
    answer: Answer
    trace: Trace
    history: tuple[Turn, ...]
    milliseconds: float
    replayed: float


@dataclass(frozen=True)
class Examiner:
    """Puts the facts of one file to a system."""

    file: str
    system: System
    reference: Reference
    replayed: Replayed = none_replayed

    def examine(self, fact: Fact) -> Case:
        """Ask one fact and mark the answer; whatever the system raises fails this case only.

        Raises:
            CannotRunError: the evaluation cannot go on, which is no fault of the system.
        """
        case = self._blank(fact)
        try:
            reply = self._ask(fact)
            asked = _answered(case, reply)
        except CannotRunError:
            raise
        except Exception as error:  # noqa: BLE001 an engine may raise anything
            return _broken(case, Outcome.ERROR, error)
        try:
            marks = mark(fact, reply.answer, self.reference.articles)
        except Exception as error:  # noqa: BLE001 a marking that breaks must not end the run
            return _broken(asked, Outcome.UNGRADABLE, error)
        outcome = Outcome.PASSED if marks.right else Outcome.FAILED
        return asked.model_copy(update={"outcome": outcome, **dict(marks)})

    def _ask(self, fact: Fact) -> _Reply:
        history: list[Turn] = []
        for turn in fact.turns[:-1]:
            answer, _ = self.system.traced(turn, history)
            said = " ".join(statement.text for statement in answer.statements)
            history += [Turn(role="user", content=turn), Turn(role="assistant", content=said)]
        before, start = self.replayed(), time.perf_counter()
        answer, trace = self.system.traced(fact.question, history)
        own = time.perf_counter() - start
        replayed = self.replayed() - before
        milliseconds, recorded = round((own + replayed) * 1000, 2), round(replayed * 1000, 2)
        return _Reply(answer, trace, tuple(history), milliseconds, recorded)

    def _blank(self, fact: Fact) -> Case:
        articles = self.reference.articles
        places = fact.places(articles)
        return Case(
            id=fact.id,
            file=self.file,
            kind=fact.kind,
            expect=fact.expect,
            question=fact.question,
            answers=fact.answers,
            outcome=Outcome.UNGRADABLE,
            expected=tuple(
                ExpectedQuote(article_id=name, text=articles[name].text[span.start : span.end])
                for name, span in places
            ),
            passages=Ranking(wanted=tuple(self.reference.passages_at(places))),
            units=Ranking(wanted=tuple(self.reference.units_at(places))),
        )


def _answered(case: Case, reply: _Reply) -> Case:
    passages = [item.passage.id for item in reply.trace.passages[:DEPTH]]
    units = [unit_id(item.article, item.number) for item in reply.trace.evidence[:DEPTH]]
    return case.model_copy(
        update={
            "history": reply.history,
            "answer": reply.answer.model_dump(mode="json"),
            "passages": case.passages.model_copy(update={"found": tuple(passages)}),
            "units": case.units.model_copy(update={"found": tuple(units)}),
            "probability": reply.trace.probability,
            "milliseconds": reply.milliseconds,
            "replayed": reply.replayed,
        }
    )


def _broken(case: Case, outcome: Outcome, error: Exception) -> Case:
    finding = Finding(code=Code.FAILED, text=f"{type(error).__name__}: {error}")
    return case.model_copy(update={"outcome": outcome, "findings": (finding,)})
