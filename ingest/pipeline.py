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
from ingest.errors import BadInputError, IbidError, LibraryError, NotFoundError
from ingest.library import Library
from ingest.metadata import describe, load_metadata
from ingest.read import FORMATS, find_files, read, shown
from ingest.split import split_passages
from ingest.types import Article, Document, Outcome, Passage, Span, Status
from ingest.units import find_units

logger = logging.getLogger(__name__)

VERSION = 9
"""Raised when reading, cleaning or splitting changes: articles are then ingested anew."""

LONGEST = 4000
"""Characters of a unit, or of what it needs, that are embedded and matched."""
ATTEMPTS = 3
"""How often the same bytes are tried that could not be ingested."""


def ingest_paths(
    library: Library, embedding: Embedding, paths: Sequence[Path], limit_mb: int
) -> Iterator[Outcome]:
    """Bring the library in line with files and folders, yielding one outcome a file.

    What stood below a folder and is gone is removed. A file that fails keeps its old article; one
    that is none is named with the reason.

    Raises:
        NotFoundError: a path does not exist and the library holds nothing from it.
        BadInputError: a folder without a readable article, or a broken metadata file.
    """
    files, skipped, gone = _plan(library, [path.resolve() for path in paths])
    metadata = {folder: load_metadata(folder) for folder in {file.parent for file in files}}
    done, total = 0, len(files) + len(skipped) + len(gone)
    for file, reason in skipped.items():
        done += 1
        yield Outcome(
            location=shown(file), status=Status.SKIPPED, error=reason, done=done, total=total
        )
    for location in gone:
        done += 1
        yield _remove(library, location).model_copy(update={"done": done, "total": total})
    for file in files:
        done += 1
        entry = metadata[file.parent].get(file.name)
        outcome = ingest_file(library, embedding, file, entry, limit_mb)
        yield outcome.model_copy(update={"done": done, "total": total})


def ingest_file(
    library: Library,
    embedding: Embedding,
    file: Path,
    entry: dict[str, Any] | None,
    limit_mb: int,
) -> Outcome:
    """Ingest one file, with its entry of `metadata.yaml`."""
    try:
        data = file.read_bytes()
    except OSError as error:
        return _fail(library, str(file), "", f"it cannot be read ({error.strerror})")
    return ingest_bytes(library, embedding, str(file), data, entry, limit_mb)


def ingest_bytes(
    library: Library,
    embedding: Embedding,
    location: str,
    data: bytes,
    entry: dict[str, Any] | None,
    limit_mb: int,
) -> Outcome:
    """Ingest the bytes of one document, whose name is the last part of its location.

    The same bytes as were stored from there cost nothing.
    """
    fingerprint = _fingerprint(data, entry)
    existing = library.article_at(location)
    before = library.ledger_entry(location)
    if before is not None and before.fingerprint == fingerprint:
        if existing is not None and before.stage == "stored":
            return Outcome(location=location, status=Status.UNCHANGED, article_id=existing)
        if before.stage == "failed" and before.attempts >= ATTEMPTS:
            error = f"{before.error} (tried {ATTEMPTS} times; not again until it changes)"
            return Outcome(location=location, status=Status.FAILED, error=error)
    try:
        document = read(Path(location).name, data, limit_mb)
        article = make_article(existing or _new_id(library, location), location, document, entry)
        passages = split_passages(article)
        library.save(article, passages, *embed_article(embedding, article, passages), fingerprint)
    except LibraryError:  # no fault of the file: the disk is full, say
        raise
    except IbidError as error:
        return _fail(library, location, fingerprint, str(error))
    status = Status.ADDED if existing is None else Status.CHANGED
    logger.info("%s %s: %d passages", status, article.id, len(passages))
    return Outcome(location=location, status=status, article_id=article.id, passages=len(passages))


def make_article(
    article_id: str, location: str, document: Document | str, entry: dict[str, Any] | None = None
) -> Article:
    """Clean a document, or a plain text, into an article with its metadata and units."""
    document = Document(document) if isinstance(document, str) else document
    text, blocks = document.text, find_blocks(document.text)
    metadata = describe(document, blocks, entry)
    return Article(
        id=article_id,
        location=location,
        sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        text=text,
        metadata=metadata,
        units=find_units(text, blocks, metadata.said_at.get("title")),
        places=document.places,
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
    cut = (article.text[start : min(end, start + LONGEST)] for start, end in spans)
    return " ".join(cut)


def _with_units(article: Article, passage: Passage) -> tuple[str, list[Span]]:
    """Return what is embedded of a passage, and where its units stand in that."""
    shift = len(passage.indexed_text) - len(passage.text) - passage.start
    units = article.units[passage.first : passage.last + 1]
    return passage.indexed_text, [Span(u.start + shift, u.end + shift) for u in units]


def _plan(library: Library, paths: Sequence[Path]) -> tuple[list[Path], dict[Path, str], list[str]]:
    """Return the files to ingest, small ones first, those that are none, and what is gone."""
    known = {entry.location for entry in library.ledger()}
    files: dict[Path, None] = {}
    skipped: dict[Path, str] = {}
    gone: set[str] = set()
    for path in paths:
        below = {location for location in known if Path(location).is_relative_to(path)}
        if not path.exists():
            if not below:
                raise NotFoundError(f"There is no file or folder {path}. Give a path that exists.")
            gone |= below
            continue
        found = list(find_files(path))
        taken = [file for file, reason in found if reason is None]
        if not taken and not below:
            raise BadInputError(f"{path} holds no article ({FORMATS}). Nothing was changed.")
        files.update(dict.fromkeys(taken))
        skipped.update((file, reason) for file, reason in found if reason is not None)
        gone |= below - {str(file) for file in taken}
    for file in files:
        skipped.pop(file, None)
    return sorted(files, key=_size), skipped, sorted(gone)


def _size(file: Path) -> tuple[int, Path]:
    """Return by what files are sorted: a large one does not hold up small ones."""
    try:
        return file.stat().st_size, file
    except OSError:
        return 0, file


def _remove(library: Library, location: str) -> Outcome:
    article_id = library.article_at(location)
    if article_id is None:
        library.forget(location)
    else:
        library.remove(article_id)
    return Outcome(location=location, status=Status.REMOVED, article_id=article_id)


def _fail(library: Library, location: str, fingerprint: str, error: str) -> Outcome:
    library.record_failure(location, fingerprint, "failed", error)
    logger.info("failed %s: %s", location, error)
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
