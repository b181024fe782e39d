"""The library: canonical articles, passages, vectors and full-text index in one SQLite file.

Its tables are in schema.py; Chroma (vectors.py) is derived from it. One transaction an article, so
that a killed process leaves every article whole or absent; the vector index is brought in line at
the next opening.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from pydantic import BaseModel

from ingest.embed import Model, Vectors
from ingest.errors import BadInputError, LibraryError, LibraryLayoutError, NotFoundError
from ingest.lock import LibraryLock
from ingest.schema import (
    ARTICLE_COLUMNS,
    FILE_NAME,
    open_database,
    open_read_only,
    transaction,
)
from ingest.types import Article, BlockKind, Metadata, Passage, Place, Span, Unit
from ingest.vectors import Hit, VectorIndex
from ingest.words import beginning, words

UNFINISHED = "a model whose work was not finished"
"""What a library is made by while it is embedded anew."""
ARTICLES_KEPT = 256
"""How many articles stay in memory: many questions' worth of the same few, at some 100 KB each."""

DESCRIBED = ("title", "author", "publisher", "published", "modified", "url")
"""What metadata tells of an article, as its columns are named."""
_LEDGER = "location, fingerprint, stage, error, attempts"
_PASSAGE = "id, article_id, number, start, end, first, last, tokens, header, text"


class LedgerEntry(NamedTuple):
    """How far the ingest of one location came; `stage` is 'stored' or where it failed.

    `attempts` counts those with this fingerprint.
    """

    location: str
    fingerprint: str
    stage: str
    error: str | None
    attempts: int


class ArticleSummary(NamedTuple):
    """An article of the catalogue, without its text."""

    id: str
    location: str
    sha256: str
    metadata: Metadata
    characters: int
    passages: int


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may answer: any of the ids, any of the publishers, published within dates.

    An article without a publisher or a date passes no filter on it.
    """

    articles: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    published_from: str | None = None
    published_to: str | None = None

    def __post_init__(self) -> None:
        for day in (self.published_from, self.published_to):
            if day is not None and not _is_day(day):
                raise BadInputError(f"{day!r} is not a day; write it as YYYY-MM-DD.")

    def __bool__(self) -> bool:
        return bool(self.articles or self.publishers or self.published_from or self.published_to)


class Version(NamedTuple):
    """A text that an article had until a day: what tells it, and when it was ingested and replaced.

    Days and times are ISO 8601, in UTC.
    """

    sha256: str
    ingested: str
    replaced: str


class LibraryStatus(BaseModel):
    """What a library holds, and its state; `failed` gives the error by location."""

    folder: str
    read_only: bool
    articles: int
    passages: int
    vectors: int
    model: str
    failed: dict[str, str]
    repaired: str | None


class Library:
    """An open library; this process owns it until `close`."""

    def __init__(
        self,
        folder: Path,
        embedding: Model,
        command: str = "ibid",
        chroma_url: str | None = None,
        wait_seconds: float = 1.0,
        *,
        embed_anew: bool = False,
    ) -> None:
        """Open a library, or make one; with `embed_anew`, also one made by another model.

        Such a library then belongs to no model until `finish_embedding`. One whose folder cannot
        be written is opened to be read, beside others who read it.
        """
        self.folder = folder
        self.lock = LibraryLock(folder)
        self._guard = threading.RLock()
        self._kept = lru_cache(maxsize=ARTICLES_KEPT)(self._read_article)
        self._kept_vectors = lru_cache(maxsize=ARTICLES_KEPT)(self._read_unit_vectors)
        self._terms: list[str] | None = None
        self.read_only = is_read_only(folder)
        if not self.read_only:
            self.lock.acquire(command, wait_seconds)
        try:
            self.dimensions = embedding.dimensions
            self._model = embedding.name
            opened = (
                open_read_only(folder) if self.read_only else open_database(folder, self._model)
            )
            self._database = opened
            self._database.row_factory = sqlite3.Row
            self._counts = self._count()
            if not embed_anew:
                self._check_model()
            self.vectors = VectorIndex(
                folder / "chroma",
                f"ibid-{self._property('id')}",
                chroma_url,
                in_memory=self.read_only,
            )
            if embed_anew:
                self._set_property("model", UNFINISHED)
                self.vectors.clear()
            else:
                self.vectors.match(self._all_passage_ids(), self._stored_vectors)
            self.repaired = None if embed_anew or self.read_only else self.vectors.repaired
        except BaseException:
            self.lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the stores and give the library back."""
        with self._guard:
            self.vectors.close()
            self._database.close()
            self.lock.release()

    def _check_model(self) -> None:
        made_by = self._property("model")
        if made_by != self._model:
            raise LibraryLayoutError(
                f"The library {self.folder} was embedded with {made_by}, not {self._model}. Run "
                "'ibid rebuild --embed' to embed its articles anew, or set IBID_EMBEDDING back."
            )

    def _property(self, name: str) -> str:
        row = self._database.execute("SELECT value FROM property WHERE name = ?", (name,))
        return str(row.fetchone()[0])

    def _set_property(self, name: str, value: str) -> None:
        with self._guard, self._writing() as database:
            database.execute("UPDATE property SET value = ? WHERE name = ?", (value, name))

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self._guard:
            return self._database.execute(query, values).fetchall()

    def _all_passage_ids(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT id FROM passage")]

    def _stored_vectors(self, ids: Sequence[str]) -> Vectors:
        marks = ", ".join("?" * len(ids))
        rows = self._rows(f"SELECT id, vector FROM passage WHERE id IN ({marks})", ids)
        found = {row[0]: np.frombuffer(row[1], np.float32) for row in rows}
        return np.stack([found[passage_id] for passage_id in ids])

    # Writing ---------------------------------------------------------------------------------

    def save(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: Vectors,
        unit_vectors: Vectors,
        fingerprint: str,
    ) -> None:
        """Store an article in place of what its id held before; that text is kept as a version.

        `vectors` has shape (len(passages), dimensions), `unit_vectors` (len(article.units),
        dimensions); the latter are kept in half precision.
        """
        old = self._passage_ids("article_id = ?", article.id)
        new = self.location_of(article.id) is None
        with self._guard, self._writing() as database:
            database.execute(
                f"INSERT OR REPLACE INTO version (id, {ARTICLE_COLUMNS}, replaced) "
                f"SELECT id, {ARTICLE_COLUMNS}, ? FROM article WHERE id = ? AND sha256 <> ?",
                (_now(), article.id, article.sha256),
            )
            database.execute(
                "DELETE FROM version WHERE id = ? AND sha256 = ?", (article.id, article.sha256)
            )
            self._delete_rows(database, article.id)
            _insert(database, "article", _article_row(article))
            for passage, vector in zip(passages, vectors, strict=True):
                cursor = database.execute(
                    f"INSERT INTO passage ({_PASSAGE}, vector) VALUES ({', '.join('?' * 11)})",
                    (
                        passage.id, passage.article_id, passage.number, passage.start, passage.end,
                        passage.first, passage.last, passage.tokens, passage.header, passage.text,
                        vector.astype(np.float32).tobytes(),
                    ),
                )  # fmt: skip
                database.execute(
                    "INSERT INTO passage_terms (rowid, header, body) VALUES (?, ?, ?)",
                    (cursor.lastrowid, *map(_indexed, (passage.header, passage.text))),
                )
            database.execute(
                "INSERT INTO unit_vectors VALUES (?, ?)",
                (article.id, unit_vectors.astype(np.float16).tobytes()),
            )
            _record(database, article.location, fingerprint, "stored", None)
            self._forget_kept()
        self._add_to_counts(int(new), len(passages) - len(old))
        ids = [passage.id for passage in passages]
        self.vectors.delete(sorted(set(old) - set(ids)))
        self.vectors.upsert(ids, vectors)

    def keep_version(self, article: Article) -> None:
        """Keep an article as an earlier version of the one that has its id now."""
        with self._guard, self._writing() as database:
            _insert(database, "version", {**_article_row(article), "replaced": _now()})

    def note_unchanged(self, location: str, fingerprint: str) -> None:
        """Note in the ledger that a location's new bytes say what is stored."""
        with self._guard, self._writing() as database:
            _record(database, location, fingerprint, "stored", None)

    def replace_vectors(
        self, article_id: str, passages: Sequence[Passage], vectors: Vectors, unit_vectors: Vectors
    ) -> None:
        """Replace the vectors of an article's passages and units."""
        with self._guard, self._writing() as database:
            database.executemany(
                "UPDATE passage SET vector = ? WHERE id = ?",
                [
                    (vector.astype(np.float32).tobytes(), passage.id)
                    for passage, vector in zip(passages, vectors, strict=True)
                ],
            )
            database.execute(
                "UPDATE unit_vectors SET vectors = ? WHERE article_id = ?",
                (unit_vectors.astype(np.float16).tobytes(), article_id),
            )
            self._forget_kept()
        self.vectors.upsert([passage.id for passage in passages], vectors)

    def finish_embedding(self) -> None:
        """Say that every vector is the present model's."""
        self._set_property("model", self._model)

    def remove(self, article_id: str) -> None:
        """Delete an article, its earlier versions and everything made from them."""
        location = self.article(article_id).location
        ids = self._passage_ids("article_id = ?", article_id)
        with self._guard, self._writing() as database:
            self._delete_rows(database, article_id)
            database.execute("DELETE FROM version WHERE id = ?", (article_id,))
            database.execute("DELETE FROM ledger WHERE location = ?", (location,))
            self._forget_kept()
        self._add_to_counts(-1, -len(ids))
        self.vectors.delete(ids)

    def record_failure(self, location: str, fingerprint: str, stage: str, error: str) -> None:
        """Note in the ledger why a location could not be ingested."""
        with self._guard, self._writing() as database:
            _record(database, location, fingerprint, stage, error)

    def forget(self, location: str) -> None:
        """Drop a ledger entry that has no article."""
        with self._guard, self._writing() as database:
            database.execute("DELETE FROM ledger WHERE location = ?", (location,))

    def rebuild(self) -> int:
        """Build the vector index anew from the stored vectors; return how many there are."""
        if self.read_only:
            raise LibraryError(
                f"The library {self.folder} cannot be written. Mend its permissions."
            )
        with self._guard:
            self.vectors.clear()
            self.vectors.match(self._all_passage_ids(), self._stored_vectors)
            return self.vectors.count()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with transaction(self._database) as database:
                yield database
        except sqlite3.OperationalError as error:
            raise LibraryError(
                f"The library {self.folder} cannot be written ({error}). Nothing was changed."
            ) from None

    def _delete_rows(self, database: sqlite3.Connection, article_id: str) -> None:
        rowids = "SELECT rowid FROM passage WHERE article_id = ?"
        database.execute(f"DELETE FROM passage_terms WHERE rowid IN ({rowids})", (article_id,))
        database.execute("DELETE FROM article WHERE id = ?", (article_id,))

    def status(self) -> LibraryStatus:
        """Return what the library holds, and its state."""
        return LibraryStatus(
            folder=str(self.folder),
            read_only=self.read_only,
            articles=self.count_articles(),
            passages=self.count_passages(),
            vectors=self.vectors.count(),
            model=self._property("model"),
            failed={entry.location: entry.error for entry in self.ledger() if entry.error},
            repaired=self.repaired,
        )

    # Reading ---------------------------------------------------------------------------------

    def article(self, article_id: str) -> Article:
        """Return an article with its text and sentences."""
        with self._guard:  # so that nothing is kept of an article that is being replaced
            return self._kept(article_id)

    def unit_vectors(self, article_id: str) -> Vectors:
        """Return the vectors of an article's units, shape (units, dimensions), of unit length."""
        with self._guard:
            return self._kept_vectors(article_id)

    def _read_unit_vectors(self, article_id: str) -> Vectors:
        rows = self._rows("SELECT vectors FROM unit_vectors WHERE article_id = ?", (article_id,))
        blob = rows[0][0] if rows else b""
        return np.frombuffer(blob, np.float16).reshape(-1, self.dimensions).astype(np.float32)

    def _forget_kept(self) -> None:
        self._terms = None
        self._kept.cache_clear()
        self._kept_vectors.cache_clear()

    def _read_article(self, article_id: str) -> Article:
        rows = self._rows("SELECT * FROM article WHERE id = ?", (article_id,))
        if not rows:
            raise NotFoundError(
                f"There is no article {article_id!r}; GET /api/articles or 'ibid status' "
                "lists those there are."
            )
        return _article(rows[0])

    def version(self, article_id: str, sha256: str) -> Article | None:
        """Return an article with the text that it has or had, told by its hash; None without."""
        with suppress(NotFoundError):
            present = self.article(article_id)
            if present.sha256 == sha256:
                return present
        rows = self._rows("SELECT * FROM version WHERE id = ? AND sha256 = ?", (article_id, sha256))
        return _article(rows[0]) if rows else None

    def versions(self, article_id: str) -> list[Version]:
        """Return the earlier versions of an article, the latest first."""
        rows = self._rows(
            "SELECT sha256, ingested, replaced FROM version WHERE id = ? "
            "ORDER BY replaced DESC, ingested DESC",
            (article_id,),
        )
        return [Version(*row) for row in rows]

    def articles_with_url(self, url: str) -> list[str]:
        """Return the ids of the articles that give this as their address."""
        return [row[0] for row in self._rows("SELECT id FROM article WHERE url = ?", (url,))]

    def catalogue(self, limit: int | None = None, offset: int = 0) -> list[ArticleSummary]:
        """Return every article without its text, by id; of these `limit`, from `offset` on."""
        rows = self._rows(
            "SELECT *, length(text) AS characters, (SELECT count(*) FROM passage "
            "WHERE article_id = article.id) AS passages FROM article ORDER BY id "
            "LIMIT ? OFFSET ?",
            (-1 if limit is None else limit, offset),
        )
        return [
            ArticleSummary(
                row["id"], row["location"], row["sha256"], _metadata(row),
                row["characters"], row["passages"],
            )
            for row in rows
        ]  # fmt: skip

    def ledger(self) -> list[LedgerEntry]:
        """Return every ledger entry, by location."""
        rows = self._rows(f"SELECT {_LEDGER} FROM ledger ORDER BY location")
        return [LedgerEntry(*row) for row in rows]

    def ledger_entry(self, location: str) -> LedgerEntry | None:
        """Return the ledger entry of one location."""
        query = f"SELECT {_LEDGER} FROM ledger WHERE location = ?"
        return next((LedgerEntry(*row) for row in self._rows(query, (location,))), None)

    def article_at(self, location: str) -> str | None:
        """Return the id of the article read from a location."""
        rows = self._rows("SELECT id FROM article WHERE location = ?", (location,))
        return str(rows[0][0]) if rows else None

    def location_of(self, article_id: str) -> str | None:
        """Return where an article was read from."""
        rows = self._rows("SELECT location FROM article WHERE id = ?", (article_id,))
        return str(rows[0][0]) if rows else None

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """Return passages in the order of their ids; unknown ids are left out."""
        marks = ", ".join("?" * len(ids))
        rows = self._rows(f"SELECT {_PASSAGE} FROM passage WHERE id IN ({marks})", ids)
        found = {row["id"]: Passage(*row) for row in rows}
        return [found[passage_id] for passage_id in ids if passage_id in found]

    def passages_of(self, article_id: str) -> list[Passage]:
        """Return the passages of an article, in its order."""
        rows = self._rows(
            f"SELECT {_PASSAGE} FROM passage WHERE article_id = ? ORDER BY number", (article_id,)
        )
        return [Passage(*row) for row in rows]

    def count_articles(self) -> int:
        """Return the number of articles, without waiting for anything."""
        return self._counts[0]

    def count_passages(self) -> int:
        """Return the number of passages, without waiting for anything."""
        return self._counts[1]

    def _add_to_counts(self, articles: int, passages: int) -> None:
        with self._guard:
            self._counts = self._counts[0] + articles, self._counts[1] + passages

    def _count(self) -> tuple[int, int]:
        articles, passages = self._rows(
            "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM passage)"
        )[0]
        return articles, passages

    def document_frequencies(self, words: Collection[str]) -> dict[str, int]:
        """Return in how many passages each word (see `ingest.words`) occurs, in any form."""
        total = self.count_passages()
        return {word: min(total, self._occurrences(word)) for word in dict.fromkeys(words)}

    def _occurrences(self, word: str) -> int:
        start = beginning(word)
        condition = "term = ?" if start == word else "term >= ? AND term < ? || char(1114111)"
        values = (start,) if start == word else (start, start)
        row = self._rows(f"SELECT total(doc) FROM term WHERE {condition}", values)[0]
        return int(row[0])

    def vocabulary(self) -> list[str]:
        """Return every word that occurs in a passage."""
        with self._guard:
            if self._terms is None:
                self._terms = [row[0] for row in self._rows("SELECT term FROM term")]
            return self._terms

    def articles_matching(self, filters: Filters) -> list[str]:
        """Return the ids of the articles that a filter leaves."""
        conditions, values = ["1"], list[object]()
        for column, wanted in (("id", filters.articles), ("publisher", filters.publishers)):
            if wanted:
                conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values.extend(wanted)
        for comparison, day in ((">=", filters.published_from), ("<=", filters.published_to)):
            if day:
                conditions.append(f"published {comparison} ?")
                values.append(day)
        query = f"SELECT id FROM article WHERE {' AND '.join(conditions)} ORDER BY id"
        return [row[0] for row in self._rows(query, values)]

    def search_words(
        self, words: Collection[str], limit: int, articles: Sequence[str] | None = None
    ) -> list[Hit]:
        """Return the best passages by BM25 over any of the words, in any form."""
        if not words or limit <= 0:
            return []
        match = " OR ".join(map(_any_form, sorted(set(words))))
        within, values = _within(articles)
        rows = self._rows(
            "SELECT passage.id, bm25(passage_terms) AS distance FROM passage_terms "
            "JOIN passage ON passage.rowid = passage_terms.rowid "
            f"WHERE passage_terms MATCH ? {within} ORDER BY distance, passage.id LIMIT ?",
            (match, *values, limit),
        )
        return [Hit(row[0], -row[1]) for row in rows]

    def passages_saying(self, said: str, limit: int) -> list[Passage]:
        """Return passages that have these words (see `ingest.words.sequence`) side by side."""
        if not said:
            return []
        columns = ", ".join(f"passage.{name.strip()}" for name in _PASSAGE.split(","))
        rows = self._rows(
            f"SELECT {columns} FROM passage_terms "
            "JOIN passage ON passage.rowid = passage_terms.rowid "
            "WHERE passage_terms MATCH ? LIMIT ?",
            (f'"{said}"', limit),
        )
        return [Passage(*row) for row in rows]

    def search_vectors(
        self, vector: Vectors, limit: int, articles: Sequence[str] | None = None
    ) -> list[Hit]:
        """Return the nearest passages by cosine similarity: in Chroma, or exactly if filtered."""
        if articles is None:
            return self.vectors.search(vector, limit)
        within, values = _within(articles)
        rows = self._rows(f"SELECT id, vector FROM passage WHERE 1 {within}", values)
        if not rows:
            return []
        scores = np.stack([np.frombuffer(row[1], np.float32) for row in rows]) @ vector
        best = np.argsort(-scores, kind="stable")[:limit]
        return [Hit(rows[n][0], float(scores[n])) for n in best]

    def _passage_ids(self, condition: str, value: str) -> list[str]:
        return [row[0] for row in self._rows(f"SELECT id FROM passage WHERE {condition}", (value,))]


def is_read_only(folder: Path) -> bool:
    """Whether there is a library in a folder that cannot be written."""
    file = folder / FILE_NAME
    return file.exists() and not (os.access(folder, os.W_OK) and os.access(file, os.W_OK))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _within(articles: Sequence[str] | None) -> tuple[str, Sequence[str]]:
    if articles is None:
        return "", ()
    return f"AND article_id IN ({', '.join('?' * len(articles))})", articles


def _indexed(text: str) -> str:
    return " ".join(words(text))


def _any_form(word: str) -> str:
    start = beginning(word)
    return f'"{start}"' if start == word else f'"{start}"*'


def _record(
    database: sqlite3.Connection, location: str, fingerprint: str, stage: str, error: str | None
) -> None:
    database.execute(
        "INSERT INTO ledger VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (location) DO UPDATE SET "
        "attempts = CASE WHEN fingerprint = excluded.fingerprint THEN attempts + 1 ELSE 1 END, "
        "fingerprint = excluded.fingerprint, stage = excluded.stage, error = excluded.error, "
        "updated = excluded.updated",
        (location, fingerprint, stage, error, _now()),
    )


def _insert(database: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    marks = ", ".join("?" * len(row))
    database.execute(
        f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
    )


def _article_row(article: Article) -> dict[str, object]:
    data = asdict(article.metadata)
    return {
        "id": article.id,
        "location": article.location,
        "sha256": article.sha256,
        "text": article.text,
        **data,
        "said_at": json.dumps(data["said_at"]),
        "units": json.dumps(article.units),
        "places": json.dumps(article.places),
        "ingested": _now(),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _metadata(row: sqlite3.Row) -> Metadata:
    said_at = {name: Span(*span) for name, span in json.loads(row["said_at"]).items()}
    return Metadata(**{name: row[name] for name in DESCRIBED}, said_at=said_at)


def _article(row: sqlite3.Row) -> Article:
    return Article(
        row["id"], row["location"], row["sha256"], row["text"], _metadata(row),
        tuple(_unit(*fields) for fields in json.loads(row["units"])),
        tuple(Place(*place) for place in json.loads(row["places"])),
    )  # fmt: skip


def _unit(
    start: int,
    end: int,
    kind: str,
    block: int,
    needs: list[tuple[int, int]],
    headings: list[tuple[int, int]],
) -> Unit:
    return Unit(
        start,
        end,
        BlockKind(kind),
        block,
        tuple(Span(*span) for span in needs),
        tuple(Span(*span) for span in headings),
    )
