from pathlib import Path
from typing import cast

import pytest

from ingest.embed import Embedding
from ingest.errors import BadInputError, LibraryError, NotFoundError
from ingest.library import Library
from ingest.pipeline import ATTEMPTS
from ingest.types import Status
from ingest.words import words
from rag.build import Ibid
from rag.types import Quote
from tests.conftest import ingest

HARBOUR = "The harbour of Lindow reopened on Monday after nine months of repairs."
BREAD = "The bakery of Lindow sells rye bread and nothing else since the flood."


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "harbour.txt").write_text(HARBOUR)
    (folder / "bread.md").write_text(f"# Bread\n\n{BREAD}\n")
    return folder


def statuses(library: Library, embedding: Embedding, *paths: Path) -> dict[str, Status]:
    return {Path(o.location).name: o.status for o in ingest(library, embedding, *paths)}


def test_a_second_run_embeds_nothing(library: Library, embedding: Embedding, source: Path) -> None:
    first = statuses(library, embedding, source)
    assert first == {"harbour.txt": Status.ADDED, "bread.md": Status.ADDED}
    unused = cast(Embedding, None)  # any use of it would fail
    assert set(statuses(library, unused, source).values()) == {Status.UNCHANGED}


def test_changed_and_removed_files_are_followed(
    library: Library, embedding: Embedding, source: Path
) -> None:
    ingest(library, embedding, source)
    (source / "harbour.txt").write_text(HARBOUR.replace("Monday", "Sunday"))
    (source / "bread.md").unlink()
    assert statuses(library, embedding, source) == {
        "bread.md": Status.REMOVED,
        "harbour.txt": Status.CHANGED,
    }
    assert [entry.id for entry in library.catalogue()] == ["harbour"]
    assert "Sunday" in library.article("harbour").text
    assert library.search_words(words("rye bread Monday"), 5) == []
    assert library.vectors.count() == library.count_passages() == 1


def test_a_file_that_fails_is_named_and_keeps_its_old_article(
    library: Library, embedding: Embedding, source: Path
) -> None:
    ingest(library, embedding, source)
    (source / "harbour.txt").write_bytes(b"\0\1\2")
    (source / "new.txt").write_bytes(b"")
    outcomes = {Path(o.location).name: o for o in ingest(library, embedding, source)}
    assert outcomes["bread.md"].status is Status.UNCHANGED
    assert "binary" in str(outcomes["harbour.txt"].error)
    assert "empty" in str(outcomes["new.txt"].error)
    assert library.article("harbour").text == HARBOUR
    assert len(library.status().failed) == 2
    (source / "harbour.txt").write_text(HARBOUR)
    (source / "new.txt").write_text(BREAD)
    assert Status.FAILED not in statuses(library, embedding, source).values()
    assert library.status().failed == {}


def test_new_metadata_is_a_change(library: Library, embedding: Embedding, source: Path) -> None:
    ingest(library, embedding, source)
    (source / "metadata.yaml").write_text("harbour.txt: {title: The harbour}")
    assert statuses(library, embedding, source)["harbour.txt"] is Status.CHANGED
    assert library.article("harbour").title == "The harbour"


def test_files_of_one_name_get_ids_of_their_own(
    library: Library, embedding: Embedding, source: Path
) -> None:
    (source / "more").mkdir()
    (source / "more" / "harbour.txt").write_text(BREAD)
    ingest(library, embedding, source)
    ids = [entry.id for entry in library.catalogue()]
    assert len(ids) == len(set(ids)) == 3
    assert library.article("harbour").text == HARBOUR


def test_a_single_file_leaves_its_neighbours_alone(
    library: Library, embedding: Embedding, source: Path
) -> None:
    ingest(library, embedding, source)
    (source / "bread.md").unlink()
    assert statuses(library, embedding, source / "harbour.txt") == {"harbour.txt": Status.UNCHANGED}
    assert statuses(library, embedding, source / "bread.md") == {"bread.md": Status.REMOVED}


def test_nothing_to_ingest_says_so(library: Library, embedding: Embedding, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file or folder"):
        ingest(library, embedding, tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="holds no article"):
        ingest(library, embedding, tmp_path / "empty")


def test_the_articles_are_stored_as_they_came(ibid: Ibid) -> None:
    found = ibid.engine.passages("union state integration agreement", 30)
    assert len(found) == 30
    for item in found:
        article = ibid.library.article(item.passage.article_id)
        assert article.text.encode() == Path(article.location).read_bytes()
        assert article.text[item.passage.start : item.passage.end] == item.passage.text


def test_every_file_is_accounted_for(library: Library, embedding: Embedding, source: Path) -> None:
    (source / "plan.odp").write_bytes(b"slides")
    (source / "README.md").write_text("What these are.")
    outcomes = {Path(o.location).name: o for o in ingest(library, embedding, source)}
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "plan.odp": Status.SKIPPED,
        "README.md": Status.SKIPPED,
        "harbour.txt": Status.ADDED,
        "bread.md": Status.ADDED,
    }
    assert ".odp is not read" in (outcomes["plan.odp"].error or "")
    assert {outcome.total for outcome in outcomes.values()} == {4}
    assert sorted(outcome.done for outcome in outcomes.values()) == [1, 2, 3, 4]


def test_a_large_file_does_not_hold_up_small_ones(
    library: Library, embedding: Embedding, source: Path
) -> None:
    (source / "a.txt").write_text("\n\n".join(f"{HARBOUR} It was day {n}." for n in range(20)))
    outcomes = [Path(o.location).name for o in ingest(library, embedding, source)]
    assert outcomes[-1] == "a.txt"


def test_what_failed_is_tried_again_but_not_for_ever(
    library: Library, embedding: Embedding, source: Path
) -> None:
    (source / "bad.txt").write_bytes(b"\0\1\2")
    errors = []
    for _ in range(ATTEMPTS + 1):
        outcomes = {Path(o.location).name: o for o in ingest(library, embedding, source)}
        errors.append(outcomes["bad.txt"].error or "")
    assert ["not again" in error for error in errors] == [False] * ATTEMPTS + [True]
    (source / "bad.txt").write_text(BREAD)
    outcomes = {Path(o.location).name: o for o in ingest(library, embedding, source)}
    assert outcomes["bad.txt"].status is Status.ADDED


def test_a_quote_says_where_in_its_file_it_stands(
    library: Library, embedding: Embedding, source: Path
) -> None:
    (source / "boats.csv").write_text("Boat,Berth\nAlbatross,12\nHeron,17\n")
    ingest(library, embedding, source)
    article = library.article("boats")
    quotes = {Quote.of(article, unit.span).place: unit for unit in article.units}
    row = quotes["row 3"]
    assert "Heron" in article.text[row.start : row.end]


def test_a_full_disk_ends_the_run_and_the_next_one_completes_it(
    library: Library, embedding: Embedding, source: Path
) -> None:
    database = library._database
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    (source / "long.txt").write_text("\n\n".join(f"{HARBOUR} It was day {n}." for n in range(90)))
    with pytest.raises(LibraryError, match=r"cannot be written \(database or disk is full\)"):
        ingest(library, embedding, source)
    database.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    assert Status.FAILED not in statuses(library, embedding, source).values()
    assert len(library.catalogue()) == 3
