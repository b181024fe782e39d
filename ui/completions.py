"""Ibid as a model of an OpenAI-compatible server, so that any chat front end can show answers.

The text of a reply carries the citations; beside it, every reply holds the answer as `/api/ask`
gives it. What asks for another behaviour (system messages, a temperature, tools) changes nothing.
"""

import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from ingest.errors import BadInputError, NotFoundError
from ingest.split import count_tokens
from rag.build import Ibid
from rag.types import Answer, Statement, Turn, Working
from ui.keys import require_key
from ui.openai_bodies import (
    MODEL,
    ChatBody,
    ChatMessage,
    Choice,
    Completion,
    ErrorBody,
    ErrorDetail,
    Model,
    Models,
    Reply,
    Usage,
)
from ui.openai_errors import OpenAIRoute
from ui.streaming import BEAT, EVENTS, Item, event_stream, follow, gone
from ui.wording import appendix, paragraph, without_appendix

DONE = format_sse_event(data_str="[DONE]")


class Asked(NamedTuple):
    """What a conversation comes down to: its last question, and the turns before it."""

    question: str
    history: Sequence[Turn]


def add_completions(app: FastAPI, ibid: Ibid) -> None:
    """Add the OpenAI-compatible routes."""
    router = APIRouter(
        prefix="/v1",
        route_class=OpenAIRoute,
        dependencies=[Depends(require_key)],
        tags=["OpenAI-compatible"],
        responses={status: {"model": ErrorBody} for status in (400, 401, 404)},
    )
    model = Model(created=int(time.time()))

    @router.post(
        "/chat/completions",
        response_model=Completion,
        responses={200: {"content": EVENTS["content"]}},
    )
    async def complete(request: Request, body: ChatBody) -> Any:  # noqa: ANN401 either response
        """Answer the last question of a conversation, as one reply or as a stream of chunks."""
        asked = _asked(body.messages)
        items = follow(request, ibid.engine.stream(asked.question, asked.history))
        if not body.stream:
            async with aclosing(items):
                return await _completion(items, asked)
        told_usage = body.stream_options is not None and body.stream_options.include_usage
        return await event_stream(
            items, lambda begun: _chunks(begun, asked, told_usage=told_usage), _error_event
        )

    @router.get("/models")
    def list_models() -> Models:
        """List the one model there is."""
        return Models(data=(model,))

    @router.get("/models/{model_id}")
    def read_model(model_id: str) -> Model:
        """Describe the one model there is."""
        if model_id != MODEL:
            raise NotFoundError(f"There is no model {model_id!r} here; the only one is {MODEL!r}.")
        return model

    @router.api_route("/{path:path}", methods=["GET", "POST"], include_in_schema=False)
    def unknown(request: Request, path: str) -> None:
        raise NotFoundError(
            f"There is no {request.method} /v1/{path} here, only POST /v1/chat/completions and "
            "GET /v1/models."
        )

    app.include_router(router)


def _asked(messages: Sequence[ChatMessage]) -> Asked:
    """Return the last question and the turns before it, without the sources Ibid had added."""
    turns = []
    for message in messages:
        if message.role == "user":
            turns.append(Turn(role="user", content=message.text()))
        elif message.role == "assistant":
            turns.append(Turn(role="assistant", content=without_appendix(message.text())))
    asked = [index for index, turn in enumerate(turns) if turn.role == "user"]
    if not asked:
        raise BadInputError("There is no message with the role 'user'. Send a question as one.")
    return Asked(turns[asked[-1]].content, turns[: asked[-1]])


async def _told_piecewise(items: AsyncIterator[Item]) -> AsyncIterator[str | Working | Answer]:
    """Yield the text of an answer piece by piece, as it comes, and then the answer."""
    between = ""
    async for item in items:
        if isinstance(item, Statement):
            yield between + paragraph(item)
            between = "\n\n"
        elif isinstance(item, Answer):
            yield between + appendix(item)
            yield item
        else:
            yield item


async def _completion(items: AsyncIterator[Item], asked: Asked) -> Completion:
    content = ""
    async for piece in _told_piecewise(items):
        if isinstance(piece, str):
            content += piece
        elif isinstance(piece, Answer):
            reply = Reply(content=content, refusal=_refusal(piece), citations=piece.citations)
            return Completion(
                id=_new_id(),
                created=int(time.time()),
                choices=(Choice(message=reply),),
                usage=await run_in_threadpool(_usage, piece, asked, content),
                ibid=piece,
            )
    raise gone()


async def _chunks(
    items: AsyncIterator[Item], asked: Asked, *, told_usage: bool
) -> AsyncIterator[bytes]:
    head = {
        "id": _new_id(),
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": MODEL,
    }
    yield _chunk(head, {"role": "assistant", "content": ""})
    content = ""
    async for piece in _told_piecewise(items):
        if isinstance(piece, Working):
            yield BEAT
        elif isinstance(piece, str):
            content += piece
            yield _chunk(head, {"content": piece})
        else:
            answer = piece.model_dump(mode="json")
            last = {"citations": answer["citations"], "refusal": _refusal(piece)}
            yield _chunk({**head, "ibid": answer}, last, "stop")
            if told_usage:
                usage = await run_in_threadpool(_usage, piece, asked, content)
                yield _event({**head, "choices": [], "usage": usage.model_dump()})
            yield DONE


def _chunk(head: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _event({**head, "choices": [choice]})


def _event(data: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(data))


def _error_event(message: str) -> bytes:
    return _event(ErrorBody(error=ErrorDetail(message=message, type="server_error")).model_dump())


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


def _refusal(answer: Answer) -> str | None:
    return answer.refusal.message if answer.refusal else None


def _usage(answer: Answer, asked: Asked, content: str) -> Usage:
    """Return what a language model used; where none was asked, the tokens of the texts."""
    if answer.generation:
        read, written = answer.generation.prompt_tokens, answer.generation.completion_tokens
    else:
        texts = (asked.question, *(turn.content for turn in asked.history))
        read, written = sum(map(count_tokens, texts)), count_tokens(content)
    return Usage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)
