"""Looking after a library: its articles, every command beside a server, completion and help."""

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from ingest.lock import LibraryLock
from tests.conftest import (
    REPOSITORY,
    environment,
    free_port,
    run_ibid,
    start_server,
    stop_server,
)
from tests.program import parse, program

ARTICLES = {"harbour": "The harbour of Lindow reopened.", "bakery": "The bakery sells rye bread."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "articles"
    source.mkdir()
    for name, text in ARTICLES.items():
        (source / f"{name}.txt").write_text(text)
    folder = tmp_path / "library"
    assert run_ibid(folder, "ingest", str(source)).returncode == 0
    return folder


def listed(folder: Path) -> list[str]:
    told = json.loads(run_ibid(folder, "articles", "list", "--json").stdout)
    return [article["id"] for article in told]


def test_the_version_is_shown(tmp_path: Path) -> None:
    done = run_ibid(tmp_path / "library", "--version")
    assert (done.returncode, done.stdout) == (0, f"ibid {version('ibid')}\n")
    assert not (tmp_path / "library").exists()


def test_articles_are_listed_and_shown_as_the_api_does(served: tuple[Path, str]) -> None:
    head, *rows = run_ibid(served[0], "articles", "list").stdout.splitlines()
    assert head.split() == ["id", "title", "publisher", "date", "passages"]
    assert len(rows) == 5
    assert "The Next Step In Russia’s Incorporation Of Belarus" in rows[0]
    assert rows[0].split()[-2:] == ["2021-11-08", "4"]
    article_id = rows[0].split()[0]
    shown = run_ibid(served[0], "articles", "show", article_id).stdout
    whole = json.loads(run_ibid(served[0], "articles", "show", article_id, "--json").stdout)
    assert whole["id"] == article_id
    assert shown.endswith(f"\n\n{whole['text']}\n")
    assert f"sha256     {whole['sha256']}" in shown


@pytest.mark.parametrize("with_server", [False, True])
def test_articles_are_removed_and_come_back(folder: Path, with_server: bool) -> None:
    first, second = listed(folder)
    server = start_server(folder)[0] if with_server else None
    try:
        for arguments in ([first, "nothing"], [first]):  # an unknown id, and nobody to ask
            done = run_ibid(folder, "articles", "remove", *arguments)
            assert (done.returncode, "Nothing was" in done.stderr) == (2, True), done.stderr
        done = run_ibid(folder, "articles", "remove", first, "--yes")
        assert (done.returncode, listed(folder)) == (0, [second]), done.stderr
        assert "1 removed" in done.stdout
        assert "next ingest" in done.stdout
        for command in ("show", "remove"):
            gone = run_ibid(folder, "articles", command, first)
            assert (gone.returncode, f"no article '{first}'" in gone.stderr) == (2, True)
        run_ibid(folder, "ingest", str(folder.parent / "articles"))
        assert listed(folder) == [first, second]
    finally:
        if server:
            stop_server(server)


@pytest.mark.parametrize(("answer", "left", "code"), [("n", 2, 1), ("y", 1, 0)])
def test_on_a_terminal_removing_is_confirmed(
    folder: Path, answer: str, left: int, code: int
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "w") as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.cli", "articles", "remove", listed(folder)[0]],
            env=environment(folder), stdin=theirs,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.close(theirs)
        terminal.write(f"{answer}\n")
        terminal.flush()
        said = process.communicate(timeout=60)[1]
    assert (process.returncode, len(listed(folder))) == (code, left), said
    assert "bakery" in said
    assert "Traceback" not in said


BESIDE_A_SERVER = [
    (["ask", "How many TV channels watched in Belarus are Russian?"], 0, "eight are Russian"),
    (["check", "draft.txt"], 1, "1 nearest"),
    (["verify", "saved.json"], 0, "Everything holds"),
    (["ingest"], 0, "5 unchanged"),
    (["status"], 0, "Served at"),
    (["doctor"], 0, "ok: the library is served by 'ibid serve'"),
    (["articles", "list"], 0, "003_ba50ad80150e0fb4"),
    (["rebuild"], 0, "holds 45 vectors"),
    (["backup", "kept.ibid"], 0, "kept.ibid holds the library"),
    (["prompts"], 0, "sentences"),
    (["config"], 0, "IBID_LIBRARY="),
    (
        [
            "facts",
            "draft",
            "Who will be for dessert?",
            "Belarus will be for dessert",
            "--answer",
            "Bel",
        ],
        0,
        "quotes",
    ),
    (["rebuild", "--embed"], 1, "in use by 'ibid serve'"),
    (["restore", "kept.ibid"], 2, "already. Choose another folder with IBID_LIBRARY"),
    (["serve", "--port", "0"], 1, "in use by 'ibid serve'"),
    (["eval"], 2, "in use by 'ibid serve'"),
]


def test_every_command_works_beside_a_server_or_says_what_to_do(
    served: tuple[Path, str], tmp_path: Path
) -> None:
    folder = served[0]
    answer = run_ibid(folder, "ask", "--json", "How many TV channels in Belarus are Russian?")
    (tmp_path / "saved.json").write_text(answer.stdout)
    (tmp_path / "draft.txt").write_text("Zebras juggle quarks.")
    for arguments, code, words in BESIDE_A_SERVER:
        given = [str(tmp_path / one) if "." in one[-6:] else one for one in arguments]
        done = run_ibid(folder, *given)
        assert (done.returncode, words in done.stdout + done.stderr) == (code, True), done
        assert "Traceback" not in done.stderr
        if code == 2 or words.startswith("in use"):
            assert done.stderr.count("\n") == 1, done.stderr
    assert {arguments[0] for arguments, *_ in BESIDE_A_SERVER} == set(program().commands) - {
        "watch",
        "mcp",
    }


def test_a_folder_is_watched_beside_a_server(folder: Path) -> None:
    server, _ = start_server(folder)
    command = [sys.executable, "-u", "-m", "ui.cli", "watch", str(folder.parent / "articles")]
    watching = subprocess.Popen(command, env=environment(folder), stdout=subprocess.PIPE, text=True)
    try:
        assert watching.stdout
        assert "Watching" in watching.stdout.readline()
        (folder.parent / "articles" / "mill.txt").write_text("The mill of Lindow grinds oats.")
        assert watching.stdout.readline() == "added mill.txt\n"
        assert len(listed(folder)) == 3
    finally:
        watching.terminate()
        watching.communicate(timeout=30)
        stop_server(server)


def test_a_server_that_dies_is_told_in_a_line(folder: Path) -> None:
    server, _ = start_server(folder)
    server.kill()
    server.communicate()
    owner = LibraryLock(folder)
    owner.acquire("ibid serve")
    owner.announce("ibid serve", f"http://127.0.0.1:{free_port()}")
    try:
        for arguments in (["ask", "q"], ["ingest", str(folder.parent / "articles")]):
            done = run_ibid(folder, *arguments)
            assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
            assert "does not answer" in done.stderr
    finally:
        owner.release()


def complete(words: str) -> list[str]:
    """Return what a shell offers after these words."""
    asked = {
        "_IBID_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = run_ibid(REPOSITORY, **asked)
    return done.stdout.split()


def test_a_shell_completes_commands_and_options() -> None:
    assert complete("ibid art") == ["articles"]
    assert complete("ibid articles ") == ["list", "show", "remove"]
    assert complete("ibid facts ") == ["draft"]
    assert complete("ibid ask --js") == ["--json"]
    shown = run_ibid(REPOSITORY, "--help").stdout
    assert "--install-completion" in shown
    assert "--show-completion" in shown


GROUPS = {"ibid articles", "ibid facts"}
"""What does nothing itself."""


def every_command(command: Any, path: str = "ibid") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from every_command(one, f"{path} {name}")


def test_every_help_has_exit_codes_and_an_example_that_can_be_read() -> None:
    told = [one for one in every_command(program()) if one[0] not in GROUPS]
    assert len(told) >= 25
    for path, command in told:
        assert "\n\nExit codes: " in command.help, path
        example = command.help.split("\n\nExample: ")[1]
        assert "\n" not in example, path
        for part in example.split(" && "):
            parse(shlex.split(part.partition("ibid ")[2]))
        assert path in example
