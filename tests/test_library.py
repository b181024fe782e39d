"""The store: what is canonical stays, what is derived is rebuilt, and one process owns it."""

import gzip
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.embed import Embedding
from ingest.errors import (
    BadInputError,
    LibraryBusyError,
    LibraryError,
    LibraryLayoutError,
    NotFoundError,
)
from ingest.library import Filters, Library
from ingest.pipeline import make_article
from ingest.split import split_passages
from ingest.vectors import VectorIndex
from ingest.words import words
from tests.conftest import copied, ingest

QUERY = "treaty establishing the Union State"


@pytest.fixture(scope="module")
def large(
    tmp_path_factory: pytest.TempPathFactory, corpus_library: Path, embedding: Embedding
) -> Path:
    """A closed library of the five articles, with enough vectors for Chroma to write an index."""
    folder = copied(corpus_library, tmp_path_factory.mktemp("large"))
    with Library(folder, embedding) as library:
        many = [f"Ship {n} reached Lindow with {n} tonnes of grain." for n in range(3000)]
        article = make_article("ships", "ships.txt", "\n\n".join(many))
        passages = [replace(p, id=f"{p.id}-{n}") for n in range(9) for p in split_passages(article)]
        vectors = np.random.default_rng(1).normal(size=(len(passages), 384)).astype(np.float32)
        library.save(
            article, passages, vectors, np.zeros((len(article.units), 384), np.float32), "made"
        )
    return folder


@pytest.fixture
def folder(large: Path, tmp_path: Path) -> Path:
    return copied(large, tmp_path)


def wipe(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


def empty(folder: Path) -> None:
    (folder / "chroma" / "chroma.sqlite3").write_bytes(b"")


def garble_database(folder: Path) -> None:
    (folder / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def drop_index(folder: Path) -> None:
    for path in (folder / "chroma").rglob("*.bin"):
        path.unlink()


def garble_index(folder: Path) -> None:
    found = list((folder / "chroma").rglob("*.bin"))
    assert found, "Chroma has written no index to garble"
    for path in found:
        path.write_bytes(b"\xff" * path.stat().st_size)


@pytest.mark.parametrize("damage", [wipe, empty, garble_database, drop_index, garble_index])
def test_a_damaged_chroma_folder_is_noticed_and_rebuilt(
    folder: Path, embedding: Embedding, damage: Callable[[Path], None]
) -> None:
    vector = embedding.question(QUERY)
    with Library(folder, embedding) as library:
        before, count = library.search_vectors(vector, 5), library.vectors.count()
        assert library.repaired is None
    damage(folder)
    with Library(folder, embedding) as library:
        assert library.repaired
        assert library.vectors.count() == count == library.count_passages()
        found = library.search_vectors(vector, 5)
        assert [hit.passage_id for hit in found] == [hit.passage_id for hit in before]
    with Library(folder, embedding) as library:
        assert library.repaired is None


def test_vectors_that_chroma_missed_or_kept_too_long_are_put_right(
    folder: Path, embedding: Embedding
) -> None:
    with Library(folder, embedding) as library:
        ids = [hit.passage_id for hit in library.search_words(words(QUERY), 3)]
        library.vectors.delete(ids[:2])
        library.vectors.upsert(["stale"], embedding.texts(["stale"]))
    with Library(folder, embedding) as library:
        assert library.repaired == "2 vectors missing, 1 stale"
        assert library.vectors.count() == library.count_passages()


def test_rebuild_embeds_nothing_and_restores_every_vector(
    folder: Path, embedding: Embedding
) -> None:
    with Library(folder, embedding) as library:
        library.vectors.clear()
        assert library.vectors.count() == 0
        assert library.rebuild() == library.count_passages()


def test_an_id_that_exists_is_replaced(tmp_path: Path, embedding: Embedding) -> None:
    index = VectorIndex(tmp_path / "chroma", "test")
    old, new = embedding.texts(["the harbour", "a recipe for bread"])
    index.upsert(["a"], old[None])
    index.upsert(["a"], new[None])
    assert index.count() == 1
    assert index.search(new, 1)[0].score == pytest.approx(1, abs=1e-4)
    index.close()


def test_a_second_process_is_refused_by_name(library: Library, embedding: Embedding) -> None:
    code = (
        "import sys; from pathlib import Path; from ingest.embed import load_embedding;"
        "from ingest.library import Library; Library(Path(sys.argv[1]), load_embedding('e5-small'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(library.folder)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "LibraryBusyError" in done.stderr
    assert "in use by 'ibid'" in done.stderr
    with pytest.raises(LibraryBusyError):
        Library(library.folder, embedding, wait_seconds=0)


def test_the_lock_is_free_again_after_a_failed_opening(
    tmp_path: Path, embedding: Embedding
) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"not a database" * 100)
    for _ in range(2):
        with pytest.raises(LibraryError, match="cannot be opened"):
            Library(tmp_path, embedding)


@pytest.mark.parametrize(("layout", "age"), [(99, "a later"), (-1, "an earlier")])
def test_another_layout_is_recognised(
    folder: Path, embedding: Embedding, layout: int, age: str
) -> None:
    with sqlite3.connect(folder / "library.sqlite") as database:
        database.execute(f"PRAGMA user_version = {layout}")
    with pytest.raises(LibraryLayoutError, match=f"{age} version wrote it.*ibid ingest"):
        Library(folder, embedding)


def test_a_library_of_an_old_release_opens_in_this_one(
    tmp_path: Path, embedding: Embedding
) -> None:
    """The fixture was written by Ibid as it was with layout 2: a text and a Markdown file."""
    old = Path(__file__).parent / "data" / "library-layout-2.sqlite.gz"
    (tmp_path / "library.sqlite").write_bytes(gzip.decompress(old.read_bytes()))
    for _ in range(2):  # and stays so
        with Library(tmp_path, embedding) as library:
            assert [item.id for item in library.catalogue()] == ["bread", "harbour"]
            harbour = library.article("harbour")
            assert (harbour.metadata.author, harbour.places) == ("Mara Quell", ())
            assert library.vectors.count() == library.count_passages() == 2
            found = library.search_vectors(embedding.question("What does the crane lift?"), 1)
            assert found[0].passage_id.startswith("harbour")
            assert library.versions("harbour") == []


def test_a_foreign_database_and_another_model_are_recognised(
    tmp_path: Path, folder: Path, embedding: Embedding
) -> None:
    with sqlite3.connect(tmp_path / "library.sqlite") as database:
        database.execute("CREATE TABLE shop (id)")
    with pytest.raises(LibraryLayoutError, match="not one of Ibid's"):
        Library(tmp_path, embedding)
    with Library(folder, embedding) as library:
        assert library.unit_vectors("003_ba50ad80150e0fb4").shape[1] == embedding.dimensions
    with sqlite3.connect(folder / "library.sqlite") as database:
        database.execute("UPDATE property SET value = 'other@1' WHERE name = 'model'")
    with pytest.raises(LibraryLayoutError, match="embedded with other@1.*rebuild --embed"):
        Library(folder, embedding)


def test_a_folder_that_cannot_be_written_says_so(embedding: Embedding) -> None:
    with pytest.raises(LibraryError, match="cannot be written.*IBID_LIBRARY"):
        Library(Path("/proc/ibid"), embedding)


def test_filters_leave_what_they_say(folder: Path, embedding: Embedding) -> None:
    with Library(folder, embedding) as library:
        assert library.articles_matching(Filters(publishers=("PISM",))) == ["001_6d0d470c36767c10"]
        dated = library.articles_matching(Filters(published_from="2021-11-01"))
        assert dated == ["000_0d8d1708ca91e9da", "004_0fb5895dd017175d"]
        assert library.articles_matching(Filters(published_to="2021-11-30")) == dated[:1]
        vector = embedding.question(QUERY)
        within = library.search_vectors(vector, 50, dated)
        everywhere = {hit.passage_id: hit.score for hit in library.search_vectors(vector, 500)}
        assert {hit.passage_id.split(":")[0] for hit in within} == set(dated)
        for hit in within:
            if hit.passage_id in everywhere:
                assert hit.score == pytest.approx(everywhere[hit.passage_id], abs=1e-4)
        assert library.search_words(words(QUERY), 5, []) == []
    with pytest.raises(BadInputError, match="YYYY-MM-DD"):
        Filters(published_from="2021-13-01")


def test_an_unknown_article_says_where_to_look(library: Library) -> None:
    with pytest.raises(NotFoundError, match="no article 'x'"):
        library.article("x")


def test_a_killed_writer_leaves_whole_articles(tmp_path: Path, embedding: Embedding) -> None:
    """kill -9 in the middle of an ingest; the next run completes it."""
    source, folder = tmp_path / "corpus", tmp_path / "library"
    source.mkdir()
    for n in range(40):
        lines = [f"Ship {n} brought {n + k} tonnes of grain to Lindow." for k in range(30)]
        (source / f"{n:02}.txt").write_text(" ".join(lines))
    code = (
        "import os, sys; from pathlib import Path; from ingest.embed import load_embedding;"
        "from ingest.library import Library; from ingest.pipeline import ingest_paths;"
        "from ingest.settings import Settings;"
        "e = load_embedding('e5-small'); l = Library(Path(sys.argv[1]), e);"
        "[os.kill(os.getpid(), 9) for o in ingest_paths(l, e, [Path(sys.argv[2])], Settings())"
        " if o.done == 7]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(source)], check=False, timeout=120
    )
    assert done.returncode == -9
    with Library(folder, embedding) as library:
        assert len(library.catalogue()) == 7
        outcomes = ingest(library, embedding, source)
        assert [outcome.status for outcome in outcomes] == ["unchanged"] * 7 + ["added"] * 33
        assert library.vectors.count() == library.count_passages() > 40
