"""Calls of a language model, kept in a file: a run asks for each once, and can be repeated."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.errors import CannotRunError
from evals.saved import read_lines
from ingest.errors import IbidError
from ingest.split import count_tokens
from rag.model import LanguageModel, Message, Usage


class Call(BaseModel):
    """One call that ended well: a line of the file.

    `context` is the model's own window in tokens, None where a setting gave another. The reply is
    kept in the `pieces` that it came in, because Ibid reads it piece by piece; `seconds` is how
    long Ibid waited for them. `usage` is None where Ibid had read enough before the end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    context: int | None
    pieces: tuple[str, ...]
    usage: Usage | None
    seconds: float


class CallFile:
    """The recorded calls of one model; several threads may read and add."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._calls = {call.key: call for call in _read(path)}

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def context(self) -> int | None:
        """The model's own window; None while no call says it."""
        return next((call.context for call in self._calls.values() if call.context), None)

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

    The key of a call is the hash of the model's name and the messages. It is the same in every run
    because nothing that a prompt is made with depends on whether the model is loaded:
    `count` is always Ibid's own count of tokens, even of a model that counts itself, and `context`
    is the one of the settings, else the recorded one, else the model's own.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[], LanguageModel],
        path: Path,
        context: int | None = None,
    ) -> None:
        self._name = name
        self._load = load
        self._model: LanguageModel | None = None
        self._lock = threading.Lock()
        self._path = path
        self._calls = CallFile(path)
        self._given = context
        self._replayed = threading.local()

    @property
    def name(self) -> str:
        """The model's name, known without loading it."""
        return self._name

    @property
    def context(self) -> int:
        """How many tokens prompt and reply may have together."""
        return self._given or self._calls.context or self._loaded().context

    def count(self, text: str) -> int:
        """Return how many tokens a text has, as Ibid counts them."""
        return count_tokens(text)

    def prepare(self) -> None:
        """Load the model where no call is recorded: what is wrong with it is known at once."""
        if not len(self._calls):
            self._loaded()

    def stream(self, messages: Sequence[Message]) -> Generator[str | Usage, None, None]:
        """Yield the recorded reply at once, else what the model says, and record that.

        A call that fails is not recorded. One that is closed early is, as far as it went: Ibid
        closes a call when it has read enough, and does so again at the same word.
        """
        key = key_of(self._name, messages)
        call = self._calls.get(key)
        yield from self._replay(call) if call else self._ask(key, messages)

    def replayed(self) -> float:
        """Return how many seconds the calls replayed in this thread took when they were made."""
        return float(getattr(self._replayed, "seconds", 0.0))

    def _replay(self, call: Call) -> Generator[str | Usage, None, None]:
        self._replayed.seconds = self.replayed() + call.seconds
        yield from call.pieces
        if call.usage is None:
            raise CannotRunError(
                f"A recorded call to {self._name} was cut off. Delete the line with "
                f"{call.key} from {self._path}; the call is made again."
            )
        yield call.usage

    def _ask(self, key: str, messages: Sequence[Message]) -> Generator[str | Usage, None, None]:
        said = _Said()
        try:
            with closing(self._loaded().stream(messages)) as stream:
                yield from said.heard(stream)
        except GeneratorExit:
            if said.pieces:
                self._record(key, said)
            raise
        self._record(key, said)

    def _record(self, key: str, said: "_Said") -> None:
        own = None if self._given else self.context
        self._calls.add(
            Call(
                key=key,
                context=own,
                pieces=tuple(said.pieces),
                usage=said.usage,
                seconds=said.seconds,
            )
        )

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


def key_of(name: str, messages: Sequence[Message]) -> str:
    """Return the key of a call: the hash of the model's name and the messages."""
    asked = [name, [message._asdict() for message in messages]]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class _Said:
    """What a model says, collected while it is handed on."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.usage: Usage | None = None
        self.seconds = 0.0

    def heard(self, stream: Iterator[str | Usage]) -> Iterator[str | Usage]:
        """Hand on what comes; `seconds` is the time waited for it, not what is done with it."""
        start = time.perf_counter()
        for piece in stream:
            self.seconds += time.perf_counter() - start
            if isinstance(piece, Usage):
                self.usage = piece
            elif piece:
                self.pieces.append(piece)
            yield piece
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
