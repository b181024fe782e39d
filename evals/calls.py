"""Calls of a language model, kept in a file: a run asks for each once, and can be repeated."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.errors import CannotRunError
from evals.saved import read_lines
from ingest.errors import IbidError
from ingest.split import count_tokens
from rag.model import LanguageModel, Message, Usage


class Call(BaseModel):
    """One call that ended well: a line of the file.

    `context` is the model's window in tokens, `seconds` how long Ibid waited for its words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    context: int
    reply: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class CallFile:
    """The recorded calls of one model; several threads may read and add."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._calls = {call.key: call for call in _read(path)}

    @property
    def context(self) -> int | None:
        """The window of the model that was recorded; None when no call was."""
        return next((call.context for call in self._calls.values()), None)

    def get(self, key: str) -> Call | None:
        """Return the call of this key."""
        return self._calls.get(key)

    def add(self, call: Call) -> None:
        """Append a call; of two with one key, the first is kept."""
        with self._lock:
            if call.key in self._calls:
                return
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(call.model_dump_json() + "\n")
            except OSError as error:
                raise CannotRunError(
                    f"{self._path} cannot be written ({error.strerror}). "
                    "Choose another folder with --calls."
                ) from None
            self._calls[call.key] = call


class RecordedModel:
    """A language model that is asked only for what is not recorded, and loaded only then.

    The key of a call is the hash of the model's name, the messages and the schema. It is the same
    in every run because nothing that a prompt is made with depends on whether the model is loaded:
    `count` is always Ibid's own count of tokens, and `context` is the recorded one as soon as a
    call is recorded.
    """

    def __init__(self, name: str, load: Callable[[], LanguageModel], path: Path) -> None:
        self._name = name
        self._load = load
        self._model: LanguageModel | None = None
        self._lock = threading.Lock()
        self._calls = CallFile(path)
        self._replayed = threading.local()

    @property
    def name(self) -> str:
        """The model's name, known without loading it."""
        return self._name

    @property
    def context(self) -> int:
        """The recorded window; that of the model before its first call."""
        return self._calls.context or self._loaded().context

    def count(self, text: str) -> int:
        """Return how many tokens a text has, as Ibid counts them."""
        return count_tokens(text)

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any]
    ) -> Iterator[str | Usage]:
        """Yield the recorded reply at once, else what the model says, and record it at its end."""
        key = key_of(self._name, messages, schema)
        call = self._calls.get(key)
        if call is None:
            yield from self._asked(key, messages, schema)
            return
        self._replayed.seconds = self.replayed() + call.seconds
        yield call.reply
        yield Usage(call.prompt_tokens, call.completion_tokens)

    def replayed(self) -> float:
        """Return how many seconds the calls replayed in this thread took when they were made."""
        return float(getattr(self._replayed, "seconds", 0.0))

    def _asked(
        self, key: str, messages: Sequence[Message], schema: Mapping[str, Any]
    ) -> Iterator[str | Usage]:
        stream = self._loaded().stream(messages, schema)
        pieces: list[str] = []
        try:
            for piece, seconds in _timed(stream):
                if isinstance(piece, str):
                    pieces.append(piece)
                else:
                    reply = "".join(pieces)
                    call = Call(key=key, context=self.context, reply=reply, seconds=seconds,
                                **piece._asdict())  # fmt: skip
                    self._calls.add(call)
                yield piece
        finally:
            if isinstance(stream, Generator):
                stream.close()

    def _loaded(self) -> LanguageModel:
        with self._lock:
            if self._model is None:
                try:
                    self._model = self._load()
                except IbidError as error:
                    raise CannotRunError(
                        f"A call to {self._name} is not recorded, and it cannot be made: {error}"
                    ) from None
            return self._model


def key_of(name: str, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
    """Return the key of a call: the hash of the model's name, the messages and the schema."""
    asked = [name, [message._asdict() for message in messages], schema]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _timed(stream: Iterator[str | Usage]) -> Iterator[tuple[str | Usage, float]]:
    """Yield what comes, each with the seconds waited so far; whoever reads is not waited for."""
    waited, start = 0.0, time.perf_counter()
    for piece in stream:
        waited += time.perf_counter() - start
        yield piece, waited
        start = time.perf_counter()


def _read(path: Path) -> Iterator[Call]:
    for number, line in enumerate(read_lines(path) if path.is_file() else [], 1):
        try:
            yield Call.model_validate_json(line)
        except ValidationError as error:
            raise CannotRunError(
                f"{path}:{number} is not a recorded call ({error.errors()[0]['msg']}). "
                "Delete this line; the call is made again."
            ) from None
