"""A model's reply, read as it comes: JSON of the asked form, or whatever it wrote instead.

Nothing here is trusted. What is read is only proposed; the quotes are looked up and the verdict
decides. So the reading is generous: JSON that is cut off, repaired or of a slightly other form, and
plain sentences with [1] behind them, all give proposals.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import json_repair
from pydantic_core import from_json

from ingest.split import split_sentences

MAX_TEXT = 1200
"""Longest text of a proposed statement, in characters; a longer one is none."""
MAX_QUOTES = 4
"""How many quotes are read for one statement."""

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_MARKER = re.compile(r"[\[【]\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*[\]】]")
_BULLET = re.compile(r"^\s*(?:[-*•>#]+|\d{1,2}[.)])\s+")
_QUOTED = re.compile(r"[“\"«„](.{12,}?)[”\"»“]")
_TEXT = ("text", "statement", "sentence", "claim", "answer", "content")
_WORDS = ("words", "quote", "text", "verbatim", "evidence", "excerpt")
_PASSAGE = ("passage", "number", "source", "id", "citation", "passage_number", "ref")
_QUOTES = ("quotes", "quote", "citations", "evidence", "sources", "passages")
_STATEMENTS = ("statements", "answer", "answers", "claims", "sentences", "results")


class Quoted(NamedTuple):
    """Words that a model gives as a passage's, and that passage's number; either may be missing."""

    passage: int | None
    words: str


class Proposal(NamedTuple):
    """A statement as a model wrote it, with what it says it stands on."""

    text: str
    quotes: tuple[Quoted, ...]


class Reply:
    """Collects a reply and yields each proposal as soon as it is whole.

    `declined` is whether the reply, once finished, is the asked form without any statement.
    """

    def __init__(self) -> None:
        self.text = ""
        self._given = 0
        self.declined = False

    def feed(self, piece: str) -> Iterator[Proposal]:
        """Add a piece of the reply; yield the proposals that it completes."""
        self.text += piece
        if "}" in piece:
            yield from self._new(self._whole())

    def finish(self) -> Iterator[Proposal]:
        """Yield the proposals that are left when the reply has ended."""
        found = self._whole() or self._repaired()
        self.declined = not found and "".join(self._json().split()) == '{"statements":[]}'
        if not found and not self.declined:
            found = list(_sentences(self._said))
        yield from self._new(found)

    def _new(self, found: list[Proposal]) -> Iterator[Proposal]:
        fresh, self._given = found[self._given :], max(self._given, len(found))
        yield from fresh

    @property
    def _said(self) -> str:
        return _THOUGHT.sub("", self.text)

    def _json(self) -> str:
        """Return the reply from its first bracket: a fence or a preamble may stand before it."""
        start = re.search(r"\{|\[\s*[{\"]", self._said)
        return self._said[start.start() :].partition("```")[0].strip() if start else ""

    def _whole(self) -> list[Proposal]:
        """Return the proposals of JSON that is right up to its last closed brace."""
        closed = self._json().rpartition("}")
        for end in ("", "]}", "]"):
            try:
                return _proposals(from_json("".join(closed[:2]) + end))
            except ValueError:
                continue
        return []

    def _repaired(self) -> list[Proposal]:
        found = self._json()
        try:
            return _proposals(json_repair.loads(found)) if found else []
        except (RecursionError, ValueError):  # brackets in brackets, a thousand deep
            return []


def _proposals(data: Any) -> list[Proposal]:  # noqa: ANN401 any JSON
    """Return what JSON proposes: the asked object, a bare list, or a single statement."""
    if isinstance(data, dict):
        data = next((data[name] for name in _STATEMENTS if name in data), [data])
    items = data if isinstance(data, list) else [data]
    return [proposal for item in items for proposal in _proposed(item)]


def _proposed(item: Any) -> Iterator[Proposal]:  # noqa: ANN401 any JSON
    """Yield what an item of the list proposes."""
    if isinstance(item, str):
        yield from _sentences(item)
    if not isinstance(item, dict):
        return
    text = _string(next((item[name] for name in _TEXT if name in item), ""))
    given: Any = next((item[name] for name in _QUOTES if name in item), [])
    quotes = [_quoted(quote, item) for quote in (given if isinstance(given, list) else [given])]
    marked = [Quoted(number, "") for number in _numbers(text)]
    proposal = _usable(_MARKER.sub("", text), [quote for quote in (*quotes, *marked) if quote])
    if proposal:
        yield proposal


def _quoted(quote: Any, item: dict[str, Any]) -> Quoted | None:  # noqa: ANN401 any JSON
    """Return a quote of a statement; its passage may be named beside the statement's text."""
    if isinstance(quote, int):
        return Quoted(quote, "")
    if isinstance(quote, str):
        return Quoted(_number(next((item[n] for n in _PASSAGE if n in item), None)), quote)
    if isinstance(quote, dict):
        words = _string(next((quote[name] for name in _WORDS if name in quote), ""))
        return Quoted(_number(next((quote[n] for n in _PASSAGE if n in quote), None)), words)
    return None


def _sentences(text: str) -> Iterator[Proposal]:
    """Yield the sentences of prose or of a list, each with the numbers and quotations behind it."""
    for line in text.replace("```", "\n").splitlines():
        line = _BULLET.sub("", line).strip()
        for span in split_sentences(_markers_before_stops(line)):
            sentence = _markers_before_stops(line)[span.start : span.end]
            numbers = list(_numbers(sentence))
            quotations = [match[1] for match in _QUOTED.finditer(sentence)] if numbers else []
            named = [Quoted(number, "") for number in numbers]
            told = [Quoted(numbers[-1], words) for words in quotations]
            proposal = _usable(_MARKER.sub("", sentence), [*told, *named])
            if proposal:
                yield proposal


def _markers_before_stops(line: str) -> str:
    """Return a line with "... said. [1]" as "... said [1].", so that a marker stays in place."""
    return re.sub(rf"([.!?])\s*((?:{_MARKER.pattern}\s*)+)", r" \2\1 ", line)


def _usable(text: str, quotes: list[Quoted]) -> Proposal | None:
    text = " ".join(re.sub(r"\s+([.,;:!?])", r"\1", text.replace("**", "")).split())
    if not re.search(r"\w", text) or len(text) > MAX_TEXT:
        return None
    return Proposal(text, tuple(dict.fromkeys(quotes))[:MAX_QUOTES])


def _numbers(text: str) -> Iterator[int]:
    for match in _MARKER.finditer(text):
        yield from map(int, re.findall(r"\d+", match[1]))


def _number(value: Any) -> int | None:  # noqa: ANN401 any JSON
    if isinstance(value, int):
        return value
    found = re.search(r"\d{1,3}", value) if isinstance(value, str) else None
    return int(found[0]) if found else None


def _string(value: Any) -> str:  # noqa: ANN401 any JSON
    if isinstance(value, list):
        return " ".join(map(_string, value))
    return value if isinstance(value, str) else ""
