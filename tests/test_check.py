"""A draft is checked sentence by sentence, in Python, over HTTP and by the command."""

import json
from pathlib import Path

import httpx
import pytest

from ingest.errors import BadInputError
from ingest.types import Span
from rag.build import Ibid
from rag.check import MAX_DRAFT, Finding, SkippedText, split_draft
from tests.conftest import run_ibid

TRUE = "Of the ten most popular TV channels watched in Belarus, eight are Russian."
FALSE = TRUE.replace("eight", "six")
UNKNOWN = "The harbour of Lindow exports pears to Norway every spring."
DRAFT = f"# What is known\n\n{TRUE} {FALSE} Is that so?\n\n{UNKNOWN}\n"


def test_each_sentence_gets_its_finding(ibid: Ibid) -> None:
    result = ibid.checker.check(DRAFT)
    assert [item.finding for item in result.sentences] == [
        Finding.SUPPORTED, Finding.CONTRADICTED, Finding.NOT_IN_CORPUS,
    ]  # fmt: skip
    assert not result.supported
    assert [item.why for item in result.skipped] == ["heading", "question"]
    parts = [(item.start, item.end, item.text) for item in result.sentences]
    parts += [(item.start, item.end, item.text) for item in result.skipped]
    for start, end, text in parts:
        assert DRAFT[start:end] == text
    assert ibid.checker.check(TRUE).supported


def test_a_contradiction_names_both_sides_and_quotes_the_article(ibid: Ibid) -> None:
    (found,) = ibid.checker.check(FALSE).sentences
    assert found.reasons == ("it has six where the quotes have eight",)
    assert any("eight are Russian" in quote.quote for quote in found.quotes)
    for quote in found.quotes:
        text = ibid.library.article(quote.article_id).text
        assert text[quote.start : quote.end] == quote.quote


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("early November 2021", "early December 2021"),
        ("Sevastopol", "Odesa"),
        ("called", "did not call"),
        (
            "Vladimir Putin called Alyaksandr Lukashenka",
            "Alyaksandr Lukashenka called Vladimir Putin",
        ),
    ],
)
def test_an_altered_sentence_is_contradicted(ibid: Ibid, written: str, other: str) -> None:
    sentence = (
        "In early November 2021, Vladimir Putin called Alyaksandr Lukashenka from temporarily "
        "occupied Sevastopol."
    )
    assert ibid.checker.check(sentence).supported
    (found,) = ibid.checker.check(sentence.replace(written, other)).sentences
    assert found.finding is Finding.CONTRADICTED, found.reasons


def test_every_part_of_a_draft_is_checked_or_named() -> None:
    draft = "Title of it\n\nOne sentence stands here. Does it? Yes.\n\n- An item that says much.\n"
    parts = list(split_draft(draft))
    said = [draft[part.start : part.end] for part in parts if isinstance(part, Span)]
    assert said == ["One sentence stands here.", "- An item that says much."]
    assert [part.why for part in parts if isinstance(part, SkippedText)] == [
        "heading", "question", "fragment",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (" \n", "empty"),
        ("x" * (MAX_DRAFT + 1), "limit is 20,000"),
        ("# Title\n\nWhy is that?", "no sentence to check"),
    ],
)
def test_what_cannot_be_checked_is_refused(ibid: Ibid, draft: str, words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        ibid.checker.check(draft)


def test_the_command_and_the_api_say_the_same(
    ibid: Ibid, served: tuple[Path, str], tmp_path: Path
) -> None:
    file = tmp_path / "draft.txt"
    file.write_text(DRAFT)
    done = run_ibid(served[0], "check", "--json", str(file))
    assert done.returncode == 1, done.stderr
    answer = httpx.post(f"{served[1]}/api/check", json={"text": DRAFT}, timeout=60).json()
    assert json.loads(done.stdout) == answer
    assert answer == ibid.checker.check(DRAFT).model_dump(mode="json")
    assert (
        "1 supported, 1 contradicted, 1 not in corpus"
        in run_ibid(served[0], "check", str(file)).stdout
    )


def test_exit_codes_without_a_server(tmp_path: Path) -> None:
    folder, article, draft = tmp_path / "library", tmp_path / "a.txt", tmp_path / "draft.txt"
    article.write_text("The harbour of Lindow reopened on Monday after nine months of repairs.")
    assert run_ibid(folder, "ingest", str(article)).returncode == 0
    draft.write_text("The harbour of Lindow reopened on Monday.")
    assert run_ibid(folder, "check", str(draft)).returncode == 0
    draft.write_text("The harbour of Lindow reopened on Sunday.")
    assert run_ibid(folder, "check", str(draft)).returncode == 1
    for data, words in (
        (b"", "draft is empty"),
        ("Köln".encode("latin-1"), "not text in UTF-8"),
        (b"Why? " * 5000, "limit is 20,000"),
        (None, "cannot be read"),
    ):
        if data is None:
            draft.unlink()
        else:
            draft.write_bytes(data)
        done = run_ibid(folder, "check", str(draft))
        assert (done.returncode, words in " ".join(done.stderr.split())) == (2, True), done.stderr
