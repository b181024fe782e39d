import os
from pathlib import Path

import pytest

from ingest.errors import NotFoundError, UnreadableError
from ingest.read import decode, find_files, read

TEXT = "Žlutý kůň říká „ahoj“ – čtyři roky po válce. Příliš žluťoučký kůň úpěl ďábelské ódy.\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
def test_text_in_any_encoding_is_read_as_it_is(encoding: str) -> None:
    assert decode((TEXT * 5).encode(encoding)) == TEXT * 5


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.doc", b"text", "is not read"),
        ("a", b"text", "without suffix"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \r\n\t", "empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("a.txt", bytes(range(1, 32)) * 9 + b"\xff\xfe\x80", "binary|encoding"),
        ("a.txt", b"\xff\xfeA", "broken"),
        ("a.txt", b"x" * 1_000_001, "limit is 1 MB"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read(name, data, limit_mb=1)


def test_every_file_of_a_folder_is_an_article_or_has_a_reason(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a.md",
        "sub/c.HTML",
        "README.md",
        ".hidden.txt",
        "metadata.yaml",
        "x.doc",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    found = {str(path.relative_to(tmp_path)): reason for path, reason in find_files(tmp_path)}
    assert [name for name, reason in found.items() if reason is None] == [
        "a.md",
        "b.txt",
        "sub/c.HTML",
    ]
    assert set(found) == {"a.md", "b.txt", "sub/c.HTML", "README.md", "metadata.yaml", "x.doc"}
    assert ".doc is not read" in (found["x.doc"] or "")


def test_a_file_that_is_named_is_always_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("text")
    assert list(find_files(tmp_path / "README.md")) == [(tmp_path / "README.md", None)]


def test_a_missing_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file or folder"):
        list(find_files(tmp_path / "nothing"))


def test_a_link_to_nothing_and_a_name_that_is_not_utf8_are_named(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    broken = tmp_path / os.fsdecode(b"\xff.txt")
    try:
        broken.write_text("text")
    except OSError:  # not on every file system
        broken = tmp_path / "gone.txt"
    reasons = dict(find_files(tmp_path))
    assert "link to nothing" in (reasons[tmp_path / "gone.txt"] or "")
    assert reasons[broken] is not None


def test_a_page_under_the_name_of_a_text_is_a_page() -> None:
    page = b"<!DOCTYPE html><html><body><p>The ferry <b>leaves</b> at noon.</p>"
    assert read("saved.txt", page, 1).text == "The ferry leaves at noon."
    code = b"In HTML, <html> begins a page."
    assert read("code.txt", code, 1).text == code.decode()


@pytest.mark.parametrize("label", ["idna", "punycode", "undefined", "unicode_escape", "zip", "hex"])
def test_a_label_that_names_no_encoding_of_pages_is_not_believed(label: str) -> None:
    page = f'<html><head><meta charset="{label}"></head><body><p>The ferry leaves at noon.</p>'
    assert read("a.html", page.encode(), 1).text == "The ferry leaves at noon."


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(TEXT)
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "own.txt").write_text(TEXT)
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "in.txt").symlink_to(folder / "own.txt")
    found = {file.name: reason for file, reason in find_files(folder)}
    assert (found["own.txt"], found["in.txt"]) == (None, None)
    assert "link out of the folder" in str(found["out.txt"])
