"""What the command line and MCP need of Ibid: from the running server, or the library itself."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from ingest.errors import BadInputError, IbidError, LibraryError, NotFoundError
from ingest.files import is_url
from ingest.lock import LibraryLock, Owner
from ingest.settings import Settings
from ingest.types import Outcome
from rag.types import Turn

INGEST_SECONDS = 24 * 3600
REQUEST_SECONDS = 120
ANSWER_SECONDS = 3600
"""Longest wait for an answer: a language model on a slow machine may write for long."""
_ERRORS = {404: NotFoundError, 422: BadInputError}


class Door(Protocol):
    """The same for a server and for a library opened here; JSON as the HTTP API gives it."""

    def ask(
        self, question: str, filters: dict[str, Any], history: Sequence[Turn] = ()
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


class ServerDoor:
    """Through the HTTP address of the server that owns the library."""

    def __init__(self, owner: Owner) -> None:
        self._client = httpx.Client(
            base_url=owner.url or "",
            headers={"Authorization": f"Bearer {owner.token}"},
            timeout=REQUEST_SECONDS,
            trust_env=False,
        )

    def ask(
        self, question: str, filters: dict[str, Any], history: Sequence[Turn] = ()
    ) -> dict[str, Any]:
        """Return the answer."""
        turns = [turn.model_dump() for turn in history]
        body = {"question": question, "filters": filters, "history": turns}
        return dict(self._call("POST", "/api/ask", json=body, timeout=ANSWER_SECONDS))

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """Return the passages found, best first."""
        return list(self._call("GET", "/api/search", params={"q": query, "limit": limit}))

    def articles(self) -> list[dict[str, Any]]:
        """Return every article without its text, by id."""
        return list(self._call("GET", "/api/articles"))

    def article(self, article_id: str) -> dict[str, Any]:
        """Return an article with its text."""
        return dict(self._call("GET", f"/api/articles/{quote(article_id, safe='')}"))

    def remove(self, article_id: str) -> None:
        """Remove an article and its earlier texts."""
        self._call("DELETE", f"/api/articles/{quote(article_id, safe='')}")

    def verify(self, saved: Any) -> dict[str, Any]:  # noqa: ANN401 any JSON
        """Return how a saved answer stands today."""
        return dict(self._call("POST", "/api/verify", json=saved))

    def check(self, draft: str) -> dict[str, Any]:
        """Return what the library says of each sentence of a draft."""
        return dict(self._call("POST", "/api/check", json={"text": draft}))

    def ingest(self, targets: Sequence[str]) -> Iterator[Outcome]:
        """Ingest files, folders and addresses, yielding what becomes of each."""
        found = [target if is_url(target) else str(Path(target).resolve()) for target in targets]
        body = {"targets": found}
        with (
            self._answering(),
            self._client.stream(
                "POST", "/api/ingest", json=body, timeout=INGEST_SECONDS
            ) as response,
        ):
            if response.is_error:
                response.read()
                raise _error(response)
            for line in response.iter_lines():
                record = json.loads(line)
                if "detail" in record:
                    error = IbidError(record["detail"])
                    error.exit_code = record["exit_code"]
                    raise error
                yield Outcome(**record)

    def status(self) -> dict[str, Any]:
        """Return the library's state."""
        return {**self._call("GET", "/api/status"), "served_at": str(self._client.base_url)}

    def rebuild(self) -> int:
        """Build the vector index anew; return the number of vectors."""
        return int(self._call("POST", "/api/rebuild"))

    def close(self) -> None:
        """End the connection to the server."""
        self._client.close()

    def _call(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 any JSON
        with self._answering():
            response = self._client.request(method, path, **options)
        if not response.is_success:
            raise _error(response)
        return response.json() if response.content else None

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise LibraryError(
                f"The server at {self._client.base_url} that owns the library does not answer "
                f"({type(error).__name__}). Wait for it, or stop it."
            ) from None


class LibraryDoor:
    """By opening the library in this process."""

    def __init__(self, settings: Settings, command: str) -> None:
        from rag.build import build  # heavy, and not needed to talk to a server

        self._ibid = build(settings, command)

    def ask(
        self, question: str, filters: dict[str, Any], history: Sequence[Turn] = ()
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

        catalogue = self._ibid.library.catalogue()
        return [ArticleEntry.of(summary).model_dump(mode="json") for summary in catalogue]

    def article(self, article_id: str) -> dict[str, Any]:
        """Return an article with its text."""
        from ui.bodies import ArticleText

        library = self._ibid.library
        text = ArticleText.of(library.article(article_id), library.versions(article_id))
        return text.model_dump(mode="json")

    def remove(self, article_id: str) -> None:
        """Remove an article and its earlier texts."""
        self._ibid.library.remove(article_id)

    def verify(self, saved: Any) -> dict[str, Any]:  # noqa: ANN401 any JSON
        """Return how a saved answer stands today."""
        from rag.verify import read_answer, verify

        return verify(read_answer(saved), self._ibid.library).model_dump(mode="json")

    def check(self, draft: str) -> dict[str, Any]:
        """Return what the library says of each sentence of a draft."""
        return self._ibid.checker.check(draft).model_dump(mode="json")

    def ingest(self, targets: Sequence[str]) -> Iterator[Outcome]:
        """Ingest files, folders and addresses, yielding what becomes of each."""
        from ingest.pipeline import ingest_paths

        ibid, settings = self._ibid, self._ibid.settings
        return ingest_paths(
            ibid.library,
            ibid.embedding,
            targets,
            settings,
        )

    def status(self) -> dict[str, Any]:
        """Return the library's state."""
        return {**self._ibid.library.status().model_dump(), "served_at": None}

    def rebuild(self) -> int:
        """Build the vector index anew; return the number of vectors."""
        return self._ibid.library.rebuild()

    def close(self) -> None:
        """Give the library back."""
        self._ibid.library.close()


@contextmanager
def open_door(settings: Settings, command: str, *, create: bool = False) -> Iterator[Door]:
    """Yield the server's door where one runs, else the library's; `create` a missing library."""
    folder = settings.library.resolve()
    owner = LibraryLock(folder).owner()
    if owner is not None and owner.url is not None:
        with closing(ServerDoor(owner)) as server:
            yield server
        return
    if not create and not (folder / "library.sqlite").exists():
        raise NotFoundError(f"There is no library at {folder} yet. Run 'ibid ingest PATH' first.")
    with closing(LibraryDoor(settings, command)) as library:
        yield library


def _frozen(value: Any) -> Any:  # noqa: ANN401 a filter's value
    return tuple(value) if isinstance(value, list) else value


def _error(response: httpx.Response) -> IbidError:
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"The server answered {response.status_code}."
    return _ERRORS.get(response.status_code, LibraryError)(detail)
