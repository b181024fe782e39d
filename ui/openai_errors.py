"""Errors of the OpenAI-compatible routes, told as OpenAI tells them."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from ingest.errors import BadInputError, IbidError
from ui.openai_bodies import ErrorBody, ErrorDetail
from ui.streaming import FAILED

logger = logging.getLogger(__name__)

SERVER_ERROR = 500


class OpenAIRoute(APIRoute):
    """A route whose errors have OpenAI's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of requests."""
        handle = super().get_route_handler()

        async def handle_errors_too(request: Request) -> Response:
            try:
                return await handle(request)
            except (HTTPException, RequestValidationError, IbidError) as error:
                return _problem(error)
            except Exception:
                logger.exception("unexpected error")
                return _told(SERVER_ERROR, ErrorDetail(message=FAILED, type="server_error"))

        return handle_errors_too


def _problem(error: HTTPException | RequestValidationError | IbidError) -> JSONResponse:
    """Return an error as OpenAI tells it: a body that cannot be used is 400, never 422."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        param = ".".join(map(str, first["loc"][1:])) or None
        message = f"{param or 'body'}: {first['msg']}"
        return _told(400, ErrorDetail(message=message, type="invalid_request_error", param=param))
    headers = None
    if isinstance(error, HTTPException):
        status, message, headers = error.status_code, str(error.detail), error.headers
    else:
        status, message = error.http_status, str(error)
    status = 400 if status == BadInputError.http_status else status
    return _told(
        status,
        ErrorDetail(
            message=message,
            type="server_error" if status >= SERVER_ERROR else "invalid_request_error",
            code={401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}.get(status),
        ),
        headers,
    )


def _told(
    status: int, problem: ErrorDetail, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(ErrorBody(error=problem).model_dump(), status, headers)
