"""The real command, as a user runs it."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from ingest.e5 import CARD, write_card
from tests.conftest import CORPUS, environment, free_port, run_ibid, start_server, stop_server

QUESTION = "When was the treaty establishing the Union State signed, and by whom?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that no server holds."""
    folder = tmp_path_factory.mktemp("cli") / "library"
    done = run_ibid(folder, "ingest")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5 added, 0 changed, 0 unchanged, 0 removed, 2 skipped, 0 failed")
    assert "added 004_0fb5895dd017175d.txt" in done.stderr
    return folder


def test_ask_prints_statements_and_numbered_quotes(folder: Path) -> None:
    done = run_ibid(folder, "ask", QUESTION)
    assert done.returncode == 0, done.stderr
    assert "[1]" in done.stdout
    assert "Boris Yeltsin" in done.stdout
    assert "Belarus will be for dessert, undated" in done.stdout
    assert done.stderr == ""


def test_ask_json_is_the_contract_with_and_without_a_server(
    folder: Path, served: tuple[Path, str]
) -> None:
    answers = []
    for library in (folder, served[0]):
        done = run_ibid(library, "ask", "--json", QUESTION)
        assert done.returncode == 0, done.stderr
        answers.append({**json.loads(done.stdout), "timings_ms": None})
    assert answers[0] == answers[1]
    assert list(answers[0]) == list(answers[1])


def test_a_refusal_exits_with_3(folder: Path) -> None:
    done = run_ibid(folder, "ask", "What is the capital of Australia?")
    assert done.returncode == 3
    assert "No answer" in done.stdout
    assert "Nearest passages" in done.stdout
    assert run_ibid(folder, "ask", "--json", "What is the capital of Peru?").returncode == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask"], "Missing argument"),
        (["ask", ""], "question is empty"),
        (["ask", "why " * 25_000], "limit is 4,000"),
        (["ask", "q", "--article", "nothing"], "no article 'nothing'"),
        (["ask", "q", "--from", "May"], "YYYY-MM-DD"),
        (["check", "/nothing/there"], "/nothing/there cannot be read"),
        (["ingest", "/nothing/there"], "no file or folder"),
        (["nonsense"], "No such command"),
    ],
)
def test_bad_use_exits_with_2_and_says_why(folder: Path, arguments: list[str], words: str) -> None:
    done = run_ibid(folder, *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({"IBID_CORPUS": "/nothing/there"}, 2, "no file or folder /nothing/there"),
        ({"IBID_PORT": "http"}, 2, "IBID_PORT='http'"),
        ({"IBID_LIBRARY": "/proc/ibid"}, 1, "cannot be written"),
        ({"IBID_EMBEDDING": "/nothing"}, 2, "IBID_EMBEDDING='/nothing'"),
    ],
)
def test_bad_settings_are_named(
    tmp_path: Path, variables: dict[str, str], code: int, words: str
) -> None:
    done = run_ibid(tmp_path / "library", "ingest", **variables)
    assert done.returncode == code
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_missing_library_is_not_made_by_asking(tmp_path: Path) -> None:
    done = run_ibid(tmp_path / "library", "ask", "q")
    assert (done.returncode, (tmp_path / "library").exists()) == (2, False)
    assert "ibid ingest" in done.stderr


def test_a_model_that_does_not_run_makes_no_library(tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    write_card(tmp_path, CARD)
    done = run_ibid(tmp_path / "library", "ingest", IBID_EMBEDDING=str(tmp_path))
    assert (done.returncode, "cannot be run" in done.stderr) == (2, True)
    assert not (tmp_path / "library").exists()


def test_unreadable_files_are_named_and_the_rest_is_ingested(tmp_path: Path) -> None:
    source = tmp_path / "articles"
    source.mkdir()
    (source / "good.txt").write_bytes("The café in Lindow reopened on Monday.".encode("latin-1"))
    (source / "bad.txt").write_bytes(b"\0\0\0")
    done = run_ibid(tmp_path / "library", "ingest", str(source))
    assert done.returncode == 1
    assert "failed bad.txt: it is a binary file" in done.stderr
    assert done.stdout.startswith("1 added, 0 changed, 0 unchanged, 0 removed, 0 skipped, 1 failed")
    assert "café" in run_ibid(tmp_path / "library", "ask", "What reopened in Lindow?").stdout


def test_status_config_and_rebuild(folder: Path, served: tuple[Path, str]) -> None:
    assert "not served" in run_ibid(folder, "status").stdout
    state = json.loads(run_ibid(served[0], "status", "--json").stdout)
    assert (state["served_at"], state["passages"]) == (served[1], state["vectors"])
    assert "holds 45 vectors" in run_ibid(folder, "rebuild").stdout
    config = run_ibid(folder, "config", IBID_PORT="1234").stdout
    assert "IBID_PORT=1234  (environment" in config
    assert "IBID_EMBEDDING=e5-small  (default" in config


def test_ingest_goes_through_the_server_that_owns_the_library(tmp_path: Path) -> None:
    source, folder = tmp_path / "articles", tmp_path / "library"
    source.mkdir()
    (source / "a.txt").write_text("The harbour of Lindow reopened on Monday.")
    assert run_ibid(folder, "ingest", str(source)).returncode == 0
    process, _ = start_server(folder)
    try:
        (source / "b.txt").write_text("The bakery of Lindow sells rye bread.")
        done = run_ibid(folder, "ingest", str(source))
        assert done.stdout.startswith("1 added, 0 changed, 1 unchanged"), done.stderr
        assert "rye bread" in run_ibid(folder, "ask", "What does the bakery sell?").stdout
        missing = run_ibid(folder, "ingest", "/nothing/there")
        assert (missing.returncode, "no file or folder" in missing.stderr) == (2, True)
        second = run_ibid(folder, "serve", "--port", "0")
        assert second.returncode == 1
        assert "in use by 'ibid serve'" in second.stderr
    finally:
        stop_server(process)
    assert "2 unchanged" in run_ibid(folder, "ingest", str(source)).stdout


def test_a_killed_server_leaves_a_library_that_opens(five: Path) -> None:
    process, _ = start_server(five)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert run_ibid(five, "ask", QUESTION).returncode == 0


def test_a_busy_port_says_so(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run_ibid(folder, "serve", "--port", port)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "IBID_PORT" in done.stderr


@pytest.mark.slow
def test_vectors_may_be_held_by_a_chroma_server(tmp_path: Path) -> None:
    port = str(free_port())
    chroma = str(Path(sys.executable).with_name("chroma"))
    data = str(tmp_path / "chroma")
    command = [chroma, "run", "--path", data, "--port", port, "--host", "127.0.0.1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder, url = tmp_path / "library", f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/api/v2/heartbeat")
        assert run_ibid(folder, "ingest", IBID_CHROMA_URL=url).returncode == 0
        assert run_ibid(folder, "ask", QUESTION, IBID_CHROMA_URL=url).returncode == 0
        state = json.loads(run_ibid(folder, "status", "--json", IBID_CHROMA_URL=url).stdout)
        assert (state["vectors"], state["repaired"]) == (45, None)
        assert not (folder / "chroma").exists()
    finally:
        server.terminate()
        server.wait(timeout=30)
    done = run_ibid(folder, "ask", QUESTION, IBID_CHROMA_URL=url)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"IBID_CHROMA_URL={url} does not answer" in done.stderr


def wait_for(url: str) -> None:
    for _ in range(150):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer")


@pytest.mark.skipif(not shutil.which("unshare"), reason="unshare is not there")
def test_everything_works_without_a_network(tmp_path: Path) -> None:
    isolated = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*isolated, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let a process leave the network")
    for arguments in (["ingest", str(CORPUS)], ["ask", QUESTION], ["status"], ["rebuild"]):
        done = subprocess.run(
            [*isolated, sys.executable, "-m", "ui.cli", *arguments],
            env=environment(tmp_path / "library"),
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [["ask", "Wo\udcff?"], ["articles", "show", "a\udcff"]])
def test_bytes_that_are_no_text_are_refused(served: tuple[Path, str], arguments: list[str]) -> None:
    done = run_ibid(served[0], *arguments)
    assert (done.returncode, "not text in UTF-8" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


def test_no_article_commands_the_terminal(tmp_path: Path) -> None:
    source = tmp_path / "articles"
    source.mkdir()
    name = "e\x1b[31m\nx.md"
    (source / name).write_text("# T \x1b]0;pwned\x07\n\nThe \x1b[2Jbadger \u202eUlm has 9 teeth.\n")
    told = run_ibid(tmp_path / "library", "ingest", str(source))
    asked = run_ibid(tmp_path / "library", "ask", "How many teeth does the badger Ulm have?")
    listed = run_ibid(tmp_path / "library", "articles", "list")
    for done in (told, asked, listed):
        assert not set("\x1b\x07\u202e").intersection(done.stdout + done.stderr)
    assert len(told.stderr.strip().splitlines()) == 1
    assert "9 teeth" in asked.stdout


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import ui.cli", "httpx numpy chromadb gradio llama_index"),
        ("import ui.doors, rag.build", "gradio fastapi bs4 trafilatura llama_index"),
    ],
)
def test_what_a_command_does_not_need_is_not_imported(code: str, heavy: str) -> None:
    counted = f"{code}; import sys; print(*(set({heavy.split()}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", counted], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
