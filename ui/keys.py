"""Who may use the API: whoever has a key, and the library's owner."""

import hmac
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request

from ingest.settings import Settings


def _bearer(authorization: Annotated[str, Header()] = "") -> str:
    return authorization.removeprefix("Bearer ").strip()


def _is_owner(request: Request, given: str) -> bool:
    """Whether the token is the one in the library folder, which only its owner can read."""
    owner = request.app.state.ibid.library.lock.owner()
    token = owner.token if owner else None
    return bool(token) and hmac.compare_digest(given.encode(), str(token).encode())


def require_key(request: Request, given: Annotated[str, Depends(_bearer)]) -> None:
    """Demand one of `IBID_API_KEYS`, where any are set."""
    settings: Settings = request.app.state.ibid.settings
    if not settings.is_key(given) and not _is_owner(request, given):
        raise HTTPException(401, "This API needs a key: send 'Authorization: Bearer KEY'.")


def require_owner(request: Request, given: Annotated[str, Depends(_bearer)]) -> None:
    """Demand the token of the library's owner."""
    if not _is_owner(request, given):
        raise HTTPException(401, "Only the ibid command of this library's owner may do this.")
