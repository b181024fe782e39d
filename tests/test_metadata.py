from pathlib import Path

import pytest

from ingest.clean import find_blocks
from ingest.errors import BadInputError
from ingest.metadata import describe, load_metadata
from ingest.pipeline import make_article
from ingest.types import Document, Metadata
from tests.conftest import CORPUS

STORY = "The harbour of Lindow reopened on Monday after nine months of repairs."


def found(text: str) -> Metadata:
    return describe(Document(text), find_blocks(text), None)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Date: 8 November 2021", "2021-11-08"),
        ("Published: Nov. 8, 2021", "2021-11-08"),
        ("December 8th, 2021 - News", "2021-12-08"),
        ("2024-02-29", "2024-02-29"),
        ("31 February 2021", None),
        ("November 2021", None),
    ],
)
def test_a_full_date_at_the_top_is_the_date(line: str, day: str | None) -> None:
    text = f"Harbour reopens\n\n{line}\n\n{STORY}"
    metadata = found(text)
    assert metadata.published == day
    assert metadata.title == "Harbour reopens"
    if day:
        start, end = metadata.said_at["published"]
        assert text[start:end] in line


def test_labels_and_a_byline_are_read() -> None:
    metadata = found(f"# Harbour reopens\n\nBy Ann Lee\n\nPublisher: Lindow Post\n\n{STORY}")
    assert (metadata.title, metadata.author) == ("Harbour reopens", "Ann Lee")
    assert metadata.publisher == "Lindow Post"


MENU = "Home\nNews\nSport"


@pytest.mark.parametrize(
    "head",
    [
        f"{MENU}\n\nHarbour reopens",
        f"{MENU}\n\nHarbour reopens\nBy Ann Lee",
        f"{MENU}\nHarbour reopens",
        "Text size: A A\nMore contrast\n\nHarbour reopens",
        "Home\n\nNews\n\nSport\n\nHarbour reopens",
        f"{MENU}\n\nHarbour reopens\n\nShare\nTweet",
        "Harbour reopens\nBy Ann Lee\n\nThe pilots are glad",
        "Size: A A\nContrast\n\nHarbour reopens",
        "3 May 2024\nHarbour reopens\n\nThe pilots are glad",
        "Harbour reopens\n\nLindow\nMorning edition",
    ],
)
def test_a_menu_is_no_title(head: str) -> None:
    assert found(f"{head}\n\n{STORY}").title == "Harbour reopens"


def test_what_a_text_does_not_say_is_missing() -> None:
    assert found(STORY) == Metadata()
    dated_inside = f"Harbour reopens\n\n{STORY} On 8 November 2021 it had closed. By Ann Lee."
    assert (found(dated_inside).published, found(dated_inside).author) == (None, None)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"published": "8 November"}, "not a date"),
        ({"title": "T", "quotes": {"title": "not in it"}}, "does not say"),
    ],
)
def test_wrong_metadata_is_named(entry: dict[str, object], reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        describe(Document(STORY), find_blocks(STORY), entry)


@pytest.mark.parametrize("content", ["a: [", "- a", "a.txt: {colour: red}", "a.txt: text"])
def test_a_broken_metadata_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "metadata.yaml").write_text(content)
    with pytest.raises(BadInputError, match=r"metadata\.yaml"):
        load_metadata(tmp_path)


def test_the_corpus_metadata_is_what_the_texts_say() -> None:
    entries = load_metadata(CORPUS)
    assert sorted(entries) == sorted(path.name for path in CORPUS.glob("*.txt"))
    for name, entry in entries.items():
        text = (CORPUS / name).read_bytes().decode()
        metadata = make_article("a", name, text, entry).metadata
        given = {key for key in entry if key != "quotes"}
        assert metadata.said_at.keys() == given, f"{name}: a value that the text does not say"


def test_what_the_file_says_of_itself_comes_before_what_its_text_says() -> None:
    text = (
        "# Owls\n\n8 November 2021\n\nThe barn owl hunts at night over open fields and meadows.\n"
    )
    document = Document(text, {"title": "Owls", "published": "2020-01-02", "author": "Ina Bell"})
    said = describe(document, find_blocks(text), None)
    assert (said.title, said.published, said.author) == ("Owls", "2020-01-02", "Ina Bell")
    assert set(said.said_at) == {"title"}
