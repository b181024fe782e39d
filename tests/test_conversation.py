"""A follow-up carries on what it leaves out, in any language; a whole question stays as it is."""

from pathlib import Path

import pytest

from ingest.embed import Embedding
from ingest.library import Library
from rag.engine import Engine
from rag.evidence import EvidenceFinder
from rag.retrieve import Retriever
from rag.types import Turn
from tests.conftest import ingest

PRICES = """# Prices of the Brenner yard

## Kite 2

A hull wash for the Kite 2 costs 60 francs. A new sail for the Kite 2 costs 910 francs.

## Kite 7

A hull wash for the Kite 7 costs 85 francs. A new sail for the Kite 7 costs 1300 francs.
"""
BAHN = """Die Seilbahn

Die Fahrt auf den Hochkogel kostet 14 Euro. Die Fahrt auf den Sperberstein kostet 9 Euro.
"""


@pytest.fixture
def engine(library: Library, embedding: Embedding, tmp_path: Path) -> Engine:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "prices.md").write_text(PRICES)
    (folder / "bahn.txt").write_text(BAHN)
    ingest(library, embedding, folder)
    return Engine(library, embedding, Retriever(library), EvidenceFinder(library))


def history(*questions: str) -> list[Turn]:
    return [Turn(role="user", content=question) for question in questions]


@pytest.mark.parametrize(
    ("before", "question", "expected", "other"),
    [
        ("How much is a hull wash for the Kite 2?", "And a new sail?", "910", "1300"),
        ("How much is a hull wash for the Kite 2?", "And for the Kite 7?", "85", "60 francs"),
        ("Was kostet die Fahrt auf den Hochkogel?", "Und auf den Sperberstein?", "9 Euro", "14"),
    ],
)
def test_anchors_are_carried_on_and_replaced_by_their_kind(
    engine: Engine, before: str, question: str, expected: str, other: str
) -> None:
    answer = engine.ask(question, history(before))
    text = " ".join(statement.text for statement in answer.statements)
    assert expected in text
    assert other not in text
    assert answer.rewritten
    assert answer.rewritten.startswith(question)


def test_a_question_that_has_what_it_needs_stays_as_it_is(engine: Engine) -> None:
    question = "Was kostet die Fahrt auf den Sperberstein?"
    answer = engine.ask(question, history("How much is a new sail for the Kite 7?"))
    assert answer.rewritten is None
    assert "9 Euro" in answer.statements[0].text
