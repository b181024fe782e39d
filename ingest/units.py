"""The units of an article, and what each of them must not be shown without.

A unit is the least that may be quoted: a sentence, a list item, a table row, whole. What it needs is
told by form alone, the same in every language: the header over a row, the line with a colon over a
list, the label of who is speaking, the sentence that says whose words a quotation is.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.split import split_sentences
from ingest.types import Block, BlockKind, Span, Unit

ITEM_SENTENCES = 3
ITEM_LENGTH = 400
"""A longer list item is cut into its sentences."""
ASKED_SENTENCES = 2
"""Sentences of a paragraph up to which its last one, if a question, heads what follows it."""
SHORT_REPLY = 12
"""Words up to which a reply means nothing without its question."""

UNCASED_NAMELESS = 4
"""Characters beside a quotation that hold no name, in scripts without capitals: “她说：”."""
SPEECH = 12
"""Characters up to which a quotation is a name or a title."""

_COLON = re.compile(r"[:：][\"'”*_]*\s*$")
_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)]*\s*$")
_QUESTION = re.compile(r"[?？؟][\"'”’»*_)]*\s*$")
_LABEL = re.compile(
    r"(?:\[?\d{1,2}[:.]\d\d(?::\d\d)?\]?\s+)?(?:\*\*|__)?(?P<name>[^\s:：*_][^:：*_\n.!?]{0,40})"
    r"(?:(?:\*\*|__)[:：]|[:：](?:\*\*|__)?)(?=\s|[“\"「]|[\u3000-\u9fff])"
)
_QUOTATION_MARKS = frozenset('“”„«»"「」『』')


class _Piece(NamedTuple):
    """A sentence, item or row before its needs are known."""

    span: Span
    kind: BlockKind
    block: int


def find_units(text: str, blocks: Sequence[Block]) -> tuple[Unit, ...]:
    """Return the units of every block that is neither furniture, heading nor table header."""
    walk = _Walk(text, blocks)
    return tuple(unit for number in range(len(blocks)) for unit in walk.units_of(number))


class _Walk:
    """Goes through the blocks in their order, knowing what is over the present one."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._text = text
        self._blocks = blocks
        self._labels = _speakers(text, blocks)
        self._headings: list[tuple[int, Span]] = []
        self._header: Span | None = None
        self._introduction: Span | None = None
        self._speaker: Span | None = None
        self._question: Span | None = None
        self._asked: Span | None = None
        self._listing = False
        self._parents: list[tuple[int, Span]] = []

    def units_of(self, number: int) -> Iterator[Unit]:
        """Yield the units of a block; what it says of those that follow is kept."""
        block = self._blocks[number]
        if block.kind is BlockKind.HEADING:
            self._under(
                block,
                first=not any(b.kind is not BlockKind.FURNITURE for b in self._blocks[:number]),
            )
        elif block.kind is BlockKind.HEADER:
            self._header = Span(block.start, block.end)
        elif block.kind is not BlockKind.FURNITURE:
            yield from self._of_text(number, block)

    def _under(self, block: Block, *, first: bool) -> None:
        """Take note of a heading; a document's first one is its title, which stands for itself."""
        level = 0 if first else block.level
        self._headings = [item for item in self._headings if item[0] < level]
        self._headings.append((level, Span(block.start, block.end)))
        self._introduction = self._speaker = self._header = self._asked = None
        said = self._text[block.start : block.end]
        self._question = Span(block.start, block.end) if _QUESTION.search(said) else None

    def _of_text(self, number: int, block: Block) -> Iterator[Unit]:
        pieces = list(self._pieces(number, block))
        label = self._label(block)
        if label:
            self._speaker = label
        elif block.kind is BlockKind.TEXT and _QUESTION.search(self._said(block)):
            self._speaker = None
        if block.kind is not BlockKind.ROW:
            self._header = None
        if block.kind is BlockKind.TEXT and self._listing:
            self._introduction = None
        self._listing = block.kind is not BlockKind.TEXT
        quoted = _quotations(self._text, [piece.span for piece in pieces])
        first = self._question if block.kind is BlockKind.TEXT else None
        for place, piece in enumerate(pieces):
            needs = {*self._over(piece, place, label), *quoted[place]}
            before = pieces[place - 1].span if place else first
            if before and self._replies(before, piece.span):
                needs.add(before)
            yield self._unit(piece, needs)
        self._look_ahead(block, pieces)

    def _pieces(self, number: int, block: Block) -> Iterator[_Piece]:
        whole = Span(block.start, block.end)
        if block.kind is BlockKind.ROW:
            yield _Piece(whole, block.kind, number)
            return
        spans = list(split_sentences(self._text, block.start, block.end))
        short = block.end - block.start <= ITEM_LENGTH and len(spans) <= ITEM_SENTENCES
        if block.kind is BlockKind.ITEM and (short or not spans):
            spans = [whole]
        for span in spans:
            yield _Piece(span, block.kind, number)

    def _over(self, piece: _Piece, place: int, label: Span | None) -> Iterator[Span]:
        """Yield what stands over a piece: header, introductions, parent item, speaker."""
        if piece.kind is BlockKind.ROW and self._header:
            yield self._header
        if self._introduction:
            yield self._introduction
        if piece.kind is BlockKind.ITEM:
            indent = self._indent(piece.span)
            yield from (span for depth, span in self._parents[-1:] if depth < indent)
        if self._speaker and not (label and place == 0):
            yield self._speaker

    def _look_ahead(self, block: Block, pieces: Sequence[_Piece]) -> None:
        """Keep what a block says of the next ones."""
        last = pieces[-1].span if pieces else None
        said = self._said(block)
        self._question = last if last and _QUESTION.search(said) else None
        if self._question and len(pieces) <= ASKED_SENTENCES:
            self._asked = self._question
        if block.kind is BlockKind.ITEM:
            indent = self._indent(Span(block.start, block.end))
            self._parents = [item for item in self._parents if item[0] < indent]
            self._parents.append((indent, pieces[0].span))
            return
        self._parents = []
        if block.kind is BlockKind.ROW:
            return
        if last and _COLON.search(said):
            self._introduction = last
        elif not (self._beside(block) and not _SENTENCE.search(said)) and not _open_quotation(said):
            self._introduction = None

    def _unit(self, piece: _Piece, needs: set[Span]) -> Unit:
        needs.discard(piece.span)
        headings = [span for level, span in self._headings if level > 0]
        headings += [self._asked] if self._asked else []
        return Unit(*piece.span, piece.kind, piece.block, tuple(sorted(needs)), tuple(headings))

    def _replies(self, before: Span, span: Span) -> bool:
        """Whether a short sentence comes right after a question."""
        asked = _QUESTION.search(self._text[before.start : before.end])
        return bool(asked) and len(self._text[span.start : span.end].split()) < SHORT_REPLY

    def _label(self, block: Block) -> Span | None:
        if block.kind is not BlockKind.TEXT:
            return None
        match = _LABEL.match(self._text, block.start, block.end)
        if match and match["name"].strip() in self._labels:
            return Span(block.start, match.end())
        return None

    def _beside(self, block: Block) -> bool:
        """Whether a block and the next one are lines with nothing between them."""
        following = self._text[block.end : block.end + 80].lstrip(" \t\r")
        return following.startswith("\n") and not following[1:].lstrip(" \t\r").startswith("\n")

    def _said(self, block: Block) -> str:
        return self._text[block.start : block.end]

    def _indent(self, span: Span) -> int:
        line = self._text.rfind("\n", 0, span.start) + 1
        return span.start - line


def _speakers(text: str, blocks: Sequence[Block]) -> frozenset[str]:
    """Return the labels of a conversation: of at least three, one stands there several times."""
    found = Counter(
        match["name"].strip()
        for block in blocks[1:]
        if block.kind is BlockKind.TEXT and (match := _LABEL.match(text, block.start, block.end))
    )
    recurs = sum(found.values()) >= 3 and max(found.values()) >= 2
    return frozenset(found) if recurs else frozenset()


def _quotations(text: str, spans: Sequence[Span]) -> list[set[Span]]:
    """Return, for each sentence of a paragraph, the one that says whose words it quotes.

    A sentence wholly inside a quotation needs the nearest one that says something outside; one whose
    words outside hold no name (no capital letter, in scripts that have them) the one before it.
    """
    inside, outside = False, []
    begins_inside = []
    for span in spans:
        begins_inside.append(inside)
        said = []
        for character in text[span.start : span.end]:
            if character in _QUOTATION_MARKS:
                inside = not inside
            elif not inside:
                said.append(character)
        outside.append("".join(said))
    needs: list[set[Span]] = []
    for number, span in enumerate(spans):
        quoted = begins_inside[number] or any(
            mark in text[span.start : span.end] for mark in _QUOTATION_MARKS
        )
        speaks = any(map(str.isalpha, outside[number]))
        needs.append(set())
        if quoted and not speaks:
            needs[-1] = _attribution(spans, outside, begins_inside, number)
        elif (
            quoted
            and number
            and _nameless(outside[number])
            and _is_speech(text, span, outside[number])
        ):
            needs[-1] = {spans[number - 1]}
    return needs


def _attribution(
    spans: Sequence[Span], outside: Sequence[str], begins_inside: Sequence[bool], number: int
) -> set[Span]:
    before = number - 1
    while before > 0 and not any(map(str.isalpha, outside[before])):
        before -= 1
    after = number + 1
    while after < len(spans) and begins_inside[after] and not any(map(str.isalpha, outside[after])):
        after += 1
    follows = after < len(spans) and begins_inside[after]
    if begins_inside[number] or not follows:
        return {spans[before]} if before >= 0 else set()
    return {spans[after]}


def _open_quotation(said: str) -> bool:
    """Whether a paragraph begins a quotation and does not end it: the next one goes on with it."""
    marks = sum(character in _QUOTATION_MARKS for character in said)
    return marks % 2 == 1 and said[:1] in _QUOTATION_MARKS


def _nameless(outside: str) -> bool:
    """Whether words have no capital letter, in a script that has them; the first may be one."""
    letters = outside.strip(" ,.;:：，。–—-")
    if letters.lower() == letters.upper():
        return 0 < len(letters) <= UNCASED_NAMELESS
    return letters[1:] == letters[1:].lower()


def _is_speech(text: str, span: Span, outside: str) -> bool:
    """Whether a sentence quotes more than a name or a title: at least as much as it says itself."""
    return span.end - span.start >= 2 * len(outside.strip()) and span.end - span.start > SPEECH
