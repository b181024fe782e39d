"""A saved answer is checked again after its articles changed or went."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.embed import OnnxEmbedding
from ingest.errors import BadInputError
from ingest.library import Library
from rag.engine import Engine
from rag.evidence import EvidenceFinder
from rag.retrieve import Retriever
from rag.verify import Standing, read_answer, verify
from tests.conftest import ingest, run_ibid, start_server, stop_server

HARBOUR = "The harbour of Lindow reopened on Monday after nine months of repairs."
QUESTION = "When did the harbour of Lindow reopen?"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(HARBOUR)
    (folder / "bread.txt").write_text("The bakery of Lindow sells rye bread since the flood.")
    return folder


@pytest.fixture
def saved(library: Library, embedding: OnnxEmbedding, source: Path) -> dict[str, Any]:
    ingest(library, embedding, source)
    retriever = Retriever(library, embedding)
    engine = Engine(library, retriever, EvidenceFinder(library, embedding, retriever))
    answer: dict[str, Any] = json.loads(engine.ask(QUESTION).model_dump_json())
    assert answer["status"] == "answered"
    return answer


def test_an_answer_survives_being_saved(saved: dict[str, Any], library: Library) -> None:
    assert json.loads(read_answer(saved).model_dump_json()) == saved
    result = verify(read_answer(saved), library)
    assert result.holds
    assert {item.standing for item in result.citations} == {Standing.HOLDS}


@pytest.mark.parametrize(
    ("text", "standing", "still_said"),
    [
        (HARBOUR.replace("Monday", "Sunday"), Standing.CHANGED, False),
        (f"Harbour reopens\n\n{HARBOUR}", Standing.CHANGED, True),
        (None, Standing.GONE, False),
    ],
)
def test_changed_and_gone_articles_are_told(
    saved: dict[str, Any],
    library: Library,
    embedding: OnnxEmbedding,
    source: Path,
    text: str | None,
    standing: Standing,
    still_said: bool,
) -> None:
    if text is None:
        (source / "harbour.txt").unlink()
    else:
        (source / "harbour.txt").write_text(text)
    ingest(library, embedding, source)
    result = verify(read_answer(saved), library)
    assert not result.holds
    found = next(item for item in result.citations if item.article_id == "harbour")
    assert (found.standing, found.still_said) == (standing, still_said)
    assert not result.statements[0].verdict.supported


@pytest.mark.parametrize("field", ["quote", "text"])
def test_a_doctored_answer_does_not_hold(
    saved: dict[str, Any], library: Library, field: str
) -> None:
    doctored = copy.deepcopy(saved)
    part = doctored["citations"][0] if field == "quote" else doctored["statements"][0]
    part[field] = part[field].replace("nine", "eight")
    assert not verify(read_answer(doctored), library).holds


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"statements": [], "citations": [{}]}, {"statements": 1, "citations": []}],
)
def test_what_is_no_answer_says_so(data: object) -> None:
    with pytest.raises(BadInputError, match="no saved answer"):
        read_answer(data)


def test_the_command_verifies_with_and_without_a_server(tmp_path: Path, source: Path) -> None:
    folder, file = tmp_path / "library", tmp_path / "answer.json"
    assert run_ibid(folder, "ingest", str(source)).returncode == 0
    file.write_text(run_ibid(folder, "ask", "--json", QUESTION).stdout)
    done = run_ibid(folder, "verify", str(file))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Everything holds.")
    (source / "harbour.txt").unlink()
    server, _ = start_server(folder)
    try:
        assert run_ibid(folder, "ingest", str(source)).returncode == 0
        gone = run_ibid(folder, "verify", str(file))
        assert (gone.returncode, "harbour: article gone" in gone.stdout) == (1, True)
        file.write_text("{}")
        bad = run_ibid(folder, "verify", str(file))
        assert (bad.returncode, "no saved answer" in bad.stderr) == (2, True)
    finally:
        stop_server(server)
