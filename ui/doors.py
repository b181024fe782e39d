"""What the command line and MCP need of Ibid: from the running server, or the library itself."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ingest.errors import NotFoundError
from ingest.lock import LibraryLock
from ingest.schema import FILE_NAME
from ingest.settings import Settings
from ingest.types import Outcome

if TYPE_CHECKING:  # heavy, and not needed by every command
    from rag.build import Ibid
    from rag.types import Turn


class Door(Protocol):
    """The same for a server and for a library opened here; JSON as the HTTP API gives it."""

    def ask(
        self, question: str, filters: dict[str, Any], history: Sequence["Turn"] = ()
    ) -> dict[str, Any]:
        """Return the answer."""

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """Return the passages found, best first."""

    def articles(self) -> list[dict[str, Any]]:
        """Return every article without its text, by id."""

    def article(self, article_id: str) -> dict[str, Any]:
        """Return an article with its text."""

    def remove(self, article_id: str) -> None:
        """Remove an article and its earlier texts."""

    def verify(self, saved: Any) -> dict[str, Any]:  # noqa: ANN401 any JSON
        """Return how a saved answer stands today."""

    def check(self, draft: str) -> dict[str, Any]:
        """Return what the library says of each sentence of a draft."""

    def ingest(self, targets: Sequence[str]) -> Iterator[Outcome]:
        """Ingest files, folders and addresses, yielding what becomes of each."""

    def status(self) -> dict[str, Any]:
        """Return the library's state."""

    def rebuild(self) -> int:
        """Build the vector index anew; return the number of vectors."""


class LibraryDoor:
    """By opening the library in this process."""

    def __init__(self, settings: Settings, command: str, *, create: bool = False) -> None:
        from ingest.embed import find_model
        from ingest.library import Library

        self._settings = settings
        model = find_model(settings.embedding)
        self._embedding = cache(model.load)
        if create:
            self._embedding()  # only a model that runs makes a library
        self._library = Library(settings.library.resolve(), model, command, settings.chroma_url)

    @cached_property
    def _ibid(self) -> "Ibid":
        from rag.build import equip

        return equip(self._settings, self._embedding(), self._library)

    def ask(
        self, question: str, filters: dict[str, Any], history: Sequence["Turn"] = ()
    ) -> dict[str, Any]:
        """Return the answer."""
        from ingest.library import Filters

        chosen = Filters(**{name: _frozen(value) for name, value in filters.items()})
        return (
            self._ibid.with_configured_model()
            .engine.ask(question, history, chosen)
            .model_dump(mode="json")
        )

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """Return the passages found, best first."""
        from ui.bodies import find_passages

        return [item.model_dump(mode="json") for item in find_passages(self._ibid, query, limit)]

    def articles(self) -> list[dict[str, Any]]:
        """Return every article without its text, by id."""
        from ui.bodies import ArticleEntry

        catalogue = self._library.catalogue()
        return [ArticleEntry.of(summary).model_dump(mode="json") for summary in catalogue]

    def article(self, article_id: str) -> dict[str, Any]:
        """Return an article with its text."""
        from ui.bodies import ArticleText

        library = self._library
        text = ArticleText.of(library.article(article_id), library.versions(article_id))
        return text.model_dump(mode="json")

    def remove(self, article_id: str) -> None:
        """Remove an article and its earlier texts."""
        self._library.remove(article_id)

    def verify(self, saved: Any) -> dict[str, Any]:  # noqa: ANN401 any JSON
        """Return how a saved answer stands today."""
        from rag.verify import read_answer, verify

        return verify(read_answer(saved), self._library).model_dump(mode="json")

    def check(self, draft: str) -> dict[str, Any]:
        """Return what the library says of each sentence of a draft."""
        return self._ibid.checker.check(draft).model_dump(mode="json")

    def ingest(self, targets: Sequence[str]) -> Iterator[Outcome]:
        """Ingest files, folders and addresses, yielding what becomes of each."""
        from ingest.pipeline import ingest_paths

        return ingest_paths(self._library, self._embedding(), targets, self._settings)

    def status(self) -> dict[str, Any]:
        """Return the library's state."""
        return {**self._library.status().model_dump(), "served_at": None}

    def rebuild(self) -> int:
        """Build the vector index anew; return the number of vectors."""
        return self._library.rebuild()

    def close(self) -> None:
        """Give the library back."""
        self._library.close()


@contextmanager
def open_door(settings: Settings, command: str, *, create: bool = False) -> Iterator[Door]:
    """Yield the server's door where one runs, else the library's; `create` a missing library."""
    folder = settings.library.resolve()
    owner = LibraryLock(folder).owner()
    if owner is not None and owner.url is not None:
        from ui.client import ServerDoor

        with closing(ServerDoor(owner)) as server:
            yield server
        return
    if not create and not (folder / FILE_NAME).exists():
        raise NotFoundError(f"There is no library at {folder} yet. Run 'ibid ingest PATH' first.")
    with closing(LibraryDoor(settings, command, create=create)) as library:
        yield library


def _frozen(value: Any) -> Any:  # noqa: ANN401 a filter's value
    return tuple(value) if isinstance(value, list) else value
