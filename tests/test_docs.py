"""What README and docs say is true: commands run, outputs are the real ones, nothing is left out.

In a `console` block every command is run, in the order of the page, and what is shown is what is
printed ("..." stands for anything). An `sh` block is for what needs more than a test's machine has:
of it, the commands of Ibid and of make must exist, with the options that are given.
"""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import yaml

from ingest.settings import Settings
from tests.conftest import (
    CORPUS,
    REPOSITORY,
    environment,
    free_port,
    start_server,
    stop_server,
)
from tests.program import parse, program

README = (REPOSITORY / "README.md").read_text("utf-8")
DOCS = REPOSITORY / "docs"
PAGES = {
    str(path.relative_to(REPOSITORY)): path.read_text("utf-8")
    for path in (
        REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))
    )
}  # fmt: skip
EMPTY = {"docs/tutorial.md", "docs/evaluation.md"}
"""Pages that make a library; the others have one of the corpus."""
SERVER = "http://127.0.0.1:8000"


class Command(NamedTuple):
    """A command of a page, and what it is shown to print."""

    line: str
    shown: str


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def console(text: str) -> Iterator[Command]:
    for block in blocks(text, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, shown = part.partition("\n")
            yield Command(line, shown.strip())


def files(text: str) -> dict[str, str]:
    """Return the files that a page tells its reader to make: "... as `NAME`:" and a block."""
    return dict(re.findall(r" as `([\w/.-]+)`:\n\n```text\n(.*?)```", text, re.DOTALL))


class Reader:
    """Does what a page says, in a folder of its own; `ibid serve` runs until `close`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.url: str | None = None
        self._server: subprocess.Popen[str] | None = None
        (home / "bin").mkdir()
        program = home / "bin" / "ibid"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ui.cli "$@"\n')
        program.chmod(0o755)

    def write(self, name: str, text: str) -> None:
        (self.home / name).parent.mkdir(parents=True, exist_ok=True)
        (self.home / name).write_text(text, "utf-8")

    def serve(self) -> None:
        self._server, self.url = start_server(self.home / ".ibid")

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        known = environment(self.home / ".ibid", NO_COLOR="1", IBID_PORT="0")
        known["PATH"] = f"{self.home / 'bin'}{os.pathsep}{known['PATH']}"
        known["PYTHONPATH"] = str(REPOSITORY)
        return subprocess.run(
            ["bash", "-c", line.replace(SERVER, self.url or SERVER)],
            cwd=self.home, env=known, capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip

    def close(self) -> None:
        if self._server:
            stop_server(self._server)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(name, marks=pytest.mark.slow if name != "README.md" else ())
        for name, text in PAGES.items()
        if list(console(text))
    ],
)
def test_every_console_command_does_what_is_shown(
    page: str, tmp_path: Path, corpus_library: Path
) -> None:
    reader = Reader(tmp_path)
    for name, text in files(PAGES[page]).items():
        reader.write(name, text)
    if page not in EMPTY:
        shutil.copytree(corpus_library, tmp_path / ".ibid")
        shutil.copytree(CORPUS, tmp_path / "path" / "to" / "articles")
    try:
        if page == "README.md":  # after `make chat`
            reader.serve()
        for command in console(PAGES[page]):
            if command.line == "ibid serve":
                reader.serve()
            elif not command.line.startswith("make "):
                held_to(command, reader.run(command.line))
    finally:
        reader.close()


def held_to(command: Command, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode in ((0, 1, 3) if command.shown else (0,)), (command.line, done.stderr)
    assert "Traceback" not in done.stderr
    if command.shown:
        pattern = re.escape(command.shown).replace(re.escape("..."), ".*")
        assert re.fullmatch(pattern, done.stdout.strip(), re.DOTALL), (command.line, done.stdout)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_cannot_be_run_here_exists(page: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    for target in re.findall(r"(?:`|^\$ |^)make ([a-z]+)", PAGES[page], re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for block in blocks(PAGES[page], "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            own = [n for n, word in enumerate(words) if word.rpartition("/")[2] == "ibid"]
            following = words[own[-1] + 1 :] if own else []
            if following and following[0] in program().commands:
                parse(following)
            if words[:2] == ["python", "-m"]:
                assert importlib.util.find_spec(words[2]), line
    for mentioned in re.findall(r"`ibid ([a-z]+)", PAGES[page]):
        assert mentioned in program().commands, mentioned


def test_the_two_commands_come_first_then_a_question_and_its_answer() -> None:
    first, second, third, fourth = list(console(README))[:4]
    assert (first.line, second.line) == ("make chat", "make test")
    assert (third.line[:8], "[1]" in third.shown) == ("ibid ask", True)
    assert (fourth.line[:8], "No answer" in fourth.shown) == ("ibid ask", True)


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    pictures = set(re.findall(r"docs/images/[\w-]+\.png", README))
    assert len(pictures) == 4
    for picture in pictures:
        assert (REPOSITORY / picture).stat().st_size < 200_000, picture


def test_the_curl_call_gives_what_is_told(served: tuple[Path, str]) -> None:
    (call,) = [command.line for command in console(README) if command.line.startswith("curl")]
    parts = shlex.split(call)
    body = json.loads(parts[parts.index("-d") + 1])
    answer = httpx.post(parts[2].replace(SERVER, served[1]), json=body).json()
    assert answer["status"] == "answered"
    named = re.findall(r"`(statements|citations|refusal|nearest|status|verdict|rewritten)`", README)
    assert {"statements", "citations", "refusal", "nearest", "status", "rewritten"} <= set(named)
    assert set(named) <= answer.keys() | {"verdict"}


def test_the_python_example_runs(corpus_library: Path, tmp_path: Path) -> None:
    (code,) = blocks(PAGES["docs/clients.md"], "python")
    folder = shutil.copytree(corpus_library, tmp_path / "library")
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(folder),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "eight are Russian" in done.stdout
    assert "003_ba50ad80150e0fb4" in done.stdout


def test_every_command_is_in_the_readme() -> None:
    table = set(re.findall(r"^\| `ibid (\w+)`", README, re.MULTILINE))
    assert table == set(program().commands)


def test_the_reference_is_what_the_program_says(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "reference.py", tmp_path],
        env=environment(tmp_path) | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text("utf-8") for path in (DOCS / "reference").iterdir()}
    assert kept == made, "run 'python docs/reference.py', and commit what it writes"
    assert all(f"`IBID_{name.upper()}`" in kept["settings.md"] for name in Settings.model_fields)


def test_every_link_leads_somewhere() -> None:
    for name, text in PAGES.items():
        folder = (REPOSITORY / name).parent
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (folder / target).exists(), (name, target)
        headings = {
            re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        for anchor in re.findall(r"\]\(#([^)]+)", text):
            assert anchor in headings, (name, anchor)
    nav = (REPOSITORY / "mkdocs.yml").read_text("utf-8")
    for name in PAGES:
        assert not name.startswith("docs/") or name.removeprefix("docs/") in nav, name


def test_what_is_deployed_exists_and_is_locked_down() -> None:
    folder = DOCS / "deploy"
    steps = (folder / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    context = (REPOSITORY / ".dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--)(.*) \S+$", steps, re.MULTILINE):
        for source in line.split():
            assert (REPOSITORY / source).exists()
            assert f"!{source}" in context
    assert "--require-hashes -r requirements.lock" in steps
    assert re.search(r"^USER 10001:10001$", steps, re.MULTILINE)
    packages = re.findall(r"^COPY (\w+) \1$", steps, re.MULTILINE)
    assert set(packages) == {"ingest", "rag", "ui", "evals"}
    services = yaml.safe_load((folder / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"ibid", "chroma"}
    for service in services.values():
        assert service["read_only"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["cap_drop"] == ["ALL"]
    built = services["ibid"]["build"]
    assert (folder / built["context"]).resolve() == REPOSITORY
    assert (REPOSITORY / built["dockerfile"]).is_file()
    known = {f"IBID_{name.upper()}" for name in Settings.model_fields}
    unit = (folder / "ibid.service").read_text("utf-8")
    named = re.findall(r"\bIBID_[A-Z_]+", f"{steps}{unit}{json.dumps(services)}")
    assert set(named) <= known
    assert "\nExecStart=/opt/ibid/.venv/bin/ibid serve\n" in unit
    for option in ("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes"):
        assert f"\n{option}\n" in unit


def test_the_health_check_tells_a_server_from_none(served: tuple[Path, str]) -> None:
    steps = (DOCS / "deploy" / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    (check,) = re.findall(r"^HEALTHCHECK .* CMD +(\[.*\])$", steps, re.MULTILINE)
    program, option, code = json.loads(check)
    assert (program, option) == ("python", "-c")
    for url, good in ((served[1], True), (f"http://127.0.0.1:{free_port()}", False)):
        asked = [sys.executable, "-c", code.replace(SERVER, url)]
        done = subprocess.run(asked, capture_output=True, check=False, timeout=30)
        assert (done.returncode == 0) == good, done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not there")
def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    unit = (DOCS / "deploy" / "ibid.service").read_text("utf-8")
    file = tmp_path / "ibid.service"
    file.write_text(unit.replace("/opt/ibid/.venv/bin/ibid", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", file], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_number_of_known_facts_is_the_one_told() -> None:
    files = (REPOSITORY / "evals" / "facts").glob("*.yaml")
    items = sum(len(yaml.safe_load(file.read_text("utf-8"))) for file in files)
    assert f"{items} known facts" in README


def test_what_is_committed_names_no_index_and_no_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "requirements.lock" in tracked
    forbidden = re.compile(r"index-url|pypi\.org|pythonhosted|find-links|/work/main|/root/")
    for name in tracked:
        path = REPOSITORY / name
        if (
            path.suffix not in (".gz", ".json", ".npz", ".pdf", ".png")
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
