"""Backup and restore, a library that cannot be written, a folder that is watched."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import environment, run_ibid, start_server, stop_server

HARBOUR = "The harbour of Lindow reopened on Monday after nine months of repairs."
QUESTION = "When did the harbour of Lindow reopen?"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(HARBOUR)
    return folder


def test_a_backup_of_a_served_library_is_restored(tmp_path: Path, source: Path) -> None:
    folder, file, other = tmp_path / "library", tmp_path / "kept.ibid", tmp_path / "other"
    assert run_ibid(folder, "ingest", str(source)).returncode == 0
    server, _ = start_server(folder)
    try:
        done = run_ibid(folder, "backup", str(file))
    finally:
        stop_server(server)
    assert (done.returncode, file.is_file()) == (0, True), done.stderr
    assert run_ibid(other, "restore", str(file)).returncode == 0
    answered = run_ibid(other, "ask", QUESTION)
    assert (answered.returncode, HARBOUR in answered.stdout) == (0, True)
    assert "1 unchanged" in run_ibid(other, "ingest", str(source)).stdout
    again = run_ibid(other, "restore", str(file))
    assert (again.returncode, "already" in again.stderr) == (2, True)
    kept = run_ibid(folder, "backup", str(file))
    assert (kept.returncode, "exists already" in kept.stderr) == (2, True)


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "no file"), (b"", "no backup"), (b"nothing" * 999, "no whole backup")],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "kept.ibid"
    if content is not None:
        file.write_bytes(content)
    done = run_ibid(tmp_path / "library", "restore", str(file))
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "ibid ingest" not in done.stderr
    assert not (tmp_path / "library" / "library.sqlite").exists()


def test_half_a_backup_is_refused(tmp_path: Path, source: Path) -> None:
    folder, file = tmp_path / "library", tmp_path / "kept.ibid"
    run_ibid(folder, "ingest", str(source))
    assert run_ibid(folder, "backup", str(file)).returncode == 0
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)
    done = run_ibid(tmp_path / "other", "restore", str(file))
    assert done.returncode == 1
    assert f"{file} is no whole backup" in done.stderr


def heed_permissions() -> None:
    """Take from the program to be started root's right to write what is not to be written."""
    if os.geteuid() == 0:
        drop, override = 24, 1  # PR_CAPBSET_DROP and CAP_DAC_OVERRIDE of Linux
        assert ctypes.CDLL(None).prctl(drop, override, 0, 0, 0) == 0


def test_a_library_that_cannot_be_written_is_asked(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "library"
    assert run_ibid(folder, "ingest", str(source)).returncode == 0
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path.name: path.stat().st_mtime_ns for path in folder.rglob("*")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ui.cli", *arguments],
            env=environment(folder),
            cwd=tmp_path,
            preexec_fn=heed_permissions,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    for _ in range(2):  # and leaves nothing behind that hinders the next
        done = run("ask", QUESTION)
        assert (done.returncode, HARBOUR in done.stdout) == (0, True), done.stderr
    assert "cannot be written" in run("status").stdout
    examined = run("doctor")
    assert (examined.returncode, "Traceback" in examined.stderr) == (1, False)
    assert "cannot be written: it answers, and takes nothing" in examined.stdout
    (source / "harbour.txt").write_text(HARBOUR.replace("Monday", "Sunday"))
    done = run("ingest", str(source))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)


def test_a_watched_folder_is_followed(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "library"
    log = tmp_path / "log"
    with log.open("w") as written:
        watching = subprocess.Popen(
            [sys.executable, "-u", "-m", "ui.cli", "watch", str(source)],
            env=environment(folder),
            cwd=tmp_path,
            stdout=written,
            stderr=subprocess.STDOUT,
        )

    def seen(line: str) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if line in log.read_text().splitlines():
                return True
            time.sleep(0.1)
        return False

    try:
        assert seen("added harbour.txt"), log.read_text()
        (source / "bread.md").write_text("The bakery of Lindow sells rye bread.")
        assert seen("added bread.md"), log.read_text()
        (source / "harbour.txt").unlink()
        assert seen("removed harbour.txt"), log.read_text()
        (source / "bread.md").unlink()
        assert seen("removed bread.md"), log.read_text()
    finally:
        watching.terminate()
        watching.wait(timeout=30)
    assert "Traceback" not in log.read_text()
    wrong = run_ibid(folder, "watch", str(source / "nothing"))
    assert (wrong.returncode, "no folder" in wrong.stderr) == (2, True)
