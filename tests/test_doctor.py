"""`ibid doctor` finds what is wrong, says what to do, and changes nothing."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.embed import Embedding
from ingest.errors import LibraryError
from ingest.library import Library
from ingest.lock import LibraryLock
from tests.conftest import free_port, ingest, run_ibid, settings_for
from ui.doctor import Finding, examine


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Path:
    """A library of one article."""
    home = tmp_path_factory.mktemp("doctor")
    (home / "harbour.txt").write_text("The harbour of Lindow reopened on Monday.")
    with Library(home / "library", embedding) as library:
        ingest(library, embedding, home / "harbour.txt")
    return home / "library"


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "library"))


def found(folder: Path, **settings: Any) -> list[Finding]:
    settings = {"port": 0, **settings}
    return list(examine(lambda: settings_for(folder, **settings)))


def problems(folder: Path, **settings: Any) -> str:
    return "\n".join(str(finding) for finding in found(folder, **settings) if not finding.ok)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_healthy_library_has_no_problem_and_is_left_as_it_is(folder: Path) -> None:
    before = contents(folder)
    assert problems(folder) == ""
    assert len(found(folder)) == 12
    assert contents(folder) == before


def empty(folder: Path) -> None:
    shutil.rmtree(folder)


def garbage(folder: Path) -> None:
    (folder / "library.sqlite").write_bytes(b"garbage" * 99)


def nothing_in_it(folder: Path) -> None:
    (folder / "library.sqlite").write_bytes(b"")


def cut(folder: Path) -> None:
    with (folder / "library.sqlite").open("r+b") as file:
        file.truncate(file.seek(0, 2) // 2)


def chroma_is_a_file(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")
    (folder / "chroma").write_text("none of ours")


def chroma_is_gone(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


@pytest.mark.parametrize(
    ("damage", "says", "todo"),
    [
        (empty, "there is no library at", "Run 'ibid ingest PATH'"),
        (garbage, "cannot be read (file is not a database)", "Restore a backup"),
        (nothing_in_it, "is damaged (it has no tables)", "Restore a backup"),
        (cut, "library.sqlite", "Restore a backup"),
        (chroma_is_a_file, "is a file", "Move it away"),
        (chroma_is_gone, "the vector index holds 0 of 1 vectors", "ibid status"),
    ],
)
def test_damage_is_named_with_what_to_do_and_left_as_it_is(
    folder: Path, damage: Callable[[Path], None], says: str, todo: str
) -> None:
    damage(folder)
    before, told = contents(folder), problems(folder)
    assert (says in told, todo in told, told.count("\n")) == (True, True, 0), told
    assert contents(folder) == before
    assert folder.exists() == (damage is not empty)


def test_a_file_in_place_of_the_index_is_no_traceback(folder: Path, embedding: Embedding) -> None:
    chroma_is_a_file(folder)
    with pytest.raises(LibraryError, match="is a file, where a folder belongs. Move it away"):
        Library(folder, embedding)
    (folder / "chroma").unlink()
    with Library(folder, embedding) as library:
        assert library.vectors.count() == 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"embedding": "/nothing"}, "IBID_EMBEDDING='/nothing'"),
        ({"llm": "nobody:x"}, "IBID_LLM='nobody:x' names no language model"),
        ({"llm": "openai-like:http://127.0.0.1:9/v1#x"}, "openai-like:x cannot be reached"),
        ({"chroma_url": "http://127.0.0.1:9"}, "IBID_CHROMA_URL=http://127.0.0.1:9 does not"),
    ],
)
def test_what_settings_name_is_tried(folder: Path, settings: dict[str, str], says: str) -> None:
    told = problems(folder, **settings)
    assert (says in told, told.count("\n")) == (True, 0), told


def test_failures_a_taken_port_and_an_owner_are_told(folder: Path, embedding: Embedding) -> None:
    (folder.parent / "bad.txt").write_bytes(b"\0\0\0")
    with Library(folder, embedding) as library:
        ingest(library, embedding, folder.parent / "bad.txt")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = problems(folder, port=taken.getsockname()[1])
    assert "1 could not be ingested (bad.txt: it is a binary file" in told
    assert "Stop what uses that port" in told
    lock = LibraryLock(folder)
    lock.acquire("ibid ingest")
    lines = "\n".join(map(str, found(folder)))
    assert "ok: the library is held by 'ibid ingest'" in lines
    assert "ok: the vector index is in use by 'ibid ingest'" in lines
    lock.announce("ibid serve", f"http://127.0.0.1:{free_port()}")
    told = problems(folder)
    lock.release()
    assert "which does not answer. Wait, or stop it" in told


def test_the_command_beside_a_server_and_with_wrong_settings(
    served: tuple[Path, str], tmp_path: Path
) -> None:
    done = run_ibid(served[0], "doctor")
    assert (done.returncode, "problem" in done.stdout) == (0, False), done.stdout
    assert f"ok: the server listens at {served[1]}." in done.stdout
    assert "ok: the vector index holds 45 of 45 vectors." in done.stdout
    wrong = run_ibid(tmp_path / "library", "doctor", IBID_PORT="http", IBID_LIBARY="x")
    assert wrong.returncode == 1
    assert "problem: IBID_LIBARY is no setting." in wrong.stdout
    assert "problem: A setting cannot be used: IBID_PORT='http'" in wrong.stdout
