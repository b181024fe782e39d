"""The library's view: its articles, files to add, and articles to delete."""

import logging
from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from ingest.errors import IbidError
from ingest.library import ArticleSummary, LedgerEntry
from ingest.pipeline import ingest_upload
from ingest.types import Outcome, Status
from rag.build import Ibid
from ui.evidence import Place, source, title_button
from ui.markup import count, problem

logger = logging.getLogger(__name__)

SHOWN = 200
"""Articles shown at once; the others are found by a word of their title, author or publisher."""
STORED = "stored"


class ShelfView(NamedTuple):
    """What a handler gives the page; the order is that of the page's outputs."""

    articles: Any
    outcomes: Any
    files: Any


class Shelf:
    """The view's handlers; what they do is what the API does."""

    def __init__(self, ibid: Ibid) -> None:
        self._ibid = ibid

    @property
    def writable(self) -> bool:
        """Whether articles can be added and deleted."""
        return not self._ibid.library.read_only

    def articles(self, wanted: str) -> str:
        """Return the articles, those with these words in what is known of them."""
        library = self._ibid.library
        return shelf_page(library.catalogue(), wanted, library.ledger(), deletable=self.writable)

    def upload(self, files: Sequence[str] | None, wanted: str) -> Iterator[ShelfView]:
        """Ingest files one by one; yield what has become of each so far."""
        outcomes = [_Uploaded(Path(file).name) for file in files or ()]
        for number, file in enumerate(files or ()):
            outcomes[number] = _Uploaded(Path(file).name, "being read …")
            yield ShelfView(gr.skip(), outcome_list(outcomes), gr.skip())
            outcomes[number] = self._ingest(Path(file))
        yield ShelfView(self.articles(wanted), outcome_list(outcomes), None)

    def delete(self, event: gr.EventData, wanted: str) -> ShelfView:
        """Delete the article whose button was pressed, and confirmed."""
        try:
            self._ibid.library.remove(str(event.article))
            told = ""
        except IbidError as error:
            told = problem(str(error))
        return ShelfView(self.articles(wanted), told, gr.skip())

    def _ingest(self, file: Path) -> "_Uploaded":
        ibid, limit = self._ibid, self._ibid.settings.max_upload_mb
        try:
            with file.open("rb") as opened:
                outcome = ingest_upload(ibid.library, ibid.embedding, file.name, opened, limit)
        except IbidError as error:
            return _Uploaded(file.name, str(error), failed=True)
        except Exception:
            logger.exception("an upload failed")
            return _Uploaded(file.name, "failed: the log of the server says why", failed=True)
        finally:
            file.unlink(missing_ok=True)
        return _Uploaded(file.name, _became(outcome), failed=outcome.status is Status.FAILED)


class _Uploaded(NamedTuple):
    name: str
    became: str = "waiting"
    failed: bool = False


def _became(outcome: Outcome) -> str:
    if outcome.error:
        return f"{outcome.status}: {outcome.error}"
    return f"{outcome.status}, {count(outcome.passages, 'passage')}"


def shelf_page(
    catalogue: Sequence[ArticleSummary],
    wanted: str,
    ledger: Sequence[LedgerEntry],
    *,
    deletable: bool,
) -> str:
    """Return the articles that are wanted, and the files that were not taken."""
    words = wanted.casefold().split()
    found = [item for item in catalogue if all(word in _known(item) for word in words)]
    rows = "".join(_row(item, deletable=deletable) for item in islice(found, SHOWN))
    more = len(found) - SHOWN
    told = count(len(found), "article") + (f" of {len(catalogue):,}" if words else "")
    rest = f"<p>{count(more, 'other')} not shown: find them by their title.</p>" if more > 0 else ""
    return f'<p role="status">{told}</p><ul class="shelf">{rows}</ul>{rest}{_not_taken(ledger)}'


def outcome_list(outcomes: Sequence[_Uploaded]) -> str:
    """Return what has become of each file."""
    items = "".join(
        f'<li class="{"failed" if item.failed else "taken"}"><strong>{escape(item.name)}</strong> '
        f"{escape(item.became)}</li>"
        for item in outcomes
    )
    return f'<ul class="outcomes" role="status">{items}</ul>' if items else ""


def _known(item: ArticleSummary) -> str:
    data = item.metadata
    known = (data.title, data.author, data.publisher, data.published, item.id)
    return " ".join(filter(None, known)).casefold()


def _row(item: ArticleSummary, *, deletable: bool) -> str:
    data = item.metadata
    title = data.title or item.id
    place = Place(article_id=item.id, sha256=item.sha256, start=0, end=0)
    delete = (
        f'<button type="button" class="delete" data-delete="{escape(item.id)}" '
        f'data-title="{escape(title)}" aria-label="Delete “{escape(title)}”">Delete</button>'
    )
    passages = count(item.passages, "passage")
    return (
        f"<li><div>{title_button(place, title)}"
        f"{source(data.author, data.publisher, data.published, passages)}</div>"
        f"{delete if deletable else ''}</li>"
    )


def _not_taken(ledger: Sequence[LedgerEntry]) -> str:
    """Name the files that were not taken, and why; by their names, not where they are."""
    items = "".join(
        f"<li><strong>{escape(Path(entry.location).name)}</strong> {escape(entry.error)}</li>"
        for entry in ledger
        if entry.error and entry.stage != STORED
    )
    told = f"<details><summary>Files that were not taken</summary><ul>{items}</ul></details>"
    return told if items else ""
