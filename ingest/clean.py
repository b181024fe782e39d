"""Which blocks a text has, and which of them are page furniture.

Whole blocks are kept or dropped; the characters of a kept block are never edited. Form and place
decide (length, end, repetition, what stands above the title and below the last paragraph), never
the subject: an article about cookies keeps every paragraph. In doubt a block is kept.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from ingest.types import Block, BlockKind, Span

MAX_HEADING_WORDS = 20
MAX_HEADING_LENGTH = 150
WRAPPED = 60
"""Characters from which a line is taken for one of a paragraph that is broken at a margin."""

_LINE = re.compile(r"[^\r\n]+")
_ITEM = re.compile(
    r"[^\S\n]*(?:[•▪◦‣·*+–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)]|\(?[A-Z]\)|[（(]?[一二三四五六七八九十]{1,2}[、）.])"
    r"(?:\s+|(?<=[、）]))\S"
)
_MARKDOWN_HEADING = re.compile(r"\s*(#{1,6})\s")
_UNDERLINE = re.compile(r"\s*(=+|-{3,})\s*$")
_SEPARATOR = re.compile(r"\s*\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?$|\s*[-=|+ ]{5,}$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_SENTENCE_END = re.compile(
    r"[.!?…。！？؟۔।:：;]\s?[\"'”’»）)\]*_]*\s*$|[.!?][\"'”’»)\]]*\[\d+\]\s*$"
)
_KEYED = re.compile(r"\s*(?:[-*]\s+)?[^\s:：][^:：\n]{0,40}[:：](?:\*\*|__)?\s+\S")
_TURN = re.compile(r"\s*(?:[-–—]\s+\S|\[?\d{1,2}[:.]\d\d|(?:\*\*|__)?[^\s:：][^:：\n]{0,40}[:：])")
_TIMED = re.compile(r"\s*\[?\d{1,2}[:.]\d\d(?::\d\d)?\]?\s")
_BOLD = re.compile(r"\s*(?:\*\*[^*\n]+\*\*|__[^_\n]+__)\s*$")
_WORD = re.compile(r"\w")
_FOOTER = re.compile(r"(?:©|\(c\)\s*\d{4})|(?:[^|\n]{2,60}\|){2,}")


class _Line(NamedTuple):
    start: int
    end: int
    text: str
    blank_before: bool


def find_blocks(text: str) -> list[Block]:
    """Cut a text into paragraphs, headings, list items and table rows; say what is furniture."""
    blocks: list[Block] = []
    for group in _groups(text):
        blocks += _of_group(group)
    blocks = _under_title(text, _joined(text, blocks))
    blocks = [_numbered_heading(text, blocks, n) for n in range(len(blocks))]
    kinds = [block.kind for block in blocks]
    if not {BlockKind.TEXT, BlockKind.ITEM, BlockKind.ROW}.intersection(kinds):
        return [block._replace(kind=BlockKind.TEXT) for block in blocks]  # a poem, a list of lines
    return _without_furniture(text, blocks)


def cells(line: str) -> list[str]:
    """Return the cells of a line of a table: between pipes, tabs, semicolons or wide gaps."""
    stripped = line.strip()
    if stripped.count("|") >= 1:
        return [cell.strip() for cell in stripped.strip("|").split("|")]
    for gap in (r"\t+", r";", r" {2,}"):
        found = re.split(gap, stripped)
        if len(found) > 1:
            return [cell.strip() for cell in found]
    return [stripped]


def is_heading(text: str) -> bool:
    """Whether a line has the form of a heading: short, and no end of a sentence."""
    if _MARKDOWN_HEADING.match(text):
        return True
    short = len(text.split()) <= MAX_HEADING_WORDS and len(text) <= MAX_HEADING_LENGTH
    question = text.rstrip().endswith(("?", "？")) and not re.search(r"[.!?]\s|[。！？].", text)
    ended = _SENTENCE_END.search(text) or text.rstrip().endswith((",", "，", "、"))
    return short and "\n" not in text and (question or not ended)


def _groups(text: str) -> Iterator[list[_Line]]:
    """Yield the lines between blank lines."""
    group: list[_Line] = []
    end = 0
    for match in _LINE.finditer(text):
        line = match.group()
        blank = len(re.findall(r"\r\n|\n|\r", text[end : match.start()])) > 1
        end = match.end()
        if not line.strip():
            blank, line = True, ""
        if blank and group:
            yield group
            group = []
        if line:
            start = match.start() + len(line) - len(line.lstrip())
            group.append(_Line(start, match.start() + len(line.rstrip()), line, blank))
    if group:
        yield group


def _of_group(lines: Sequence[_Line]) -> Iterator[Block]:
    """Yield the blocks of lines that stand together."""
    first = 0
    while first < len(lines):
        table = _table(lines, first)
        if table:
            yield from table
            first += len(table)
            continue
        end = first + 1
        while end < len(lines) and not _starts_block(lines, first, end):
            end += 1
        yield _block(lines[first:end], alone=len(lines) == 1, first=first == 0)
        first = end


def _block(lines: Sequence[_Line], *, alone: bool, first: bool) -> Block:
    """Return lines as one block."""
    head = lines[0].text
    start, end = lines[0].start, lines[-1].end
    markdown = _MARKDOWN_HEADING.match(head)
    if markdown:
        return Block(start, end, BlockKind.HEADING, len(markdown.group(1)))
    if _ITEM.match(head):
        return Block(start, end, BlockKind.ITEM)
    if len(lines) == 2 and _UNDERLINE.match(lines[1].text) and len(lines[1].text.strip()) >= 3:
        return Block(start, lines[0].end, BlockKind.HEADING, 1 if "=" in lines[1].text else 2)
    if len(lines) == 1 and _BOLD.match(head):
        return Block(start, end, BlockKind.HEADING, 3)
    if not _WORD.search("".join(line.text for line in lines)):
        return Block(start, end, BlockKind.FURNITURE)
    if len(lines) == 1 and is_heading(head) and (alone or first) and not _KEYED.match(head):
        return Block(start, end, BlockKind.HEADING, 2)
    return Block(start, end, BlockKind.TEXT)


def _starts_block(lines: Sequence[_Line], first: int, number: int) -> bool:
    """Whether a line begins a block of its own, after those from `first` on."""
    line, before = lines[number].text, lines[number - 1].text
    if _ITEM.match(lines[first].text) and not _ITEM.match(line):
        return bool(_MARKDOWN_HEADING.match(line)) or (
            line == line.lstrip() and not _wrapped(before)
        )
    return bool(
        _ITEM.match(line)
        or _MARKDOWN_HEADING.match(line)
        or _MARKDOWN_HEADING.match(before)
        or _table(lines, number)
        or _TIMED.match(line)
        or (_TURN.match(line) and (_SENTENCE_END.search(before) or not _wrapped(before)))
        or not (_wrapped(before) or _UNDERLINE.match(line))
    )


def _wrapped(line: str) -> bool:
    """Whether a line is broken at a margin: the next one goes on with its paragraph."""
    wide = sum(2 if character > "\u2e80" else 1 for character in line.strip())
    return wide >= WRAPPED or (
        wide >= WRAPPED // 2 and not _SENTENCE_END.search(line) and line.rstrip()[-1:] in ",;-"
    )


def _table(lines: Sequence[_Line], first: int) -> list[Block]:
    """Return the rows of a table that begins at a line; none where none does."""
    end = first
    width = len(cells(lines[first].text))
    if width < 2 or (_ITEM.match(lines[first].text) and "|" not in lines[first].text):
        return []
    while end < len(lines) and (
        len(cells(lines[end].text)) == width or _SEPARATOR.match(lines[end].text)
    ):
        end += 1
    rows = [line for line in lines[first:end] if not _SEPARATOR.match(line.text)]
    ruled = len(rows) < end - first
    short = all(len(cell) <= 80 for row in rows for cell in cells(row.text))
    if len(rows) < (2 if ruled or "\t" in lines[first].text else 3) or not short:
        return []
    header = ruled or _is_header([cells(row.text) for row in rows])
    kinds = [
        BlockKind.FURNITURE if _SEPARATOR.match(line.text) else BlockKind.ROW
        for line in lines[first:end]
    ]
    if header:
        kinds[kinds.index(BlockKind.ROW)] = BlockKind.HEADER
    return [
        Block(line.start, line.end, kind)
        for line, kind in zip(lines[first:end], kinds, strict=True)
    ]


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row differs in form: no digit where most others have one."""
    has_digit = [[any(map(str.isdigit, cell)) for cell in row] for row in rows]
    columns = list(zip(*has_digit[1:], strict=True))
    return any(
        not first and sum(column) > len(column) / 2
        for first, column in zip(has_digit[0], columns, strict=True)
    )


def _numbered_heading(text: str, blocks: Sequence[Block], number: int) -> Block:
    """Take a numbered line that stands alone over a paragraph for a heading: "3. Accounts"."""
    block = blocks[number]
    said = text[block.start : block.end]
    around = [blocks[n].kind for n in (number - 1, number + 1) if 0 <= n < len(blocks)]
    over = number + 1 < len(blocks) and blocks[number + 1].kind is BlockKind.TEXT
    if block.kind is BlockKind.ITEM and over and BlockKind.ITEM not in around:
        if is_heading(said) and said.lstrip()[0] not in "-*+•–—":
            return block._replace(kind=BlockKind.HEADING, level=3)
    return block


def _under_title(text: str, blocks: list[Block]) -> list[Block]:
    """Take for text what stands between a title and the first paragraph: date, byline, subtitle."""
    lines = list(takewhile(lambda block: block.kind is BlockKind.HEADING, blocks))
    marked = [bool(_MARKDOWN_HEADING.match(text, block.start)) for block in lines]
    if len(lines) < 2 or len(lines) == len(blocks):
        return blocks
    title = max(marked.index(True) if any(marked) else 0, title_place(text, lines))
    return [
        block._replace(kind=BlockKind.TEXT, level=0)
        if title < n < len(lines) and not marked[n]
        else block
        for n, block in enumerate(blocks)
    ]


def title_place(text: str, lines: Sequence[Block]) -> int:
    """Return which of the short lines at the top is the title: the first that can be one.

    That is none in lower case, with a colon or a date, or of one or two words before a longer one.
    """
    said = [text[block.start : block.end].strip() for block in lines]
    fit = [
        n
        for n, line in enumerate(said)
        if not line[:1].islower() and not re.search(r"[:：]|\b\d{4}\b", line)
    ]
    long = [n for n in fit if len(said[n].split()) > 2 or not said[n].isascii()]
    return (long or fit or [0])[0]


def _joined(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Join a paragraph that stops in mid-sentence with the next, if that goes on in lower case."""
    found: list[Block] = []
    for block in blocks:
        before = found[-1] if found else None
        if before and before.kind is block.kind is BlockKind.TEXT and text[block.start].islower():
            said = text[before.start : before.end]
            if len(said.split()) > MAX_HEADING_WORDS and not _SENTENCE_END.search(said):
                found[-1] = before._replace(end=block.end)
                continue
        found.append(block)
    return found


# Furniture ------------------------------------------------------------------------------------


def _without_furniture(text: str, blocks: list[Block]) -> list[Block]:
    said = [text[block.start : block.end] for block in blocks]
    dropped = {n for n, block in enumerate(blocks) if block.kind is BlockKind.FURNITURE}
    dropped |= set(_repeated(said, blocks)) | set(_captions(text, blocks))
    dropped |= set(_below(said, blocks)) | set(_above(said, blocks))
    return [
        block._replace(kind=BlockKind.FURNITURE, level=0) if number in dropped else block
        for number, block in enumerate(blocks)
    ]


def _above(said: Sequence[str], blocks: Sequence[Block]) -> Iterator[int]:
    """Yield the short lines over the title: those of a page begin in lower case, or are a menu."""
    head = 0
    while head < len(blocks) and _is_label(blocks[head], said[head]):
        head += 1
    if head == len(blocks):
        return
    menu = 0
    while menu < head and len(said[menu].split()) <= 2 and not _MARKDOWN_HEADING.match(said[menu]):
        menu += 1
    for number in range(head):
        small = said[number][:1].islower() or said[number].rstrip().endswith((":", "："))
        if small or (menu >= 2 and number < menu < head):
            yield number


def _below(said: Sequence[str], blocks: Sequence[Block]) -> Iterator[int]:
    """Yield what follows the last paragraph: labels, and all below the page's footer."""
    last = max(n for n, block in enumerate(blocks) if block.kind is not BlockKind.HEADING)
    for number in range(len(blocks) * 3 // 5, len(blocks)):
        if blocks[number].kind in (BlockKind.TEXT, BlockKind.HEADING) and _FOOTER.search(
            said[number]
        ):
            last = min(last, number - 1)
    while last > 0 and _is_label(blocks[last], said[last]):
        last -= 1
    yield from range(last + 1, len(blocks))


def _is_label(block: Block, said: str) -> bool:
    return block.kind is BlockKind.HEADING or (
        block.kind is BlockKind.TEXT and is_heading(said) and not _KEYED.match(said)
    )


def _repeated(said: Sequence[str], blocks: Sequence[Block]) -> Iterator[int]:
    """Yield short lines that the page has several times."""
    counts = Counter(said)
    for number, block in enumerate(blocks):
        if counts[said[number]] > 1 and block.kind is BlockKind.HEADING and block.level != 1:
            if not _MARKDOWN_HEADING.match(said[number]):
                yield number


def _captions(text: str, blocks: Sequence[Block]) -> Iterator[int]:
    """Yield a picture's alternative text and, on the next line, the caption that repeats it."""
    for number in range(1, len(blocks)):
        before, here = blocks[number - 1], blocks[number]
        near = text[before.end : here.start].count("\n") <= 1
        if near and _repeats(text[before.start : before.end], text[here.start : here.end]):
            yield from (number - 1, number)


def _repeats(label: str, caption: str) -> bool:
    words = re.findall(r"\w+", label.lower())
    repeated = re.findall(r"\w+", caption.lower())
    both_short = 2 <= len(words) <= MAX_HEADING_WORDS >= len(repeated) - len(words)
    finished = re.search(r"[.!?…][\"”’»)]*$", caption)
    return both_short and not finished and set(repeated).issuperset(words)


def span_of(block: Block) -> Span:
    """Return a block's place."""
    return Span(block.start, block.end)
