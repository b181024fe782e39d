"""Errors as HTTP tells them: problem details (RFC 9457), whose `detail` says what to do."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from ingest.errors import IbidError
from ui.streaming import FAILED

logger = logging.getLogger(__name__)

_TOLD = {
    400: "This server is not known under that name",
    401: "No valid key",
    403: "The key or the calling page may not do this",
    404: "Not found",
    413: "Too large",
    415: "Not a file that can be read as an article",
    422: "Bad input",
    429: "Too many requests: Retry-After says when to try again",
    503: "Too busy, or the library cannot be used: try again",
}


class Problem(BaseModel):
    """What went wrong and what to do (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The question is empty. Write a question."])


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response of an error."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:  # 499, of a client that left
        title = "Client Closed Request"
    told = Problem(title=title, status=status, detail=detail)
    return JSONResponse(told.model_dump(), status, headers, media_type="application/problem+json")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the documentation says of errors."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": _TOLD[status], "content": content} for status in statuses}


def add_problems(app: FastAPI) -> None:
    """Make an app tell every error as a problem."""
    app.add_exception_handler(IbidError, _of_ibid)
    app.add_exception_handler(RequestValidationError, _of_input)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _unexpected)


def _of_ibid(_: Request, error: Exception) -> JSONResponse:
    return problem(error.http_status if isinstance(error, IbidError) else 500, str(error))


def _of_input(_: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    parts = (f"{'.'.join(map(str, item['loc'][1:])) or 'body'}: {item['msg']}" for item in found)
    return problem(422, "; ".join(parts))


def _of_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 it is registered for those
    return problem(error.status_code, str(error.detail), error.headers)


def _unexpected(_: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error)
    return problem(500, FAILED)
