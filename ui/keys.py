"""Who may use the API, and how often: whoever has a key, and the library's owner."""

import hmac
import time
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ingest.settings import Settings


class Rates:
    """Counts the requests of each caller in a moving window, where the settings set a limit."""

    def __init__(self, settings: Settings) -> None:
        self._limit = parse(settings.rate_limit) if settings.rate_limit else None
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, caller: str) -> None:
        """Count a request; raise HTTPException where it is one too many."""
        if self._limit is None or self._counter.hit(self._limit, caller):
            return
        free = self._counter.get_window_stats(self._limit, caller).reset_time
        wait = max(1, round(free - time.time()))
        raise HTTPException(
            429,
            f"More than {self._limit}. Try again in {wait} s.",
            headers={"Retry-After": str(wait)},
        )


def _bearer(authorization: Annotated[str, Header()] = "") -> str:
    return authorization.removeprefix("Bearer ").strip()


def _is_owner(request: Request, given: str) -> bool:
    """Whether the token is the one in the library folder, which only its owner can read."""
    owner = request.app.state.ibid.library.lock.owner()
    token = owner.token if owner else None
    return bool(token) and hmac.compare_digest(given.encode(), str(token).encode())


def require_key(request: Request, given: Annotated[str, Depends(_bearer)]) -> None:
    """Demand one of `IBID_API_KEYS`, where any are set, and count the request."""
    settings: Settings = request.app.state.ibid.settings
    if _is_owner(request, given):
        return
    if not settings.is_key(given):
        raise HTTPException(
            401,
            "This API needs a key: send 'Authorization: Bearer KEY'.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    caller = given or (request.client.host if request.client else "")
    request.app.state.rates.count(caller)


def require_write(
    request: Request,
    given: Annotated[str, Depends(_bearer)],
    _key: Annotated[None, Depends(require_key)],
) -> None:
    """Demand a key that may change the library."""
    settings: Settings = request.app.state.ibid.settings
    if not settings.is_key(given, "write") and not _is_owner(request, given):
        raise HTTPException(403, "This key may only read.")


def require_owner(request: Request, given: Annotated[str, Depends(_bearer)]) -> None:
    """Demand the token of the library's owner."""
    if not _is_owner(request, given):
        raise HTTPException(401, "Only the ibid command of this library's owner may do this.")
