"""What Ibid needs of a language model: one method that streams a reply to messages."""

from collections.abc import Generator, Sequence
from typing import Literal, NamedTuple, Protocol

REPLY_SHARE = 0.25
MOST_REPLY = 1000
"""Tokens. What Ibid asks for is a line; the rest is for models that think aloud first."""


def reply_room(context: int) -> int:
    """Return how many tokens of a context are kept for the reply."""
    return min(int(REPLY_SHARE * context), MOST_REPLY)


class Message(NamedTuple):
    """One message to a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Usage(NamedTuple):
    """How many tokens a call took, as the model counts them, else as we do."""

    prompt_tokens: int
    completion_tokens: int


class LanguageModel(Protocol):
    """A language model. `name` is how settings name it, `context` its window in tokens."""

    @property
    def name(self) -> str:
        """Its name in the answer, without anything secret."""

    @property
    def context(self) -> int:
        """How many tokens prompt and reply may have together."""

    def count(self, text: str) -> int:
        """Return how many tokens a text has."""

    def stream(self, messages: Sequence[Message]) -> Generator[str | Usage, None, None]:
        """Yield the reply piece by piece, then what it took; "" while there is nothing new.

        Closing the generator stops the model.

        Raises:
            ModelError: the model did not answer, or not to the end.
        """
