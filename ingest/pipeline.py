"""The one ingest flow: read -> clean -> split -> embed -> store, an article at a time."""

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.clean import find_blocks
from ingest.embed import Embedding, Vectors
from ingest.errors import BadInputError, IbidError, NotFoundError
from ingest.library import Library
from ingest.metadata import describe, load_metadata
from ingest.read import find_files, read
from ingest.split import split_passages
from ingest.types import Article, Outcome, Passage, Span, Status
from ingest.units import find_units

logger = logging.getLogger(__name__)

VERSION = 8
"""Raised when reading, cleaning or splitting changes: articles are then ingested anew."""


def ingest_paths(
    library: Library, embedding: Embedding, paths: Sequence[Path], limit_mb: int
) -> Iterator[Outcome]:
    """Bring the library in line with files and folders, yielding one outcome a file.

    What stood below a folder and is gone is removed. A file that fails keeps its old article.

    Raises:
        NotFoundError: a path does not exist and the library holds nothing from it.
        BadInputError: a folder without a readable article, or a broken metadata file.
    """
    files, gone = _plan(library, [path.resolve() for path in paths])
    metadata = {folder: load_metadata(folder) for folder in {file.parent for file in files}}
    known = {entry.location: entry for entry in library.ledger()}
    total = len(files) + len(gone)
    for done, location in enumerate(gone, 1):
        yield _remove(library, location).model_copy(update={"done": done, "total": total})
    for done, file in enumerate(files, len(gone) + 1):
        entry = metadata[file.parent].get(file.name)
        ledger = known.get(str(file))
        seen = ledger.fingerprint if ledger and ledger.stage == "stored" else None
        outcome = ingest_file(library, embedding, file, entry, seen, limit_mb)
        yield outcome.model_copy(update={"done": done, "total": total})


def ingest_file(
    library: Library,
    embedding: Embedding,
    file: Path,
    entry: dict[str, Any] | None,
    seen: str | None,
    limit_mb: int,
) -> Outcome:
    """Ingest one file; `seen` is the fingerprint it had when it was last stored."""
    try:
        data = file.read_bytes()
    except OSError as error:
        return _fail(library, str(file), "", f"it cannot be read ({error.strerror})")
    return ingest_bytes(library, embedding, str(file), data, entry, seen, limit_mb)


def ingest_bytes(
    library: Library,
    embedding: Embedding,
    location: str,
    data: bytes,
    entry: dict[str, Any] | None,
    seen: str | None,
    limit_mb: int,
) -> Outcome:
    """Ingest the bytes of one document, whose name is the last part of its location."""
    fingerprint = _fingerprint(data, entry)
    existing = library.article_at(location)
    if existing is not None and fingerprint == seen:
        return Outcome(location=location, status=Status.UNCHANGED, article_id=existing)
    try:
        text = read(Path(location).name, data, limit_mb)
        article = make_article(existing or _new_id(library, location), location, text, entry)
        passages = split_passages(article)
        library.save(article, passages, *embed_article(embedding, article, passages), fingerprint)
    except IbidError as error:
        return _fail(library, location, fingerprint, str(error))
    status = Status.ADDED if existing is None else Status.CHANGED
    logger.info("%s %s: %d passages", status, article.id, len(passages))
    return Outcome(location=location, status=status, article_id=article.id, passages=len(passages))


def make_article(
    article_id: str, location: str, text: str, entry: dict[str, Any] | None = None
) -> Article:
    """Clean a decoded text into an article with its metadata and sentences."""
    blocks = find_blocks(text)
    metadata = describe(text, blocks, entry)
    return Article(
        id=article_id,
        location=location,
        sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        text=text,
        metadata=metadata,
        units=find_units(text, blocks, metadata.said_at.get("title")),
    )


def embed_article(
    embedding: Embedding, article: Article, passages: Sequence[Passage]
) -> tuple[Vectors, Vectors]:
    """Return the vectors of an article's passages and of its units.

    A unit's is the sum, at unit length, of that of its own words and of that which it has in the
    pass over its passage: either alone finds less (evals/bench/fit_select.py).
    """
    found = embedding.passages([_with_units(article, passage) for passage in passages])
    own = embedding.texts([own_text(article, number) for number in range(len(article.units))])
    context = np.zeros_like(own)
    for passage, vectors in zip(passages, found, strict=True):
        context[passage.first : passage.last + 1] = vectors.units
    both = own + context
    lengths = np.linalg.norm(both, axis=1, keepdims=True)
    shape = (len(passages), embedding.dimensions)
    return np.array([item.vector for item in found]).reshape(shape), both / np.maximum(
        lengths, 1e-9
    )


def embed_anew(library: Library, embedding: Embedding) -> Iterator[Outcome]:
    """Embed every article of a library again, yielding one outcome an article."""
    catalogue = library.catalogue()
    for done, summary in enumerate(catalogue, 1):
        article, passages = library.article(summary.id), library.passages_of(summary.id)
        library.replace_vectors(article.id, passages, *embed_article(embedding, article, passages))
        yield Outcome(
            location=article.location,
            status=Status.CHANGED,
            article_id=article.id,
            passages=len(passages),
            done=done,
            total=len(catalogue),
        )
    library.finish_embedding()


def own_text(article: Article, number: int) -> str:
    """Return a unit's words with those that it needs, as they are embedded and matched."""
    unit = article.units[number]
    spans = sorted({*unit.needs, unit.span})
    return " ".join(article.text[span.start : span.end] for span in spans)


def _with_units(article: Article, passage: Passage) -> tuple[str, list[Span]]:
    """Return what is embedded of a passage, and where its units stand in that."""
    shift = len(passage.indexed_text) - len(passage.text) - passage.start
    units = article.units[passage.first : passage.last + 1]
    return passage.indexed_text, [Span(u.start + shift, u.end + shift) for u in units]


def _plan(library: Library, paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the files to ingest and the known locations that are gone."""
    known = {entry.location for entry in library.ledger()}
    files: dict[Path, None] = {}
    gone: set[str] = set()
    for path in paths:
        below = {location for location in known if Path(location).is_relative_to(path)}
        if not path.exists():
            if not below:
                raise NotFoundError(f"There is no file or folder {path}. Give a path that exists.")
            gone |= below
            continue
        found = list(find_files(path))
        if not found and not below:
            raise BadInputError(f"{path} holds no article (.txt, .md). Nothing was changed.")
        files.update(dict.fromkeys(found))
        gone |= below - {str(file) for file in found}
    return list(files), sorted(gone)


def _remove(library: Library, location: str) -> Outcome:
    article_id = library.article_at(location)
    if article_id is None:
        library.forget(location)
    else:
        library.remove(article_id)
    return Outcome(location=location, status=Status.REMOVED, article_id=article_id)


def _fail(library: Library, location: str, fingerprint: str, error: str) -> Outcome:
    library.record_failure(location, fingerprint, "failed", error)
    logger.warning("failed %s: %s", location, error)
    return Outcome(location=location, status=Status.FAILED, error=error)


def _fingerprint(data: bytes, entry: dict[str, Any] | None) -> str:
    described = json.dumps([VERSION, entry], default=str, sort_keys=True)
    return hashlib.sha256(described.encode() + b"\0" + data).hexdigest()


def _new_id(library: Library, location: str) -> str:
    """Return the file's name without suffix, made unique by its location where it is taken."""
    stem = re.sub(r"[^\w.-]+", "-", Path(location).stem).strip("-.") or "article"
    if library.location_of(stem) is None:
        return stem
    return f"{stem}-{hashlib.sha256(location.encode()).hexdigest()[:8]}"
