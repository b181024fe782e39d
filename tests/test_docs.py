"""What the README says is true: commands run, outputs are the real ones, tables are complete."""

import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import httpx
import pytest
import yaml

from ingest.settings import Settings
from tests.conftest import REPOSITORY, environment, run_ibid
from ui.cli import app

README = (REPOSITORY / "README.md").read_text("utf-8")
CONSOLE = [block.strip() for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)]
ASKED = [block for block in CONSOLE if block.startswith("$ ibid ask")]


def table(first_column: str) -> set[str]:
    """Return the first cells of the rows that look like this, without their back-quotes."""
    return set(re.findall(rf"^\| `({first_column})`", README, re.MULTILINE))


def test_the_two_commands_come_first_and_exist() -> None:
    assert CONSOLE[0] == "$ make chat\n$ make test"
    makefile = (REPOSITORY / "Makefile").read_text()
    for target in re.findall(
        r"`?make ([a-z]+)", README + (REPOSITORY / "CONTRIBUTING.md").read_text()
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("block", ASKED)
def test_questions_get_the_answers_shown(block: str, served: tuple[Path, str]) -> None:
    command, _, shown = block.partition("\n")
    done = run_ibid(served[0], *shlex.split(command)[2:])
    assert done.returncode in (0, 3), done.stderr
    assert done.stdout.strip() == shown.strip()


def test_the_draft_is_found_to_be_what_is_shown(served: tuple[Path, str], tmp_path: Path) -> None:
    (draft,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    (block,) = [block for block in CONSOLE if block.startswith("$ ibid check")]
    (tmp_path / "draft.txt").write_text(draft)
    done = run_ibid(served[0], "check", str(tmp_path / "draft.txt"))
    assert done.returncode == 1, done.stderr
    assert done.stdout.strip() == block.partition("\n")[2].strip()


def test_the_readme_shows_an_answer_and_a_refusal() -> None:
    assert len(ASKED) == 2
    assert "[1]" in ASKED[0]
    assert "No answer" in ASKED[1]


def test_the_curl_call_works(served: tuple[Path, str]) -> None:
    (call,) = [block for block in CONSOLE if block.startswith("$ curl")]
    parts = shlex.split(call)
    body = json.loads(parts[parts.index("-d") + 1])
    answer = httpx.post(parts[3].replace("http://127.0.0.1:8000", served[1]), json=body).json()
    assert answer["status"] == "answered"
    named = re.findall(r"`(statements|citations|refusal|nearest|status|verdict|rewritten)`", README)
    assert {"statements", "citations", "refusal", "nearest", "status", "rewritten"} <= set(named)
    assert set(named) <= answer.keys() | {"verdict"}


def test_the_python_example_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert run_ibid(tmp_path / "library", "ingest").returncode == 0
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path / "library"),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "eight are Russian" in done.stdout
    assert "003_ba50ad80150e0fb4" in done.stdout


def test_every_setting_and_command_is_documented_and_exists() -> None:
    assert table(r"IBID_\w+") == {f"IBID_{name.upper()}" for name in Settings.model_fields}
    commands = {str(item.name or item.callback.__name__) for item in app.registered_commands
                if item.callback}  # fmt: skip
    commands |= {str(group.name) for group in app.registered_groups}
    commands |= {point.name for point in entry_points(group="ibid.commands")}
    assert table(r"ibid \w+") == {f"ibid {name}" for name in commands}


def test_the_number_of_known_facts_is_the_one_told() -> None:
    files = (REPOSITORY / "evals" / "facts").glob("*.yaml")
    items = sum(len(yaml.safe_load(file.read_text("utf-8"))) for file in files)
    assert f"{items} known facts" in README


def test_every_path_of_the_api_is_documented_and_exists(served: tuple[Path, str]) -> None:
    schema = httpx.get(f"{served[1]}/openapi.json").json()["paths"]
    offered = {f"{method.upper()} {path}" for path, methods in schema.items() for method in methods}
    assert table(r"[A-Z]+ /[^`]*") == offered


def test_what_is_committed_names_no_index_and_no_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "requirements.lock" in tracked
    forbidden = re.compile(r"index-url|pypi\.org|pythonhosted|find-links|/work/main|/root/")
    for name in tracked:
        path = REPOSITORY / name
        if (
            path.suffix not in (".json", ".npz", ".pdf", ".gz", ".png")
            and path != Path(__file__)
            and path.is_file()
        ):
            assert not forbidden.search(path.read_text("utf-8")), name


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_pins_everything_with_hashes(name: str) -> None:
    text = (REPOSITORY / name).read_text()
    pins = re.split(r"\n(?=\S)", text.strip())
    assert len(pins) > 50
    for pin in pins:
        assert re.match(r"[\w.-]+==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin
    assert "torch==" not in text
