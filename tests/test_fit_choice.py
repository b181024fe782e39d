"""The strength of a language model, from what it chose: the better it is, the stronger."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evals.bench.fit_choice import Replies, Row, choice_strength, decline_strength, report
from rag.choose import Chooser
from tests.scripted_model import ScriptedModel

pytestmark = pytest.mark.slow

Chooses = Callable[[int, random.Random], tuple[int, ...]]


def rows(chooses: Chooses, declines: Sequence[float] = (0.0, 0.0), count: int = 160) -> list[Row]:
    """Return questions whose right unit scores somewhat higher, and a model's choices."""
    chance = random.Random(7)  # noqa: S311
    made = []
    for number in range(count):
        right = chance.randrange(6)
        scores = tuple(chance.gauss(1.0 if n == right else 0.0, 1.0) for n in range(6))
        answerable = number % 4 > 0
        declined = chance.random() < declines[answerable]
        numbers = () if declined else chooses(right + 1, chance)
        flags = tuple(answerable and n == right for n in range(6))
        made.append(Row("made", str(number), answerable, scores, flags, numbers, declined, None))
    return made


def always(right: int, _: random.Random) -> tuple[int, ...]:
    return (right,)


def half(right: int, chance: random.Random) -> tuple[int, ...]:
    return (right if chance.random() < 0.5 else chance.randrange(1, 7),)


def blindly(_: int, chance: random.Random) -> tuple[int, ...]:
    return (chance.randrange(1, 7),)


def test_the_better_a_model_chooses_the_more_it_moves() -> None:
    blind, weak, strong = (choice_strength(rows(chooses)) for chooses in (blindly, half, always))
    assert 0 <= blind < 0.4 < weak < strong
    assert choice_strength([]) == 0


def test_a_decline_counts_as_far_as_it_tells_questions_apart() -> None:
    assert decline_strength(rows(always, (0.5, 0.5))) < 0.3
    assert decline_strength(rows(always, (0.9, 0.02))) > 2
    assert decline_strength(rows(always, (0.1, 0.6))) == 0


def test_fused_is_no_worse_than_the_better_of_both() -> None:
    figures = report(rows(half))["made"]
    assert figures["fused_first"] >= max(figures["engine_first"], figures["model_first"]) - 0.03
    assert figures["right_unit_among"] == 120


def test_a_model_is_asked_once(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _: ["2: b"])
    path = tmp_path / "replies.jsonl"
    first = Replies(path, Chooser(model)).choice("Which?", ["a", "b"])
    again = Replies(path, Chooser(model)).choice("Which?", ["a", "b"])
    assert first.numbers == again.numbers == (2,)
    assert len(model.asked) == 1
