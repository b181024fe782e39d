"""Several engines: a scripted language model chooses, its calls are recorded, tables compare it."""

import re
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from evals import cli
from evals.engines import contender, engine_name, folder_name, run_folders
from evals.errors import CannotRunError
from evals.evaluate import evaluate
from evals.fingerprint import Fingerprint
from evals.measures.figure import Figure
from evals.saved import Run, load
from evals.table import engine_table
from ingest.errors import BadInputError
from ingest.settings import Settings
from rag.build import build
from rag.llm import load_model
from rag.model import LanguageModel, Message, Usage
from tests.conftest import ingest, settings_for
from tests.test_eval_gate import ARTICLE
from tests.test_eval_report import made

__all__ = ["made"]

ENGINE = "openai:scripted"
FACTS = """\
- id: E-1
  kind: single_fact
  fact: opened
  expect: answer
  question: When was the stone bridge of Alden opened?
  answers: ['1901']
  sources: {any_of: [valley]}
  quotes:
  - {file: valley, text: The stone bridge of Alden was opened in 1901.}
- id: E-2
  kind: out_of_scope
  fact: recipe
  expect: abstain
  question: How is onion soup cooked?
"""


class ChoosesTheFirst:
    """Answers every call with the number of the first unit."""

    context = 8192

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = 0

    def count(self, text: str) -> int:
        return 2 * len(text)  # unlike Ibid's own count

    def stream(self, messages: Sequence[Message], *_: Any) -> Generator[str | Usage, None, None]:
        self.calls += 1
        yield "1"
        yield ""
        yield Usage(sum(len(message.content) for message in messages) // 4, 1)


def no_key(spec: str, settings: Settings) -> LanguageModel:  # noqa: ARG001 as load_model
    raise BadInputError(f"IBID_LLM={spec} needs a key.")


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
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "valley.yaml"
    path.write_text(FACTS, "utf-8")
    return path


def asked(facts: Path, library: Path, load: Any, jobs: int = 1, **settings: Any) -> Run:
    """Put the facts to the scripted engine, its calls recorded in ./calls."""
    with build(settings_for(library, **settings)) as ibid:
        one = contender(ibid, ENGINE, Path("calls"), load)
        return evaluate(one.ibid, [facts], one.name, jobs, replayed=one.replayed)


def ibid_eval(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def marks(run: Run) -> list[Any]:
    """What must be the same whenever the run is repeated."""
    found = [case.model_dump(exclude={"milliseconds", "replayed"}) for case in run.cases]
    for case in found:
        (case["answer"] or {}).pop("timings_ms", None)
    return found


def test_a_run_is_repeated_without_the_model(facts: Path, library_folder: Path) -> None:
    model = ChoosesTheFirst(ENGINE)
    price: dict[str, Any] = {"llm_price": "1.5,6"}
    first = asked(facts, library_folder, lambda *_: model, **price)
    assert model.calls > 0
    assert first.summary.fingerprint.engine == ENGINE
    assert first.summary.fingerprint.prompts
    assert not any(case.replayed for case in first.cases)
    second = asked(facts, library_folder, no_key, **price)
    assert marks(second) == marks(first)
    assert all(case.replayed < (case.milliseconds or 0) for case in second.cases if case.generation)
    assert any(case.replayed for case in second.cases)
    assert marks(asked(facts, library_folder, no_key, jobs=2, **price)) == marks(first)
    figures = [{f.name: f for f in run.summary.figures} for run in (first, second)]
    assert figures[0]["cost"] == figures[1]["cost"]
    assert figures[0]["cost"].value
    facts.write_text(FACTS.replace("opened?", "opened to traffic?"), "utf-8")
    with pytest.raises(CannotRunError, match="is not recorded, and it cannot be made"):
        asked(facts, library_folder, no_key)


def test_the_command_runs_engines_side_by_side(facts: Path, library_folder: Path) -> None:
    asked(facts, library_folder, lambda *_: ChoosesTheFirst(ENGINE))
    both = ibid_eval(
        "--facts", facts, "--engine", "extractive", "--engine", ENGINE, "--calls", "calls"
    )
    assert both.exit_code == 0, both.output
    assert "calls to the model were replayed" in both.output
    assert re.search(f"measure +extractive +{ENGINE}", both.output)
    first, second = Path("out/eval/extractive"), Path("out/eval/openai-scripted")
    assert load(first).summary.fingerprint.engine == "extractive"
    assert load(second).summary.fingerprint.engine == ENGINE
    differing = ibid_eval("compare", first, second)
    assert f"Two engines: extractive before, {ENGINE} now." in differing.output
    assert "What was measured differs in: engine, prompts\n" in differing.output
    report = ibid_eval("report", first, second)
    assert report.exit_code == 0, report.output
    assert f"<th>{ENGINE}</th>" in (first / "report.html").read_text("utf-8")


def test_each_engine_has_its_own_baseline(facts: Path, library_folder: Path) -> None:
    asked(facts, library_folder, lambda *_: ChoosesTheFirst(ENGINE))
    ibid_eval("--facts", facts)
    ibid_eval("bless")
    own = {path: path.read_bytes() for path in Path("baseline").iterdir()}
    arguments = ("--facts", facts, "--engine", ENGINE, "--calls", "calls")
    first = ibid_eval(*arguments)
    assert f"has no baseline to hold with {ENGINE}" in first.output
    assert ibid_eval("bless", "out/eval/openai-scripted").exit_code == 0
    assert {path: path.read_bytes() for path in own} == own
    baseline = Path("baseline/openai-scripted/valley.jsonl")
    assert "0 pass -> fail" in ibid_eval(*arguments).output
    baseline.write_text(baseline.read_text().replace('"E-1"', '"E-0"'), "utf-8")
    lost = ibid_eval(*arguments)
    assert lost.exit_code == 1
    assert "missing: E-0" in lost.output


def test_the_setting_of_a_model_asks_none(facts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IBID_LLM", ENGINE)
    run = ibid_eval("--facts", facts)
    assert run.exit_code == 0, run.output
    fingerprint = load(Path("out/eval")).summary.fingerprint
    assert (fingerprint.engine, fingerprint.prompts) == ("extractive", None)
    assert not any(name.startswith("llm") for name in fingerprint.settings)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--engine", "nonsense"], "names no language model"),
        (["--engine", "openai:one"], "needs a key"),
        (["--engine", "openai:one", "--engine", "openai:one"], "names one engine twice"),
        (["--engine", "extractive", "--engine", "openai:x", "--junit", "j.xml"], "one engine"),
    ],
)
def test_an_engine_that_cannot_be_asked_cannot_run(
    facts: Path, arguments: list[str], reason: str
) -> None:
    error = ibid_eval("--facts", facts, *arguments).exception
    assert isinstance(error, CannotRunError)
    assert reason in str(error)


def test_names_and_folders_hold_no_address_and_no_path() -> None:
    spec = "openai-like:http://me:secret@127.0.0.1:8080/v1#qwen2.5:7b"
    assert engine_name(spec) == "openai-like:qwen2.5:7b"
    assert engine_name("llamacpp:/home/me/qwen.gguf") == "llamacpp:qwen"
    assert folder_name(engine_name(spec)) == "openai-like-qwen2.5-7b"
    assert run_folders(Path("out"), []) == {"extractive": Path("out")}
    assert run_folders(Path("out"), [spec]) == {spec: Path("out/openai-like-qwen2.5-7b")}


@pytest.mark.parametrize(
    "spec", ["openai:gpt-5", "anthropic:claude-x", "ollama:qwen2.5:7b", "openai-like:http://h/v1#m"]
)
def test_an_engine_has_the_name_that_its_model_gives_itself(spec: str, tmp_path: Path) -> None:
    try:
        model = load_model(spec, settings_for(tmp_path, llm_key="none"))
    except BadInputError as error:
        pytest.skip(str(error))
    assert engine_name(spec) == model.name


def with_figures(run: Run, engine: str, *figures: Figure, **others: Any) -> Run:
    fingerprint: Fingerprint = run.summary.fingerprint.model_copy(
        update={"engine": engine, **others}
    )
    changed = run.summary.model_copy(update={"figures": figures, "fingerprint": fingerprint})
    return run.model_copy(update={"summary": changed})


def measured(name: str, value: float, low: float, high: float, better: str = "higher") -> Figure:
    return Figure(name=name, value=value, low=low, high=high, count=9, better=better)


def test_the_best_is_marked_only_beyond_the_intervals(made: Run) -> None:
    right = measured("correctness", 0.8, 0.7, 0.9)
    near, far = measured("correctness", 0.6, 0.5, 0.71), measured("correctness", 0.6, 0.5, 0.69)
    cheap, dear = measured("cost", 1, 0.9, 1.1, "lower"), measured("cost", 2, 1.5, 2.5, "lower")
    table = engine_table(
        [with_figures(made, "a", right, dear), with_figures(made, "b", far, cheap)]
    )
    assert table.engines == ("a", "b")
    assert {row.label: [cell.best for cell in row.cells] for row in table.rows} == {
        "Right answers": [True, False],
        "Cost a question": [False, True],
    }
    table = engine_table([with_figures(made, "a", right, cheap), with_figures(made, "b", near)])
    assert [[cell.best for cell in row.cells] for row in table.rows] == [[False, False]] * 2


def test_a_table_says_what_else_differs_and_refuses_other_facts(made: Run) -> None:
    right = measured("correctness", 0.8, 0.7, 0.9)
    one, same = with_figures(made, "a", right), with_figures(made, "a", right, code="other")
    table = engine_table([one, same])
    assert table.differing == ("code",)
    assert all(name.startswith("a, ") for name in table.engines)
    settings = with_figures(made, "b", settings={"llm_timeout": "60"})
    assert engine_table([one, settings]).differing == ()
    with pytest.raises(CannotRunError, match="different facts"):
        engine_table([one, with_figures(made, "b", right, facts={"valley": "0"})])
