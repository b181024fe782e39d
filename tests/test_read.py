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
        ("a.pdf", b"%PDF", "is not read"),
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


def test_a_folder_gives_its_articles_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/c.txt", "README.md", ".hidden.txt", "metadata.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    found = [str(path.relative_to(tmp_path)) for path in find_files(tmp_path)]
    assert found == ["a.md", "b.txt", "sub/c.txt"]


def test_a_missing_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file or folder"):
        list(find_files(tmp_path / "nothing"))
