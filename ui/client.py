"""The door of a library that a server has: its HTTP address."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from ingest.errors import BadInputError, IbidError, LibraryError, NotFoundError
from ingest.files import is_url
from ingest.lock import Owner
from ingest.types import Outcome
from rag.types import Turn

INGEST_SECONDS = 24 * 3600
REQUEST_SECONDS = 120
ANSWER_SECONDS = 3600
"""Longest wait for an answer: a language model on a slow machine may write for long."""
_ERRORS = {404: NotFoundError, 422: BadInputError}


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


def _error(response: httpx.Response) -> IbidError:
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"The server answered {response.status_code}."
    return _ERRORS.get(response.status_code, LibraryError)(detail)
