"""Runs on disk, the baseline and the gate, through the command that users run."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from evals import cli
from evals.compare import Held, compare
from evals.errors import CannotRunError
from evals.run import Outcome
from evals.saved import load
from ingest.embed import OnnxEmbedding
from rag.build import build
from tests.conftest import ingest, settings_for

ARTICLE = """\
Bridges of the valley

The stone bridge of Alden was opened in 1901. It has twelve arches and carries one road.

The mayor, Ann Lee, said that the wooden bridge of Barrow will be closed in 2030.
"""
FACTS = """\
- id: B-1
  kind: single_fact
  fact: opened
  expect: answer
  question: When was the stone bridge of Alden opened?
  answers: ['1901']
  sources: {any_of: [valley]}
  quotes:
  - {file: valley, text: The stone bridge of Alden was opened in 1901.}
- id: B-2
  kind: single_fact
  fact: closed
  expect: answer
  question: When will the wooden bridge of Barrow be closed?
  answers: ['2030']
  sources: {any_of: [valley]}
  quotes:
  - {file: valley, text: the wooden bridge of Barrow will be closed in 2030}
- id: B-3
  kind: single_fact
  fact: wrong
  expect: answer
  question: When was the stone bridge of Alden opened?
  answers: ['twelve arches', '2030']
  sources: {any_of: [valley]}
  quotes:
  - {file: valley, text: It has twelve arches and carries one road.}
  - {file: valley, text: the wooden bridge of Barrow will be closed in 2030}
"""


@pytest.fixture(scope="module")
def library_folder(tmp_path_factory: pytest.TempPathFactory, embedding: OnnxEmbedding) -> Path:
    folder = tmp_path_factory.mktemp("valley")
    (folder / "valley.txt").write_text(ARTICLE, "utf-8")
    with build(settings_for(folder / "library")) as ibid:
        ingest(ibid.library, embedding, folder / "valley.txt")
    return folder / "library"


@pytest.fixture
def facts(tmp_path: Path, library_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IBID_LIBRARY", str(library_folder))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "valley.yaml"
    path.write_text(FACTS, "utf-8")
    return path


def ibid_eval(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def baseline(facts: Path) -> Path:
    return facts.parent / "baseline" / "valley.jsonl"


def test_from_no_baseline_to_a_held_gate(facts: Path) -> None:
    first = ibid_eval("--facts", facts)
    assert first.exit_code == 0, first.output
    assert "has no baseline to hold" in first.output
    blessed = ibid_eval("bless")
    assert blessed.exit_code == 0
    marks = [json.loads(line) for line in baseline(facts).read_text().splitlines()]
    assert {item["id"]: item["outcome"] for item in marks} == {
        "B-1": "passed",
        "B-2": "passed",
        "B-3": "failed",
    }
    again = ibid_eval("--facts", facts, "--jobs", 2)
    assert again.exit_code == 0
    assert "2 held, 0 fail -> pass, 0 pass -> fail" in again.output


def test_a_lost_case_is_shown_and_fails_the_gate(facts: Path) -> None:
    ibid_eval("--facts", facts)
    ibid_eval("bless")
    path = baseline(facts)
    path.write_text(path.read_text().replace('"failed"', '"passed"', 1), "utf-8")
    lost = ibid_eval("--facts", facts, "--junit", facts.parent / "junit.xml")
    assert lost.exit_code == 1
    assert "pass -> fail: B-3" in lost.output
    suite = ElementTree.parse("junit.xml").getroot()  # noqa: S314 our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "0")
    (failure,) = suite.findall("testcase[@name='B-3']/failure")
    assert "lacks_answer" in str(failure.get("message"))
    assert failure.text
    assert "Before" in failure.text


def test_a_case_wrong_in_the_baseline_too_is_skipped_not_failed(facts: Path) -> None:
    ibid_eval("--facts", facts)
    ibid_eval("bless")
    assert ibid_eval("--facts", facts, "--junit", "junit.xml").exit_code == 0
    suite = ElementTree.parse("junit.xml").getroot()  # noqa: S314 our own file
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")


def test_a_missing_case_fails_the_gate(facts: Path) -> None:
    ibid_eval("--facts", facts)
    ibid_eval("bless")
    facts.write_text(FACTS[FACTS.index("- id: B-2") :], "utf-8")
    missing = ibid_eval("--facts", facts)
    assert missing.exit_code == 1
    assert "missing: B-1" in missing.output


def test_only_the_facts_of_the_run_are_blessed(facts: Path) -> None:
    ibid_eval("--facts", facts)
    facts.write_text(FACTS.replace("opened?", "opened, and by whom?"), "utf-8")
    stale = ibid_eval("bless")
    assert isinstance(stale.exception, CannotRunError)
    assert "is not as it was in this run" in str(stale.exception)
    assert not baseline(facts).exists()


def test_an_evaluation_alone_moves_no_baseline(facts: Path) -> None:
    ibid_eval("--facts", facts)
    ibid_eval("bless")
    before = {path: path.read_bytes() for path in baseline(facts).parent.iterdir()}
    ibid_eval("--facts", facts)
    ibid_eval("compare", "out/eval", "out/eval")
    ibid_eval("report")
    assert {path: path.read_bytes() for path in baseline(facts).parent.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--facts", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["compare", "one", "two"], "summary.json cannot be read"),
        (["bless", "nowhere"], "Give the folder that 'ibid eval --out' wrote"),
        (["report", "nowhere"], "summary.json cannot be read"),
    ],
)
def test_what_cannot_run_is_neither_held_nor_regressed(
    facts: Path,  # noqa: ARG001 sets the library and the folder
    arguments: list[str],
    reason: str,
) -> None:
    error = ibid_eval(*arguments).exception
    assert isinstance(error, CannotRunError)
    assert error.exit_code == 2
    assert reason in str(error)


def test_a_wrong_facts_file_and_a_missing_library_cannot_run(
    facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts.write_text(FACTS.replace("'1901'", "'1902'"), "utf-8")
    assert isinstance(ibid_eval("--facts", facts).exception, CannotRunError)
    monkeypatch.setenv("IBID_LIBRARY", str(facts.parent / "empty"))
    empty = ibid_eval("--facts", facts)
    assert isinstance(empty.exception, CannotRunError)
    assert "the library holds: none" in str(empty.exception)


def test_a_run_is_read_back_as_it_was_and_says_what_it_measured(facts: Path) -> None:
    ibid_eval("--facts", facts, "--out", "a")
    run = load(Path("a"))
    assert (run.summary.cases, run.summary.right) == (3, 2)
    assert run.summary.fingerprint.articles == 1
    assert run.summary.fingerprint.facts.keys() == {"valley"}
    assert "api_keys" not in run.summary.fingerprint.settings
    case = run.cases[0]
    assert case.answer is not None
    assert case.answer["citations"][0]["article_id"] == "valley"
    assert case.expected[0].text == "The stone bridge of Alden was opened in 1901."
    assert case.relevant
    assert case.relevant[0] in case.retrieved


def test_two_saved_runs_are_compared(facts: Path) -> None:
    ibid_eval("--facts", facts, "--out", "a")
    text = Path("a/cases.jsonl").read_text()
    Path("b").mkdir()
    Path("b/cases.jsonl").write_text(text.replace('"passed"', '"failed"', 1))
    Path("b/summary.json").write_text(Path("a/summary.json").read_text())
    worse, better = ibid_eval("compare", "a", "b"), ibid_eval("compare", "b", "a")
    assert (worse.exit_code, better.exit_code) == (1, 0)
    assert "pass -> fail: B-1" in worse.output
    assert "fail -> pass: B-1" in better.output


def test_ibids_own_facts_need_their_baseline(facts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "FACTS", facts.parent)
    error = ibid_eval().exception
    assert isinstance(error, CannotRunError)
    assert "has no baseline" in str(error)


def item(name: str, outcome: Outcome) -> Held:
    return Held(id=name, outcome=outcome, text="", sources=(), findings=())


def test_comparison_case_by_case() -> None:
    order = {"a": "passed", "b": "passed", "c": "failed", "d": "error", "e": "passed"}
    before = {name: item(name, Outcome(outcome)) for name, outcome in order.items()}
    later = {"a": "passed", "b": "ungradable", "c": "passed", "d": "failed", "f": "failed"}
    now = {name: item(name, Outcome(outcome)) for name, outcome in later.items()}
    found = compare(before, now)
    assert [change.before.id for change in found.failed] == ["b", "e"]
    assert [change.before.id for change in found.passed] == ["c"]
    assert (found.missing, found.new, found.held) == (("e",), ("f",), 1)


def test_a_damaged_baseline_cannot_run(facts: Path) -> None:
    ibid_eval("--facts", facts)
    ibid_eval("bless")
    baseline(facts).write_text("{}\n", "utf-8")
    error = ibid_eval("--facts", facts).exception
    assert isinstance(error, CannotRunError)
    assert "valley.jsonl:1 cannot be used" in str(error)
