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
from evals.mark import Code, Finding, Mark, StatementMark, mark
from evals.system import Look, Reference, System
from rag.types import Answer, Generation, Turn


class Outcome(StrEnum):
    """What became of a case. Ungradable: the marking itself broke; the system is not to blame."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    UNGRADABLE = "ungradable"


class ExpectedQuote(BaseModel):
    """A known fact's quote, as the article has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    article_id: str
    text: str


class Case(BaseModel):
    """One question, its answer as every door gives it, and its marks.

    `retrieved` (best first) and `relevant` are passage ids; `history` is the conversation before.
    Of the `milliseconds`, so many were `replayed`: what recorded calls took when they were made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    file: str
    kind: Kind
    expect: Expectation
    question: str
    history: tuple[Turn, ...] = ()
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    answer: dict[str, Any] | None = None
    statements: tuple[StatementMark, ...] = ()
    expected: tuple[ExpectedQuote, ...] = ()
    retrieved: tuple[str, ...] = ()
    relevant: tuple[str, ...] = ()
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
    def status(self) -> str:
        """What the system did: answered, refused or failed."""
        return str(self.answer["status"]) if self.answer else "failed"

    @property
    def engine(self) -> str | None:
        """Whose words the answer has; None without one."""
        return str(self.answer["engine"]) if self.answer else None

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
    look: Look
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
            answer = reply.answer.model_dump(mode="json")
        except CannotRunError:
            raise
        except Exception as error:  # noqa: BLE001 an engine may raise anything
            return _broken(case, Outcome.ERROR, error)
        asked = case.model_copy(
            update={
                "history": reply.history,
                "answer": answer,
                "retrieved": tuple(passage.id for passage in reply.look.passages),
                "probability": reply.look.probability,
                "milliseconds": reply.milliseconds,
                "replayed": reply.replayed,
            }
        )
        try:
            marks = mark(fact, reply.answer, self.reference.articles)
        except Exception as error:  # noqa: BLE001 a marking that breaks must not end the run
            return _broken(asked, Outcome.UNGRADABLE, error)
        return _marked(asked, marks)

    def _ask(self, fact: Fact) -> _Reply:
        history: list[Turn] = []
        for turn in fact.turns[:-1]:
            said = " ".join(s.text for s in self.system.ask(turn, history).statements)
            history += [Turn(role="user", content=turn), Turn(role="assistant", content=said)]
        before, start = self.replayed(), time.perf_counter()
        answer = self.system.ask(fact.question, history)
        own = time.perf_counter() - start
        replayed = self.replayed() - before
        look = self.system.look(fact.question, history)
        milliseconds, recorded = round((own + replayed) * 1000, 2), round(replayed * 1000, 2)
        return _Reply(answer, look, tuple(history), milliseconds, recorded)

    def _blank(self, fact: Fact) -> Case:
        places = [place for quote in fact.quotes for place in quote.spans(self.reference.articles)]
        return Case(
            id=fact.id,
            file=self.file,
            kind=fact.kind,
            expect=fact.expect,
            question=fact.question,
            outcome=Outcome.UNGRADABLE,
            expected=tuple(
                ExpectedQuote(
                    article_id=article_id,
                    text=self.reference.articles[article_id].text[span.start : span.end],
                )
                for article_id, span in places
            ),
            relevant=tuple(
                passage.id
                for passage in self.reference.passages
                if any(
                    passage.article_id == article_id
                    and passage.start < span.end
                    and span.start < passage.end
                    for article_id, span in places
                )
            ),
        )


def _broken(case: Case, outcome: Outcome, error: Exception) -> Case:
    finding = Finding(code=Code.FAILED, text=f"{type(error).__name__}: {error}")
    return case.model_copy(update={"outcome": outcome, "findings": (finding,)})


def _marked(case: Case, marks: Mark) -> Case:
    outcome = Outcome.PASSED if marks.right else Outcome.FAILED
    return case.model_copy(
        update={
            "outcome": outcome,
            "findings": marks.findings,
            "statements": marks.statements,
        }
    )
