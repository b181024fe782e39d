"""The one ingest flow: read -> clean -> split -> embed -> store, an article at a time."""

import hashlib
import json
import logging
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

import numpy as np

from ingest.clean import find_blocks
from ingest.embed import Embedding, PassageVectors, Vector, Vectors
from ingest.errors import IbidError, LibraryError, UnreadableError
from ingest.files import is_url
from ingest.library import Library
from ingest.metadata import describe
from ingest.read import read, shown
from ingest.readers import records
from ingest.settings import Settings
from ingest.sources import Plan, Source, plan
from ingest.split import split_passages
from ingest.types import Article, Document, Outcome, Passage, Span, Status
from ingest.units import find_units
from ingest.versions import find_versions

logger = logging.getLogger(__name__)

VERSION = 11
"""Raised when reading, cleaning or splitting changes: articles are then ingested anew."""

LONGEST = 4000
"""Characters of a unit, or of what it needs, that are embedded and matched."""
ATTEMPTS = 3
"""How often the same bytes are tried that could not be ingested."""
UPLOADED = "upload:/"
"""What the location of an uploaded file begins with; it is not there to be tried again."""
LARGE = 1_000_000
"""Bytes from which a document is said to be under way before it is read."""
AT_ONCE = 256
"""Texts that are embedded between two signs of life."""

_Both = tuple[Vectors, Vectors]
_Item = tuple[str, tuple[Span, ...]]


def ingest_paths(
    library: Library,
    embedding: Embedding,
    targets: Sequence[Path | str],
    settings: Settings,
) -> Iterator[Outcome]:
    """Bring the library in line with files, folders and addresses, yielding an outcome for each.

    What stood below a folder and is gone is removed; the articles of a feed are fetched one by one.
    What fails keeps its old article; a file that is no article is named with the reason. A long one
    yields outcomes that say it is under way.

    Raises:
        NotFoundError: a path does not exist and the library holds nothing from it.
        BadInputError: a folder without a readable article, or a broken metadata file.
    """
    known = [entry.location for entry in library.ledger()]
    todo = plan([str(target) for target in targets], known, settings.max_upload_mb)
    done, total = 0, todo.total
    for outcome in _follow(library, embedding, todo, settings):
        done += outcome.status is not Status.UNDERWAY
        total += outcome.found
        yield outcome.model_copy(update={"done": done, "total": total})


def _follow(
    library: Library, embedding: Embedding, todo: Plan, settings: Settings
) -> Iterator[Outcome]:
    limit_mb = settings.max_upload_mb
    for file, reason in todo.skipped.items():
        yield Outcome(location=shown(file), status=Status.SKIPPED, error=reason)
    for location in todo.gone:
        yield _remove(library, location)
    for source in todo.sources:
        yield from _ingest_source(library, embedding, source, limit_mb)
    if todo.urls:
        yield from _ingest_urls(library, embedding, todo.urls, settings)


def _ingest_source(
    library: Library, embedding: Embedding, source: Source, limit_mb: int
) -> Iterator[Outcome]:
    try:
        data = source.load()
    except UnreadableError as error:
        yield _fail(library, source.location, "", str(error))
        return
    yield from _ingest(library, embedding, _Given(source.location, data, source.entry), limit_mb)


def _ingest_urls(
    library: Library, embedding: Embedding, urls: Sequence[str], settings: Settings
) -> Iterator[Outcome]:
    """Ingest what stands at addresses, and what feeds among them name."""
    from ingest.web import Web, entries, normalise  # not wanted for files

    limit_mb = settings.max_upload_mb
    given = list(dict.fromkeys(urls))
    waiting, seen = deque(given), set(given)
    with Web(settings, limit_mb) as web:
        while waiting:
            location = url = waiting.popleft()
            try:
                url = normalise(location)
                fetched = web.fetch(url)
                named = entries(fetched)
            except UnreadableError as error:
                yield _fail(library, url, "", str(error))
                continue
            if named is None:
                page = _Given(url, fetched.data, None, fetched.name, fetched.final_url)
                yield from _ingest(library, embedding, page, limit_mb)
                continue
            # One feed may lead to another without end: only those that were asked for are followed.
            new = [entry for entry in named if entry not in seen] if location in given else []
            waiting.extend(new)
            seen.update(new)
            reason = f"it is a feed; the {len(new)} articles that it names are fetched"
            yield Outcome(location=url, status=Status.SKIPPED, error=reason, found=len(new))


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
    *_, last = _ingest(library, embedding, _Given(location, data, entry), limit_mb)
    return last


def ingest_upload(
    library: Library, embedding: Embedding, name: str, file: BinaryIO, limit_mb: int
) -> Outcome:
    """Ingest an uploaded file in place of that of its name; of one too long, not all is read."""
    data = file.read(limit_mb * 1_000_000 + 1)
    return ingest_bytes(library, embedding, UPLOADED + name, data, None, limit_mb)


@dataclass(frozen=True)
class _Given:
    """Bytes to ingest; their format is told by `name`, or by the last part of their location."""

    location: str
    data: bytes
    entry: dict[str, Any] | None
    name: str | None = None
    url: str | None = None

    def read(self, limit_mb: int) -> Document:
        document = read(self.name or _file(self.location).name, self.data, limit_mb)
        if self.url is None:
            return document
        return replace(document, metadata={"url": self.url, **document.metadata})


def _ingest(
    library: Library, embedding: Embedding, given: _Given, limit_mb: int
) -> Iterator[Outcome]:
    """Yield what becomes of one document, and before that, where it is long, that it is under way.

    The same bytes as before cost nothing, and other bytes that say the same are not embedded.
    """
    location, fingerprint = given.location, _fingerprint(given.data, given.entry)
    existing = library.article_at(location)
    before = _before(library, location, fingerprint, existing)
    if before is not None:
        yield before
        return
    try:
        if len(given.data) > LARGE:
            yield Outcome(location=location, status=Status.UNDERWAY)
        document = given.read(limit_mb)
        article_id = existing or _new_id(library, location)
        article = make_article(article_id, location, document, given.entry)
        later, earlier = find_versions(library, article)
        if later is not None:
            library.keep_version(replace(article, id=later.id))
            reason = f"it is an earlier version of {later.id}, kept for answers that quote it"
            yield Outcome(location=location, status=Status.SKIPPED, error=reason)
            return
        earlier = None if existing else earlier
        if earlier is not None:
            article = replace(article, id=earlier.id)
        passages = split_passages(article)
        if existing and _is_stored(library, article, passages):
            library.note_unchanged(location, fingerprint)
            yield Outcome(location=location, status=Status.UNCHANGED, article_id=existing)
            return
        vectors = yield from _embed(embedding, article, passages)
        library.save(article, passages, *vectors, fingerprint)
        if earlier is not None:
            library.forget(earlier.location)
    except LibraryError:  # no fault of the file: the disk is full, say
        raise
    except IbidError as error:
        yield _fail(library, location, fingerprint, str(error))
        return
    replaced = existing or earlier
    status = Status.CHANGED if replaced else Status.ADDED
    logger.info("%s %s: %d passages", status, article.id, len(passages))
    yield Outcome(location=location, status=status, article_id=article.id, passages=len(passages))


def _before(
    library: Library, location: str, fingerprint: str, existing: str | None
) -> Outcome | None:
    """Return what became of the same bytes before, where they are not to be tried again."""
    entry = library.ledger_entry(location)
    if entry is None or entry.fingerprint != fingerprint:
        return None
    if existing is not None and entry.stage == "stored":
        return Outcome(location=location, status=Status.UNCHANGED, article_id=existing)
    if entry.stage == "failed" and entry.attempts >= ATTEMPTS:
        error = f"{entry.error} (tried {ATTEMPTS} times; not again until it changes)"
        return Outcome(location=location, status=Status.FAILED, error=error)
    return None


def _is_stored(library: Library, article: Article, passages: Sequence[Passage]) -> bool:
    """Whether the library has an article just so, with all that is embedded of it."""
    stored = library.passages_of(article.id)
    return stored == list(passages) and library.article(article.id) == article


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


def _embed(
    embedding: Embedding, article: Article, passages: Sequence[Passage]
) -> Generator[Outcome, None, _Both]:
    """Return the vectors of an article's passages and of its units; say how far that came.

    A unit's is the sum, at unit length, of that of its own words and of that which it has in the
    pass over its passage: either alone finds less. What an article
    says twice in the same words is embedded once.
    """
    texts = [own_text(article, number) for number in range(len(article.units))]
    items = [_with_units(article, passage) for passage in passages]
    own, context = dict.fromkeys(texts), dict.fromkeys(items)
    todo = len(own) + len(context)
    vectors: dict[str, Vector] = {}
    for batch in _batches(own, AT_ONCE):
        vectors.update(zip(batch, embedding.texts(batch), strict=True))
        if todo > AT_ONCE:
            yield _underway(article, passages, len(vectors) / todo)
    found: dict[_Item, PassageVectors] = {}
    for several in _batches(context, AT_ONCE):
        found.update(zip(several, embedding.passages(several), strict=True))
        if todo > AT_ONCE:
            yield _underway(article, passages, (len(own) + len(found)) / todo)
    both = _stacked([vectors[text] for text in texts], embedding.dimensions)
    for passage, item in zip(passages, items, strict=True):
        both[passage.first : passage.last + 1] += found[item].units
    lengths = np.linalg.norm(both, axis=1, keepdims=True)
    whole = _stacked([found[item].vector for item in items], embedding.dimensions)
    return whole, both / np.maximum(lengths, 1e-9)


def _underway(article: Article, passages: Sequence[Passage], share: float) -> Outcome:
    return Outcome(
        location=article.location,
        status=Status.UNDERWAY,
        passages=round(share * len(passages)),
        of=len(passages),
    )


_T = TypeVar("_T")


def _batches(items: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Yield items in tuples of a size, the last of what is left (`itertools.batched` of 3.12)."""
    left = iter(items)
    while batch := tuple(islice(left, size)):
        yield batch


def _stacked(vectors: Sequence[Vector], dimensions: int) -> Vectors:
    return np.array(vectors, np.float32).reshape(len(vectors), dimensions)


def embed_anew(library: Library, embedding: Embedding) -> Iterator[Outcome]:
    """Embed every article of a library again, yielding what becomes of each."""
    catalogue = library.catalogue()
    for done, summary in enumerate(catalogue, 1):
        article, passages = library.article(summary.id), library.passages_of(summary.id)
        vectors = yield from _embed(embedding, article, passages)
        library.replace_vectors(article.id, passages, *vectors)
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


def _with_units(article: Article, passage: Passage) -> _Item:
    """Return what is embedded of a passage, and where its units stand in that."""
    shift = len(passage.indexed_text) - len(passage.text) - passage.start
    units = article.units[passage.first : passage.last + 1]
    return passage.indexed_text, tuple(Span(u.start + shift, u.end + shift) for u in units)


def _remove(library: Library, location: str) -> Outcome:
    article_id = library.article_at(location)
    if article_id is None:
        library.forget(location)
    else:
        library.remove(article_id)
    return Outcome(location=location, status=Status.REMOVED, article_id=article_id)


def _fail(library: Library, location: str, fingerprint: str, error: str) -> Outcome:
    if not location.startswith(UPLOADED):
        library.record_failure(location, fingerprint, "failed", error)
    logger.info("failed %s: %s", location, error)
    return Outcome(location=location, status=Status.FAILED, error=error)


def _fingerprint(data: bytes, entry: dict[str, Any] | None) -> str:
    described = json.dumps([VERSION, entry], default=str, sort_keys=True)
    return hashlib.sha256(described.encode() + b"\0" + data).hexdigest()


def _new_id(library: Library, location: str) -> str:
    """Return a name for an article, made unique by its location where it is taken.

    It is that of the file without its suffix, with the key of a record in it; or of the address.
    """
    record = records.split_location(location)
    stem = _file(location).stem + (f"-{record[1]}" if record else "")
    stem = re.sub(r"[^\w.-]+", "-", stem).strip("-.") or "article"
    if library.location_of(stem) is None:
        return stem
    return f"{stem}-{hashlib.sha256(location.encode()).hexdigest()[:8]}"


def _file(location: str) -> Path:
    """Return the file that a location names: the record's, the address's last part, or itself."""
    record = records.split_location(location)
    if is_url(location):
        address = urlsplit(location)
        return Path(address.path if Path(address.path).stem else address.hostname or "page")
    return Path(record[0] if record else location)
