"""What the OpenAI-compatible routes take and give."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ingest.errors import BadInputError
from rag.types import Answer, Citation, Text
from ui.bodies import MAX_TURNS

MODEL = "ibid"
"""The name of the only model."""


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: Text = ""


class ChatMessage(BaseModel):
    """A message of the conversation; those of `user` and `assistant` count."""

    role: Literal["user", "assistant", "system", "developer", "tool", "function"]
    content: Text | list[Part] | None = None

    def text(self) -> str:
        """Return its text; raise BadInputError for a picture, a sound or a file."""
        if not isinstance(self.content, list):
            return self.content or ""
        for part in self.content:
            if part.type != "text":
                raise BadInputError(
                    f"A message has a part of the type {part.type!r}. Ibid reads text only."
                )
        return "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """Whether the last chunk before the end tells the tokens."""

    include_usage: bool = False


class ChatBody(BaseModel):
    """A conversation that ends with a question; what else is sent is accepted and ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [
                        {
                            "role": "user",
                            "content": "How many TV channels watched in Belarus are Russian?",
                        }
                    ],
                }
            ]
        }
    )

    messages: list[ChatMessage] = Field(max_length=MAX_TURNS, json_schema_extra={"minItems": 1})
    model: str = MODEL
    n: Literal[1] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None


class Usage(BaseModel):
    """How many tokens were read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Reply(BaseModel):
    """The answer as text, with what it cites; `refusal` is its message where it is refused."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: str | None
    citations: tuple[Citation, ...]


class Choice(BaseModel):
    """The only choice."""

    index: Literal[0] = 0
    message: Reply
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Completion(BaseModel):
    """A reply; `ibid` is the answer as `/api/ask` gives it."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: tuple[Choice]
    usage: Usage
    ibid: Answer


class Model(BaseModel):
    """The one model there is."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "ibid"


class Models(BaseModel):
    """The models there are."""

    object: Literal["list"] = "list"
    data: tuple[Model, ...]


class ErrorDetail(BaseModel):
    """What went wrong, as OpenAI tells it."""

    message: str
    type: Literal["invalid_request_error", "server_error"]
    param: str | None = None
    code: str | None = None


class ErrorBody(BaseModel):
    """The body of every response that is an error."""

    error: ErrorDetail
