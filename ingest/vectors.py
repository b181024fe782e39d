"""The vector index in Chroma, derived from the library and checked whenever it is opened.

Chroma loses data without an error in known ways: deleted index files return nothing, an emptied
database is an empty store, garbled files end the process. So a folder that was not closed by us,
or was touched since (its seal does not fit), is first read in a process of its own; then the ids
are compared with the library's, and whatever differs is rebuilt from the stored vectors.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, cast

import chromadb
import numpy as np
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError

from ingest.embed import Vectors
from ingest.errors import LibraryError
from ingest.schema import connect_to_read

HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_search": 400}
"""ef_search: recall@10 of 10,000 random vectors 0.90 at 400, 0.52 at Chroma's 100, same speed."""
PROBE_SECONDS = 120
LOAD_BATCH = 1000


class Hit(NamedTuple):
    """A passage found by a search, with its score (higher is better)."""

    passage_id: str
    score: float


class VectorIndex:
    """Passage vectors by id, in an embedded Chroma folder or on a Chroma server.

    With `in_memory`, for a library that cannot be written, neither is used.
    """

    def __init__(
        self, folder: Path, collection: str, url: str | None = None, *, in_memory: bool = False
    ) -> None:
        self.folder = folder
        self._seal_file = folder.with_name(folder.name + ".seal")
        self._collection_name = collection
        self._url = url
        self._on_disk = url is None and not in_memory
        self._in_memory = in_memory
        self.repaired: str | None = None
        with self._written():
            if self._on_disk:
                self._distrust_unsealed_folder()
            self._client = self._connect()
            self._collection = self._client.get_or_create_collection(
                collection, configuration={"hnsw": HNSW}, embedding_function=None
            )

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Turn what Chroma raises where it cannot write into an error that says what to do."""
        try:
            yield
        except (ChromaError, OSError) as error:
            raise LibraryError(
                f"The vector index {self.folder} cannot be written ({error}). No article is lost: "
                "free some space, or mend its permissions, and run the command again."
            ) from None

    def _connect(self) -> Client:
        settings = ChromaSettings(anonymized_telemetry=False)
        if self._in_memory:
            return cast(Client, chromadb.EphemeralClient(settings=settings))
        if self._url is None:
            return cast(Client, chromadb.PersistentClient(str(self.folder), settings=settings))
        return chroma_server(self._url)

    def _distrust_unsealed_folder(self) -> None:
        if not self.folder.exists():
            return
        if not self.folder.is_dir():
            raise LibraryError(
                f"The vector index {self.folder} is a file, where a folder belongs. Move it away "
                "and run the command again: the index is made anew from the library."
            )
        sealed = None
        with suppress(OSError, ValueError):
            sealed = json.loads(self._seal_file.read_text("utf-8"))
        if sealed != _fingerprint(self.folder) and not self._probe():
            shutil.rmtree(self.folder)
            self.repaired = "its files could not be read"
        self._seal_file.unlink(missing_ok=True)

    def _probe(self) -> bool:
        command = [sys.executable, "-m", "ingest.vectors", str(self.folder), self._collection_name]
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, timeout=PROBE_SECONDS, check=False)
            return done.returncode == 0
        return False

    def match(
        self, expected: Collection[str], vectors_of: Callable[[Sequence[str]], Vectors]
    ) -> str | None:
        """Make the index hold exactly the expected ids; `vectors_of` gives missing vectors.

        Returns what was wrong, or None when nothing was.
        """
        present = set(self._collection.get(include=[])["ids"])
        extra, missing = sorted(present.difference(expected)), sorted(set(expected) - present)
        self.delete(extra)
        for start in range(0, len(missing), LOAD_BATCH):
            ids = missing[start : start + LOAD_BATCH]
            self.upsert(ids, vectors_of(ids))
        if extra or missing:
            self.repaired = self.repaired or f"{len(missing)} vectors missing, {len(extra)} stale"
        return self.repaired

    def clear(self) -> None:
        """Drop every vector."""
        self._client.delete_collection(self._collection_name)
        self._collection = self._client.create_collection(
            self._collection_name, configuration={"hnsw": HNSW}, embedding_function=None
        )

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add vectors, shape (len(ids), dimensions), replacing those whose ids exist."""
        batch = self._client.get_max_batch_size()
        for start in range(0, len(ids), batch):
            chosen = slice(start, start + batch)
            with self._written():
                self._collection.upsert(ids=list(ids[chosen]), embeddings=vectors[chosen])

    def delete(self, ids: Sequence[str]) -> None:
        """Remove vectors; unknown ids are no error."""
        batch = self._client.get_max_batch_size()
        for start in range(0, len(ids), batch):
            with self._written():
                self._collection.delete(ids=list(ids[start : start + batch]))

    def search(self, vector: Vectors, limit: int) -> list[Hit]:
        """Return the nearest passages by cosine similarity, nearest first."""
        if limit <= 0:
            return []
        found = self._collection.query(
            query_embeddings=vector[None, :], n_results=limit, include=["distances"]
        )
        distances = found["distances"] or [[]]
        return [
            Hit(passage_id, 1 - distance)
            for passage_id, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    def count(self) -> int:
        """Return the number of vectors."""
        return int(self._collection.count())

    def close(self) -> None:
        """Close Chroma and seal the folder as it is now; one without a seal is read at opening."""
        self._client.close()
        if self._on_disk:
            with suppress(OSError):
                self._seal_file.write_text(json.dumps(_fingerprint(self.folder)), "utf-8")


def chroma_server(url: str) -> Client:
    """Return a client of a Chroma server.

    Raises:
        LibraryError: it does not answer.
    """
    host, _, port = url.split("://")[-1].rstrip("/").partition(":")
    settings = ChromaSettings(anonymized_telemetry=False)
    try:
        client = chromadb.HttpClient(
            host, int(port or 8000), ssl=url.startswith("https"), settings=settings
        )
    except ValueError as error:
        raise LibraryError(
            f"The Chroma server IBID_CHROMA_URL={url} does not answer ({error}). "
            "Start it with 'chroma run', or unset the variable to use embedded Chroma."
        ) from None
    return cast(Client, client)


def ids_on_disk(folder: Path, collection: str) -> set[str]:
    """Return the ids that an embedded Chroma folder has noted, without opening it as Chroma would.

    Raises:
        sqlite3.Error: the folder's database cannot be read.
    """
    with closing(connect_to_read(folder / "chroma.sqlite3")) as database:
        rows = database.execute(
            "SELECT embedding_id FROM embeddings "
            "JOIN segments ON segments.id = embeddings.segment_id "
            "JOIN collections ON collections.id = segments.collection WHERE collections.name = ?",
            (collection,),
        )
        return {row[0] for row in rows}


def _fingerprint(folder: Path) -> dict[str, list[int]]:
    return {
        str(path.relative_to(folder)): [path.stat().st_size, path.stat().st_mtime_ns]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def probe(folder: str, collection: str) -> None:
    """Read every vector and find one of them; raises, or ends the process, where that fails."""
    settings = ChromaSettings(anonymized_telemetry=False)
    client = cast(Client, chromadb.PersistentClient(folder, settings=settings))
    held = client.get_collection(collection, embedding_function=None)
    ids = held.get(include=[])["ids"]
    for start in range(0, len(ids), 1000):
        vectors = held.get(ids=ids[start : start + 1000], include=["embeddings"])["embeddings"]
        found = held.query(query_embeddings=np.asarray(vectors)[:1], n_results=1)
        if vectors is None or len(vectors) != len(ids[start : start + 1000]) or not found["ids"][0]:
            raise LibraryError("The vector index lost vectors.")
    client.close()


if __name__ == "__main__":
    probe(*sys.argv[1:])
