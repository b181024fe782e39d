"""Texts to vectors: an ONNX encoder and its tokenizer, run on the processor.

The default is multilingual-e5-small in int8 (`ingest.e5` makes it): a hundred languages in one
space, 384 dimensions. Another model is a folder with `model.onnx`, `tokenizer.json` and `ibid.json`
(`ModelCard`). Texts are run one at a time, so a vector never depends on its batch, and by two
callers of one thread each: on two cores twice as fast as one call with two threads.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Encoding, Tokenizer

from ingest.e5 import CARD_SHA256, COMMAND, model_folder, ready_folder
from ingest.e5.source import dequantize
from ingest.errors import BadInputError, LibraryError
from ingest.files import sha256
from ingest.types import Span

Vector = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]

DEFAULT = "e5-small"
CALLERS = 2
WORD_VECTORS = "word_vectors"
CARD = "ibid.json"
REQUIRED = ("model.onnx", "tokenizer.json", CARD)
FILES = ("model.onnx", "tokenizer.json", "words.npy")


class PassageVectors(NamedTuple):
    """A text as one forward pass reads it: `vector` of the whole, `units` of its spans in context.

    `vector` has shape (dimensions,), `units` (spans, dimensions); all are of unit length.
    """

    vector: Vector
    units: Vectors


class Model(Protocol):
    """What a library must know of the model that makes its vectors."""

    @property
    def name(self) -> str:
        """What a library remembers of its model: equal names make equal vectors."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""


class Embedding(Model, Protocol):
    """What Ibid asks of an embedding model. Every vector is of unit length."""

    def question(self, text: str) -> Vector:
        """Return the vector of a question, shape (dimensions,)."""

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, each read alone, shape (len(texts), dimensions)."""

    def passage(self, text: str, spans: Sequence[Span]) -> PassageVectors:
        """Return a text's vector, and those of its spans in context: means of their tokens.

        A span that the model does not read to its end gets the vector of its text alone.
        """

    def passages(self, items: Sequence[tuple[str, Sequence[Span]]]) -> list[PassageVectors]:
        """Return `passage` of each item."""

    def rarity(self, word: str) -> float:
        """Return minus the log probability of a word: low for "the" and "der", high for names."""


class Prefixes(BaseModel):
    """What the model was trained to find before a question and before a passage."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = ""
    passage: str = ""


class ModelCard(BaseModel):
    """`ibid.json`: what the other files of a model's folder do not say.

    `sha256` may hold hashes of those files; they are checked when the model is loaded.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    dimensions: int = Field(gt=0)
    max_tokens: int = Field(gt=2)
    pooling: Literal["mean", "cls"]
    prefixes: Prefixes = Prefixes()
    sha256: dict[str, str] = {}


class _Reading(NamedTuple):
    """A text after the encoder: `hidden` (tokens, dimensions), and where each token stands.

    Characters from `end` on were not read. A token that is no part of the text has start and end 0.
    """

    hidden: Vectors
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    end: int


class OnnxEmbedding:
    """An `Embedding` from a folder that holds an ONNX encoder.

    The graph takes token ids (`input_ids`, and `attention_mask` and `token_type_ids` if it wants
    them), or the word vectors themselves (`word_vectors`), looked up in `words.npy`; its first
    output is the hidden states. `surprisal.npy` holds minus the log probability of each token id;
    without it they are taken from Zipf's law, as the ids of a vocabulary go by frequency.
    """

    def __init__(self, folder: Path, card: ModelCard, name: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers)
        self._inputs = {item.name for item in self._session.get_inputs()}
        self._words = np.load(folder / "words.npy", "r") if WORD_VECTORS in self._inputs else None
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(card.max_tokens)
        self._tokenizer.no_padding()
        self._surprisal = _surprisal(folder, self._tokenizer.get_vocab_size())
        self._callers = ThreadPoolExecutor(CALLERS, thread_name_prefix="embed")
        self._card = card
        self.name = name
        self.dimensions = card.dimensions

    def question(self, text: str) -> Vector:
        """Return the vector of a question, shape (dimensions,)."""
        return self._pool(self._read(self._card.prefixes.question, text))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, each read alone, shape (len(texts), dimensions)."""
        return self._stack(list(self._callers.map(self._text, texts)))

    def passage(self, text: str, spans: Sequence[Span]) -> PassageVectors:
        """Return a text's vector, and those of its spans in context: means of their tokens.

        A token belongs to each span that it shares a character with, spaces aside. A span without
        a token, or not read to its end, gets the vector of its text alone.
        """
        reading = self._read(self._card.prefixes.passage, text)
        units = [self._in_context(reading, text, span) for span in spans]
        return PassageVectors(self._pool(reading), self._stack(units))

    def passages(self, items: Sequence[tuple[str, Sequence[Span]]]) -> list[PassageVectors]:
        """Return `passage` of each item."""
        return list(self._callers.map(lambda item: self.passage(*item), items))

    def rarity(self, word: str) -> float:
        """Return minus the log probability of a word: low for "the" and "der", high for names."""
        pieces = self._tokenizer.encode(word, add_special_tokens=False)
        return float(self._surprisal[pieces.ids].sum())

    def _text(self, text: str) -> Vector:
        return self._pool(self._read(self._card.prefixes.passage, text))

    def _read(self, prefix: str, text: str) -> _Reading:
        encoding = self._tokenizer.encode(prefix + text)
        hidden = self._session.run(None, self._feed(encoding))[0][0]
        starts, ends = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2).T - len(prefix)
        spaces = np.fromiter(map(str.isspace, text), dtype=bool, count=len(text))
        letters = np.append(np.flatnonzero(~spaces), len(text))
        starts = letters[np.searchsorted(letters, starts.clip(0))]
        outside = starts >= ends
        end = int(ends.max()) if encoding.overflowing else len(text)
        return _Reading(hidden, np.where(outside, 0, starts), np.where(outside, 0, ends), end)

    def _feed(self, encoding: Encoding) -> dict[str, npt.NDArray[np.generic]]:
        if self._words is not None:
            return {WORD_VECTORS: dequantize(self._words[encoding.ids])[np.newaxis]}
        inputs = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        return {
            name: np.array([numbers], dtype=np.int64)
            for name, numbers in inputs.items()
            if name in self._inputs
        }

    def _pool(self, reading: _Reading) -> Vector:
        if self._card.pooling == "cls":
            return _unit(reading.hidden[0])
        return _unit(reading.hidden.mean(axis=0))

    def _in_context(self, reading: _Reading, text: str, span: Span) -> Vector:
        within = (reading.starts < span.end) & (reading.ends > span.start)
        words = text[span.start : span.end].rstrip()
        if not within.any() or span.start + len(words) > reading.end:
            return self._text(words)
        return _unit(reading.hidden[within].mean(axis=0))

    def _stack(self, vectors: Sequence[Vector]) -> Vectors:
        return np.array(vectors, dtype=np.float32).reshape(len(vectors), self.dimensions)


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _surprisal(folder: Path, tokens: int) -> Vector:
    if (folder / "surprisal.npy").is_file():
        return np.asarray(np.load(folder / "surprisal.npy"), dtype=np.float32)
    ranks = np.arange(1, tokens + 1)
    return np.asarray(np.log(ranks) + np.log((1 / ranks).sum()), dtype=np.float32)


@dataclass(frozen=True)
class ModelFolder:
    """A model that is not loaded yet; `name` is made of the hashes that its files have, or must."""

    choice: str
    folder: Path
    card: ModelCard
    name: str

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self.card.dimensions

    def load(self) -> OnnxEmbedding:
        """Load the model, once its files are those that the card names."""
        with _explained(self.choice):
            for name, expected in self.card.sha256.items():
                file = self.folder / name
                if not file.is_file() or sha256(file) != expected:
                    raise BadInputError(f"{file} is not the file that ibid.json names (sha256).")
            return self._load()

    def _load(self) -> OnnxEmbedding:
        try:
            embedding = OnnxEmbedding(self.folder, self.card, self.name)
            length = len(embedding.question("length"))
        except Exception as error:  # tokenizers and onnxruntime have no narrower class in common
            raise BadInputError(f"The model in {self.folder} cannot be run: {error}") from error
        if length != self.dimensions:
            raise BadInputError(
                f"ibid.json says {self.dimensions} dimensions; vectors have {length}."
            )
        return embedding


def load_embedding(choice: str) -> OnnxEmbedding:
    """Load the model of `IBID_EMBEDDING`: 'e5-small', or a folder."""
    return find_model(choice).load()


def find_model(choice: str) -> ModelFolder:
    """Find the model of `IBID_EMBEDDING` and read its card; nothing of it is loaded."""
    folder = ready_folder() if choice == DEFAULT else Path(choice)
    with _explained(choice):
        card_hash = _card_hash(folder)
        if choice == DEFAULT and card_hash != CARD_SHA256:
            raise BadInputError(f"{folder / CARD} is that of another model.")
        card = _card(folder)
        hashes = " ".join([card_hash, *_hashes(folder, card)])
        fingerprint = hashlib.sha256(hashes.encode()).hexdigest()
        return ModelFolder(choice, folder, card, f"{card.name}@{fingerprint[:12]}")


@contextmanager
def _explained(choice: str) -> Iterator[None]:
    """Add to what is wrong with a model's folder what to do about it."""
    try:
        yield
    except BadInputError as error:
        if choice == DEFAULT:
            raise LibraryError(
                f"The embedding model in {model_folder()} cannot be used; run '{COMMAND}' to make "
                f"it anew. {error}"
            ) from error
        raise BadInputError(
            f"IBID_EMBEDDING={choice!r}: neither '{DEFAULT}' nor a folder with a model: {error}"
        ) from error


def _card_hash(folder: Path) -> str:
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if missing:
        raise BadInputError(f"There is no {' and no '.join(missing)} in {folder}.")
    return sha256(folder / CARD)


def _card(folder: Path) -> ModelCard:
    try:
        return ModelCard.model_validate_json((folder / CARD).read_bytes())
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or CARD}: {item['msg'].lower()}"
            for item in error.errors()
        )
        raise BadInputError(f"{folder / CARD} cannot be used: {problems}.") from None


def _hashes(folder: Path, card: ModelCard) -> Iterator[str]:
    """Yield the hashes of what makes a vector, by name, those of the card as they must be."""
    for name in sorted({*FILES, *card.sha256}):
        if name in card.sha256:
            yield card.sha256[name]
        elif (folder / name).is_file():
            yield sha256(folder / name)
