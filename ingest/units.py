"""The units of an article, and what each of them must not be shown without.

A unit is the least that may be quoted: a sentence, a list item, a table row, whole. What it needs
is told by form alone, the same in every language. Each rule is one function that yields pairs: a
unit, and what it needs.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from ingest.lines import asks, introduces, is_timed, length_in_words
from ingest.quotations import attributions, find_quotations, read_sentences
from ingest.sentences import Sentences, pieces
from ingest.turns import find_labels
from ingest.types import Block, BlockKind, Span, Unit

ITEM_SENTENCES = 3
ITEM_LENGTH = 400
"""A longer list item is cut into its sentences."""
INTRODUCTION_WORDS = 8
"""Words up to which a line with a name and a colon introduces all that follows it."""
ASKED_SENTENCES = 2
"""Sentences of a paragraph up to which its last one, if a question, heads what follows it."""
INTRODUCTIONS = 12
"""Further introductions up to which what follows them is introduced by the first of them too."""
FURTHEST = 200
"""Columns from which all that stands in a line is as far in."""
REPLY_WORDS = 12
"""Words from which a reply is understood without its question."""

Need = tuple[Span, Span]


class Outline(NamedTuple):
    """A document's blocks and, for each of them, the spans of its units."""

    text: str
    blocks: Sequence[Block]
    spans: Sequence[Sequence[Span]]
    names: Container[str]

    def said(self, span: Span | Block) -> str:
        """Return the words of a span."""
        return self.text[span.start : span.end]

    def ends(self, span: Span | Block) -> str:
        """Return the last words of a span."""
        return self.text[max(span.start, span.end - 24) : span.end]

    def beside(self, number: int) -> bool:
        """Whether no blank line stands between a block and the next one."""
        between = self.text[self.blocks[number].end : self.blocks[number + 1].start]
        return between.count("\n") <= 1 and between.count("\r") <= 1

    def indent(self, block: Block) -> int:
        """Return how far a block stands from the beginning of its line."""
        begin = max(0, block.start - FURTHEST)
        before = self.text[begin : block.start]
        line = max(before.rfind("\n"), before.rfind("\r"))
        return len(before) - line - 1


def find_units(text: str, blocks: Sequence[Block], title: Span | None = None) -> tuple[Unit, ...]:
    """Return the units of every block that is neither furniture, heading nor a table's header.

    The heading at `title` stands over all of them and is not among their headings.
    """
    sentences = Sentences(text)
    spans = [list(_spans(text, block, sentences)) for block in blocks]
    outline = Outline(text, blocks, spans, sentences.names)
    needs: dict[Span, set[Span]] = defaultdict(set)
    for rule in (_headers, _introductions, _lists, _parents, _speakers, _replies, _quoted):
        for span, needed in rule(outline):
            if span != needed:
                needs[span].add(needed)
    headings = _headings(outline, title)
    return tuple(
        Unit(*span, block.kind, number, tuple(sorted(needs[span])), headings[number])
        for number, block in enumerate(blocks)
        for span in outline.spans[number]
    )


def _spans(text: str, block: Block, sentences: Sentences) -> Iterator[Span]:
    """Yield the units of a block: sentences, or all of a row, a short item, a message."""
    whole = Span(block.start, block.end)
    if block.kind is BlockKind.ROW:
        yield from pieces(text, *whole)
    elif block.kind in (BlockKind.TEXT, BlockKind.ITEM):
        spans = list(sentences.spans(*whole))
        short = block.end - block.start <= ITEM_LENGTH
        item = block.kind is BlockKind.ITEM and len(spans) <= ITEM_SENTENCES
        message = is_timed(text[block.start : block.start + 40])
        if len(spans) > 1 and _RUN_IN.fullmatch(text, *spans[0]):
            spans = spans[1:]
        yield from [whole] if short and (item or message) else spans


# What a unit needs ----------------------------------------------------------------------------


def _headers(outline: Outline) -> Iterator[Need]:
    """A row needs the header of its table."""
    header: Span | None = None
    for number, block in enumerate(outline.blocks):
        if block.kind is BlockKind.HEADER:
            header = Span(block.start, block.end)
        elif block.kind is BlockKind.ROW:
            yield from ((span, header) for span in outline.spans[number] if header)
        elif block.kind is not BlockKind.FURNITURE:
            header = None


def _introductions(outline: Outline) -> Iterator[Need]:
    """What follows a colon needs the sentence that ends with it.

    That is the list, table or lines right after it, or the next paragraph; after a short line that
    names someone (“Pavel Latushko answers:”) all paragraphs, to the next heading, question or such
    line.
    """
    for number, block in enumerate(outline.blocks):
        if block.kind is not BlockKind.TEXT or not introduces(outline.ends(block)):
            continue
        introduction = outline.spans[number][-1]
        covered = list(_introduced(outline, number))
        paragraph = bool(covered) and outline.blocks[covered[0]].kind is BlockKind.TEXT
        if paragraph and _names_speaker(outline, number):
            covered = list(_spoken(outline, number))
        for place in covered:
            yield from ((span, introduction) for span in outline.spans[place])


def _lists(outline: Outline) -> Iterator[Need]:
    """A list right under a heading needs it, as one after a colon needs what introduces it."""
    for number, block in enumerate(outline.blocks):
        covered = list(_introduced(outline, number)) if block.kind is BlockKind.HEADING else []
        items = [outline.blocks[place] for place in covered]
        if items and items[0].kind is BlockKind.ITEM:
            heading, outer = Span(block.start, block.end), outline.indent(items[0])
            for place, item in zip(covered, items, strict=True):
                if outline.indent(item) <= outer:
                    yield from ((span, heading) for span in outline.spans[place])


def _introduced(outline: Outline, number: int) -> Iterator[int]:
    """Yield the blocks right after an introduction: a list, a table, a paragraph or lines."""
    kind, introductions = None, 0
    for place in range(number + 1, len(outline.blocks)):
        block = outline.blocks[place]
        if block.kind in (BlockKind.FURNITURE, BlockKind.HEADER):
            continue
        if block.kind is BlockKind.HEADING:
            return
        hanging = kind is BlockKind.ITEM and outline.indent(block) > 1
        together = kind is BlockKind.TEXT and outline.beside(place - 1)
        if kind is not None and not (
            hanging or together if block.kind is BlockKind.TEXT else block.kind is kind
        ):
            return
        introductions += block.kind is BlockKind.TEXT and introduces(outline.ends(block))
        if introductions > INTRODUCTIONS:
            return
        kind = kind or block.kind
        yield place


def _spoken(outline: Outline, number: int) -> Iterator[int]:
    """Yield the paragraphs up to the next heading, question, or short line with a colon."""
    for place in range(number + 1, len(outline.blocks)):
        block = outline.blocks[place]
        if block.kind is BlockKind.HEADING or asks(outline.ends(block)):
            return
        if _names_speaker(outline, place):
            return
        if block.kind is not BlockKind.FURNITURE:
            yield place


def _names_speaker(outline: Outline, number: int) -> bool:
    """Whether a block is a short line with a colon and a capital letter after its first word."""
    block = outline.blocks[number]
    if block.kind is not BlockKind.TEXT or not introduces(outline.ends(block)):
        return False
    words = outline.text[block.start : min(block.end, block.start + 200)].split()
    return len(words) <= INTRODUCTION_WORDS and any(word[0].isupper() for word in words[1:])


def _parents(outline: Outline) -> Iterator[Need]:
    """An item further in than the one before it needs that."""
    over: list[tuple[int, Span]] = []
    for number, block in enumerate(outline.blocks):
        indent = outline.indent(block) if outline.spans[number] else 0
        inner = block.kind is BlockKind.ITEM or (
            block.kind is BlockKind.TEXT and over and indent > 1
        )
        if not inner:
            over = [] if block.kind is not BlockKind.FURNITURE else over
            continue
        over = [item for item in over if item[0] < indent]
        yield from ((span, over[-1][1]) for span in outline.spans[number] if over)
        if block.kind is BlockKind.ITEM:
            spans = outline.spans[number]
            yield from ((span, spans[0]) for span in spans[1:])
            over.append((indent, spans[0]))


def _speakers(outline: Outline) -> Iterator[Need]:
    """What is said in a turn needs the speaker's label; its first sentence holds it."""
    labels = find_labels(outline.text, outline.blocks)
    speaker: Span | None = None
    for number, block in enumerate(outline.blocks):
        if number in labels:
            speaker = labels[number]
        elif block.kind is BlockKind.HEADING:
            speaker = None
        for span in outline.spans[number]:
            if speaker and span.start >= speaker.end:
                yield span, speaker


def _replies(outline: Outline) -> Iterator[Need]:
    """A short sentence right after a question needs it (“Yes, in June”)."""
    asked: Span | None = None
    for number, block in enumerate(outline.blocks):
        if block.kind is BlockKind.HEADING:
            asked = Span(block.start, block.end) if asks(outline.ends(block)) else None
        for span in outline.spans[number]:
            question = asks(outline.ends(span))
            short = length_in_words(outline.said(span)[:200]) < REPLY_WORDS
            if asked and short and not question and block.kind is BlockKind.TEXT:
                yield span, asked
            asked = span if question else None


def _quoted(outline: Outline) -> Iterator[Need]:
    """A quoted sentence needs the one that says whose words it is (see ingest/quotations.py)."""
    before: Span | None = None
    for number, block in enumerate(outline.blocks):
        if block.kind not in (BlockKind.TEXT, BlockKind.ITEM):
            before = None if block.kind is not BlockKind.FURNITURE else before
            continue
        spans = outline.spans[number]
        quotations = find_quotations(outline.text, block.start, block.end)
        said = read_sentences(outline.text, spans, quotations)
        for sentence, speaker in zip(said, attributions(said, before, outline.names), strict=True):
            if speaker:
                yield sentence.span, speaker
        own = [sentence.span for sentence in said if not sentence.is_quoted]
        before = own[-1] if own else before


# What a unit stands under ---------------------------------------------------------------------


def _headings(outline: Outline, title: Span | None) -> list[tuple[Span, ...]]:
    """Return the heading path of every block, the outermost first.

    In an interview without labels, a short paragraph that ends with a question heads what follows.
    A run-in heading (“**Article 12.** Dogs …”) heads its paragraph.
    """
    path: list[tuple[int, Span]] = []
    asked: Span | None = None
    questions = {n for n in range(len(outline.blocks)) if _is_question(outline, n)}
    found: list[tuple[Span, ...]] = []
    for number, block in enumerate(outline.blocks):
        span = Span(block.start, block.end)
        if block.kind is BlockKind.HEADING:
            asked = None
            if title is None or not (span.start <= title.start and title.end <= span.end):
                path = [item for item in path if item[0] < block.level]
                path.append((block.level, span))
        if number in questions:
            asked = None
        over = (*(heading for _, heading in path), *([asked] if asked else ()))
        found.append((*over, *_run_in(outline, number)))
        if number in questions and len(questions) > 1:
            asked = outline.spans[number][-1]
    return found


def _run_in(outline: Outline, number: int) -> Iterator[Span]:
    """Yield the heading that a paragraph begins with in its own line."""
    block, spans = outline.blocks[number], outline.spans[number]
    heading = _RUN_IN.match(outline.text, block.start, block.end)
    if heading and spans and spans[0].start >= heading.end():
        yield Span(*heading.span("words"))


def _is_question(outline: Outline, number: int) -> bool:
    block = outline.blocks[number]
    few = 0 < len(outline.spans[number]) <= ASKED_SENTENCES
    return block.kind is BlockKind.TEXT and few and asks(outline.ends(block))


_RUN_IN = re.compile(r"(\*\*|__)(?P<words>(?=\S)[^*_\n]+)\1")
