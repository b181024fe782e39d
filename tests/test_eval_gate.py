"""Runs on disk, the baseline and the gate, through the command that users run."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from evals import cli
from evals.compare import GATED, Held, Side, compare
from evals.errors import CannotRunError
from evals.measures.figure import Figure
from evals.run import Outcome
from evals.saved import load
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
CASES = """\
- id: orders
  files:
  - name: orders.txt
    text: "Orders\\n\\nOrder 4711 holds twelve brass valves. Order 4712 holds nine flanges.\\n"
  ask:
  - {q: "What does order 4711 hold?", all: [brass valves]}
- id: harbour
  files:
  - {name: harbour.txt, text: "The harbour of Port Alder was dredged in 1974.\\n"}
  ask:
  - {q: "When was the harbour of Port Alder dredged?", all: ["1974"]}
  - before: ["When was the harbour of Port Alder dredged?"]
    q: "Who discovered the moons of Mars?"
    expect: refuse
"""


@pytest.fixture(scope="module")
def library_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("valley")
    (folder / "valley.txt").write_text(ARTICLE, "utf-8")
    with build(settings_for(folder / "library")) as ibid:
        ingest(ibid.library, ibid.embedding, folder / "valley.txt")
    return folder / "library"


@pytest.fixture
def facts(tmp_path: Path, library_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IBID_LIBRARY", str(library_folder))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "valley.yaml"
    path.write_text(FACTS, "utf-8")
    return path


@pytest.fixture
def blessed(facts: Path) -> Path:
    """The facts, with the baseline of a first run."""
    ibid_eval("--facts", facts)
    done = ibid_eval("bless")
    assert done.exit_code == 0, done.output
    return facts


def ibid_eval(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def baseline(facts: Path) -> Path:
    return facts.parent / "baseline" / "valley.jsonl"


def outcomes(path: Path) -> dict[str, str]:
    lines = path.read_text("utf-8").splitlines()
    return {item["id"]: item["outcome"] for item in map(json.loads, lines)}


def test_from_no_baseline_to_a_held_gate(facts: Path) -> None:
    first = ibid_eval("--facts", facts)
    assert first.exit_code == 0, first.output
    assert "has no baseline to hold" in first.output
    assert ibid_eval("bless").exit_code == 0
    assert outcomes(baseline(facts)) == {"B-1": "passed", "B-2": "passed", "B-3": "failed"}
    before = {path: path.read_bytes() for path in baseline(facts).parent.iterdir()}
    again = ibid_eval("--facts", facts, "--jobs", 2, "--junit", "junit.xml")
    assert again.exit_code == 0, again.output
    assert "2 held, 0 fail -> pass, 0 pass -> fail" in again.output
    suite = ElementTree.parse("junit.xml").getroot()  # noqa: S314 our own file
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    assert ibid_eval("report").exit_code == ibid_eval("compare", "out/eval", "out/eval").exit_code
    assert {path: path.read_bytes() for path in baseline(facts).parent.iterdir()} == before


def test_a_lost_case_is_shown_and_fails_the_gate(blessed: Path) -> None:
    path = baseline(blessed)
    path.write_text(path.read_text().replace('"failed"', '"passed"', 1), "utf-8")
    lost = ibid_eval("--facts", blessed, "--junit", "junit.xml")
    assert lost.exit_code == 1
    assert "pass -> fail: B-3" in lost.output
    suite = ElementTree.parse("junit.xml").getroot()  # noqa: S314 our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "0")
    (failure,) = suite.findall("testcase[@name='B-3']/failure")
    assert "lacks_answer" in str(failure.get("message"))
    assert "Before" in str(failure.text)


def test_a_figure_that_fell_fails_the_gate(blessed: Path) -> None:
    path = baseline(blessed).parent / "history.jsonl"
    line = json.loads(path.read_text("utf-8"))
    words = next(figure for figure in line["figures"] if figure["name"] == "answer_words")
    words["value"] = 1.0
    path.write_text(json.dumps(line) + "\n", "utf-8")
    fell = ibid_eval("--facts", blessed, "--junit", "junit.xml")
    assert fell.exit_code == 1
    assert "answer_words fell from 1.000 to" in fell.output
    suite = ElementTree.parse("junit.xml").getroot()  # noqa: S314 our own file
    assert suite.findall("testcase[@name='answer_words']/failure")


def test_a_missing_case_fails_the_gate(blessed: Path) -> None:
    blessed.write_text(FACTS[FACTS.index("- id: B-2") :], "utf-8")
    missing = ibid_eval("--facts", blessed)
    assert missing.exit_code == 1
    assert "missing: B-1" in missing.output


def test_only_what_was_asked_is_blessed(facts: Path) -> None:
    ibid_eval("--facts", facts)
    facts.write_text(FACTS.replace("opened?", "opened, and by whom?"), "utf-8")
    error = ibid_eval("bless").exception
    assert isinstance(error, CannotRunError)
    assert "is not as it was in this run" in str(error)
    assert not baseline(facts).exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--facts", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["cases", "nowhere.yaml"], "nowhere.yaml cannot be read"),
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


def test_a_library_that_the_facts_do_not_fit_cannot_run(
    facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBID_LIBRARY", str(facts.parent / "empty"))
    error = ibid_eval("--facts", facts).exception
    assert isinstance(error, CannotRunError)
    assert "the library holds: none" in str(error)


def test_a_run_is_read_back_and_two_are_compared(facts: Path) -> None:
    ibid_eval("--facts", facts, "--out", "a")
    run = load(Path("a"))
    assert (run.summary.cases, run.summary.right) == (3, 2)
    assert (run.summary.fingerprint.articles, run.summary.fingerprint.engine) == (1, "extractive")
    assert not {"api_keys", "llm_key"} & run.summary.fingerprint.settings.keys()
    case = run.cases[0]
    assert case.answer is not None
    assert case.answer["citations"][0]["article_id"] == "valley"
    assert (case.units.wanted, case.first_right) == (("valley:0",), True)
    assert case.passages.rank == 1
    text = Path("a/cases.jsonl").read_text()
    Path("b").mkdir()
    Path("b/cases.jsonl").write_text(text.replace('"passed"', '"failed"', 1))
    Path("b/summary.json").write_text(Path("a/summary.json").read_text())
    worse, better = ibid_eval("compare", "a", "b"), ibid_eval("compare", "b", "a")
    assert (worse.exit_code, better.exit_code) == (1, 0)
    assert "pass -> fail: B-1" in worse.output
    assert "fail -> pass: B-1" in better.output


@pytest.mark.parametrize("together", [False, True])
def test_cases_are_asked_of_their_own_files(facts: Path, together: bool) -> None:
    (facts.parent / "mine.yaml").write_text(CASES, "utf-8")
    arguments = ["cases", "mine.yaml", *(["--together"] if together else [])]
    folder, name = ("cases-together", "mine-together") if together else ("cases", "mine")
    first = ibid_eval(*arguments)
    assert first.exit_code == 0, first.output
    assert "1 of 1" in first.output
    run = load(Path("out/eval") / folder)
    assert [case.id for case in run.cases] == ["orders-1", "harbour-1", "harbour-2"]
    assert {case.file for case in run.cases} == {name}
    assert run.summary.fingerprint.articles == 2
    assert "1974" in run.cases[2].history[1].content
    assert ibid_eval("bless", f"out/eval/{folder}").exit_code == 0
    marks = baseline(facts).parent / f"{name}.jsonl"
    assert outcomes(marks).keys() == {"orders-1", "harbour-1", "harbour-2"}
    marks.write_text(marks.read_text().replace('"orders-1"', '"orders-0"'), "utf-8")
    lost = ibid_eval(*arguments)
    assert lost.exit_code == 1
    assert "missing: orders-0" in lost.output


@pytest.mark.parametrize(("command", "where"), [([], "FACTS"), (["cases"], "CASES")])
def test_ibids_own_files_need_their_baseline(
    facts: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], where: str
) -> None:
    monkeypatch.setattr(cli, where, facts.parent)
    error = ibid_eval(*command).exception
    assert isinstance(error, CannotRunError)
    assert "has no baseline" in str(error)


def side(outcomes: dict[str, str], **figures: float) -> Side:
    held = {
        name: Held(id=name, outcome=Outcome(outcome), text="", sources=(), findings=())
        for name, outcome in outcomes.items()
    }
    lower = {"answer_words": "words"}
    made: dict[str, Any] = {
        name: Figure(name=name, value=value, count=9, unit=lower.get(name, ""),
                     better="lower" if name in lower or name == "wrong_declines" else "higher")
        for name, value in figures.items()
    }  # fmt: skip
    return Side(held, made)


def test_comparison_case_by_case() -> None:
    before = {"a": "passed", "b": "passed", "c": "failed", "d": "error", "e": "passed"}
    now = {"a": "passed", "b": "ungradable", "c": "passed", "d": "failed", "f": "failed"}
    found = compare(side(before), side(now))
    assert [change.before.id for change in found.failed] == ["b", "e"]
    assert [change.before.id for change in found.passed] == ["c"]
    assert (found.missing, found.new, found.held) == (("e",), ("f",), 1)
    assert found.regressed


def test_gated_figures_may_not_fall_by_more_than_the_margin() -> None:
    def fallen(before: dict[str, float], now: dict[str, float]) -> list[str]:
        return [fall.now.name for fall in compare(side({}, **before), side({}, **now)).fallen]

    before = {"precision": 0.65, "answer_words": 60.0, "wrong_declines": 0.02, "correctness": 0.9}
    assert fallen(before, before) == []
    assert fallen(before, {**before, "precision": 0.64, "answer_words": 61.0}) == []
    worse = {"precision": 0.6, "answer_words": 70.0, "wrong_declines": 0.1, "correctness": 0.5}
    assert fallen(before, worse) == ["precision", "answer_words", "wrong_declines"]
    better = {"precision": 0.8, "answer_words": 30.0, "wrong_declines": 0.0}
    assert fallen(before, better) == []
    assert {"precision", "first_right", "focus_right"} <= set(GATED)


def test_a_damaged_baseline_cannot_run(blessed: Path) -> None:
    baseline(blessed).write_text("{}\n", "utf-8")
    error = ibid_eval("--facts", blessed).exception
    assert isinstance(error, CannotRunError)
    assert "valley.jsonl:1 cannot be used" in str(error)
