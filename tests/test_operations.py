"""Looking after a library: its articles, every command beside a server, completion and help."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import environment, run_ibid, start_server, stop_server

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
    assert (done.returncode, done.stdout) == (0, "ibid 0.1.0\n")
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
