"""Ask every known fact and mark the answers; compare the marks with the baseline case by case."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from evals.facts import Expectation, Fact
from ingest.errors import BadInputError
from ingest.library import Library
from rag.engine import Engine
from rag.types import Answer, Turn
from rag.verdict import judge


class Case(BaseModel):
    """One question's answer and mark; `reasons` say why it is not right."""

    id: str
    kind: str
    right: bool
    reasons: list[str]
    answer: Answer


def run(facts: Sequence[Fact], engine: Engine, library: Library) -> list[Case]:
    """Ask and mark every fact."""
    return [mark(fact, _ask(fact, engine), library) for fact in facts]


def _ask(fact: Fact, engine: Engine) -> Answer:
    history: list[Turn] = []
    for turn in fact.turns[:-1]:
        said = " ".join(statement.text for statement in engine.ask(turn, history).statements)
        history += [Turn(role="user", content=turn), Turn(role="assistant", content=said)]
    return engine.ask(fact.question, history)


def mark(fact: Fact, answer: Answer, library: Library) -> Case:
    """Return an answer's mark: right when nothing speaks against it."""
    reasons = [*_unsupported(answer, library), *_expectation(fact, answer)]
    return Case(id=fact.id, kind=fact.kind, right=not reasons, reasons=reasons, answer=answer)


def _unsupported(answer: Answer, library: Library) -> list[str]:
    reasons: list[str] = []
    for statement in answer.statements:
        articles = {item.article_id: library.article(item.article_id) for item in answer.citations}
        verdict = judge(statement.text, statement.citations, articles)
        reasons += [f"unsupported: {reason}" for reason in verdict.reasons]
    return reasons


def _expectation(fact: Fact, answer: Answer) -> list[str]:
    refused = answer.status == "refused"
    if fact.expect is Expectation.ABSTAIN:
        return [] if refused else ["it should have refused"]
    if refused:
        correct = fact.expect is Expectation.ABSTAIN_OR_CORRECT
        return [] if correct else ["it should have answered"]
    reasons: list[str] = []
    if not fact.matches(" ".join(statement.text for statement in answer.statements)):
        reasons.append("the statements lack an answer group")
    if not fact.sources.satisfied_by({item.article_id for item in answer.citations}):
        reasons.append("the citations lack a source")
    return reasons


def summary(cases: Sequence[Case]) -> str:
    """Return how many are right, by kind and in all."""
    right = Counter(case.kind for case in cases if case.right)
    total = Counter(case.kind for case in cases)
    lines = [f"{kind:20} {right[kind]:3} of {count:3}" for kind, count in total.items()]
    return "\n".join([*lines, f"{'all':20} {right.total():3} of {total.total():3}"])


class Comparison(BaseModel):
    """What changed against the baseline; a missing case counts as a failure."""

    failed: list[str]
    passed: list[str]


def compare(cases: Sequence[Case], baseline: Path) -> Comparison:
    """Compare marks with the committed ones."""
    try:
        before = json.loads(baseline.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInputError(f"The baseline {baseline} cannot be read: {error}") from None
    now = {case.id: case.right for case in cases}
    return Comparison(
        failed=[name for name, right in before.items() if right and not now.get(name, False)],
        passed=[name for name, right in now.items() if right and not before.get(name, False)],
    )


def bless(cases: Sequence[Case], baseline: Path) -> None:
    """Make these marks the baseline."""
    marks = {case.id: case.right for case in sorted(cases, key=lambda case: case.id)}
    baseline.write_text(json.dumps(marks, indent=1) + "\n", "utf-8")


def texts_of(library: Library) -> dict[str, str]:
    """Return every article's text by id, for checking facts."""
    return {entry.id: library.article(entry.id).text for entry in library.catalogue()}
