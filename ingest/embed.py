"""Texts to vectors: an ONNX encoder and its tokenizer, run on the processor.

The default is multilingual-e5-small in int8 (`ingest.e5` makes it): a hundred languages in one
space, 384 dimensions. Another model is a folder with `model.onnx`, `tokenizer.json` and `ibid.json`
(`ModelCard`). Texts are run one at a time, so a vector never depends on its batch, and by two
callers of one thread each: on two cores twice as fast as one call with two threads.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Encoding, Tokenizer

from ingest.e5 import CARD_SHA256, COMMAND, ready_folder
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


class Embedding(Protocol):
    """What Ibid asks of an embedding model. Every vector is of unit length."""

    @property
    def name(self) -> str:
        """What a library remembers of its model: equal names make equal vectors."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

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


def load_embedding(choice: str) -> OnnxEmbedding:
    """Load the model of `IBID_EMBEDDING`: 'e5-small', or a folder."""
    if choice == DEFAULT:
        return _load_default()
    try:
        return _load(Path(choice))
    except BadInputError as error:
        raise BadInputError(
            f"IBID_EMBEDDING={choice!r}: neither '{DEFAULT}' nor a folder with a model: {error}"
        ) from error


def _load_default() -> OnnxEmbedding:
    folder = ready_folder()
    try:
        return _load(folder, CARD_SHA256)
    except BadInputError as error:
        raise LibraryError(
            f"The embedding model in {folder} cannot be used; run '{COMMAND}' to make it anew. "
            f"{error}"
        ) from error


def _load(folder: Path, expected: str | None = None) -> OnnxEmbedding:
    card_hash = _card_hash(folder)
    if expected not in (None, card_hash):
        raise BadInputError(f"{folder / CARD} is that of another model.")
    card = _card(folder)
    hashes = [card_hash, *_checked_hashes(folder, card)]
    fingerprint = hashlib.sha256(" ".join(hashes).encode()).hexdigest()
    try:
        embedding = OnnxEmbedding(folder, card, f"{card.name}@{fingerprint[:12]}")
        length = len(embedding.question("length"))
    except Exception as error:  # tokenizers and onnxruntime have no narrower class in common
        raise BadInputError(f"The model in {folder} cannot be run: {error}") from error
    if length != card.dimensions:
        raise BadInputError(f"ibid.json says {card.dimensions} dimensions; vectors have {length}.")
    return embedding


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


def _checked_hashes(folder: Path, card: ModelCard) -> list[str]:
    """Return the hashes of what makes a vector, by name; the card's own must hold."""
    found: dict[str, str] = {}
    for name in sorted({*FILES, *card.sha256}):
        if (folder / name).is_file():
            found[name] = sha256(folder / name)
        if card.sha256.get(name, found.get(name)) != found.get(name):
            raise BadInputError(f"{folder / name} is not the file that ibid.json names (sha256).")
    return list(found.values())
