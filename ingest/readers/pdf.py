"""PDF: its text in reading order, as Markdown, read with PDFium.

The characters of a page make segments (on one line, without a wide gap), segments make lines,
column by column, and lines make paragraphs, items, headings and tables. All is told by geometry:
the type's size, gaps, indents and lengths, most of them in ems.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, inf, pi
from statistics import median
from threading import Lock
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.errors import UnreadableError
from ingest.lines import is_ended
from ingest.types import Document, Place

LARGER = 1.15
"""Times the size of the body from which type is a heading's."""
SMALLER = 0.92
"""Times the size of the body up to which type is a note's, at the foot of a column."""
HEADING_LENGTH = 150
EDGE_LINES = 3
"""Lines at the top and at the bottom of a page that may be running heads."""
COLUMN = 8.0
"""Ems that a column of text is wide at least; narrower ones are a table's."""
TABLE_ROWS = 3
TABLE_COLUMNS = 3
TABLE_LONGEST = 300
"""Lines on one page that are looked through for the end of a table."""

_LOCK = Lock()  # PDFium may be called by one thread at a time
_BULLETS = "•▪◦‣·●○■□➢➤–—*-"
_BULLET = re.compile(rf"[{re.escape(_BULLETS)}]\s+(?=\S)")
_NUMBERED = re.compile(r"\(?(?:\d{1,3}|[a-z])[.)]\s+\S")
_HYPHEN = re.compile(r"[^\W\d_][-\u2010]$")
_LEADER = re.compile(r"(?:\.\s?){4,}\d*$")
_LINKING = re.compile(r"(?:und|oder|bzw|sowie|and|or|to|et|ou|i|oraz|lub|albo|и|или|y|e|o)\b")
"""After a hyphen at the end of a line, these stand for what is left out: “Vor- und Nachteile”."""
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NO_NAME = re.compile(
    r"microsoft|untitled|unbenannt|anonymous|unknown|[/\\_@]"
    r"|\.(?:docx?|odt|rtf|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|txt|html?)\b",
    re.IGNORECASE,
)


class Glyph(NamedTuple):
    """A character where it stands; `spaced` if white space is before it."""

    character: str
    number: int
    left: float
    right: float
    base: float
    height: float
    turn: int
    spaced: bool


class Segment(NamedTuple):
    """Text on one line without a wide gap."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool


class Line(NamedTuple):
    """A line of one column, whose right edge is `margin`; `column` numbers it within the page."""

    page: int
    column: int
    cells: tuple[Segment, ...]
    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    margin: float

    def is_full(self, following: "Line") -> bool:
        """Whether the first word of the following line did not fit into this one."""
        word = len(following.text.split(maxsplit=1)[0])
        width = (following.right - following.left) * (word + 0.5) / len(following.text)
        return self.right + width > self.margin - 0.04 * (self.margin - self.left)

    def is_under(self, before: "Line") -> bool:
        """Whether it stands in the same column as the line before it."""
        return (self.page, self.column) == (before.page, before.column)


class Stretch(NamedTuple):
    """The place of a cell or column across the page."""

    start: float
    end: float


class Type(NamedTuple):
    """The type of the body: its size, whether it is bold, and the ems from line to line."""

    size: float
    bold: bool
    leading: float


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; `said` is their text in pieces, `table` that of a table."""

    first: Line
    last: Line
    said: list[str]
    lines: int = 1
    table: str = ""

    @property
    def text(self) -> str:
        """The text without a mark of Markdown."""
        return self.table or "".join(self.said)

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return not self.table and _is_item(self.first.text)


def read(data: bytes) -> Document:
    """Return the text of a PDF, with a place for each page on which a paragraph begins.

    Raises:
        UnreadableError: it is encrypted or damaged, or has no text (a scan).
    """
    with _LOCK:
        pages, metadata = _load(data)
    pages = _without_running_heads(pages)
    body = _body([segment for page in pages for segment in page])
    lines = [line for n, page in enumerate(pages, 1) for line in _lines(page, n, body)]
    if not any(any(map(str.isalnum, line.text)) for line in lines):
        raise UnreadableError(
            f"none of its {len(pages)} pages has text: it is a scan. Run OCR on it first"
        )
    body = body._replace(leading=_leading(lines, body))
    return _written(_paragraphs(lines, body), body, metadata)


# File to segments -----------------------------------------------------------------------------


def _load(data: bytes) -> tuple[list[list[Segment]], dict[str, str]]:
    try:
        with closing(pypdfium2.PdfDocument(data)) as document:
            pages = [_read_page(document, number) for number in range(len(document))]
            said = {key: document.get_metadata_value(key.title()) for key in ("title", "author")}
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise UnreadableError("it is encrypted with a password; save it without one") from None
        raise UnreadableError("it is a damaged PDF, or none; export it again") from None
    return pages, {key: value.strip() for key, value in said.items() if _is_name(value)}


def _is_name(text: str) -> bool:
    """Whether a title or author is words, not a file's name or a login."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    login = len(words) == 1 and text.strip().islower() and text.isascii()
    return bool(words) and not login and not _NO_NAME.search(text)


def _read_page(document: pypdfium2.PdfDocument, number: int) -> list[Segment]:
    with closing(document[number]) as page, closing(page.get_textpage()) as textpage:
        glyphs = list(_glyphs(textpage))
        turns = Counter(glyph.turn for glyph in glyphs)
        turn = max(turns, key=turns.__getitem__, default=0)
        upright = [glyph for glyph in glyphs if glyph.turn == turn]
        return [_segment(textpage, run) for run in _runs(upright)]


def _glyphs(textpage: pypdfium2.PdfTextPage) -> Iterator[Glyph]:
    """Yield the characters that are not white space. Text at a slant, a watermark, is left out."""
    box, x, y = pdfium.FS_RECTF(), pdfium.c_double(), pdfium.c_double()
    spaced = False
    for index in range(textpage.count_chars()):
        character = _character(pdfium.FPDFText_GetUnicode(textpage, index))
        if character.isspace():
            spaced = spaced or character not in "\r\n"
            continue
        quarters = pdfium.FPDFText_GetCharAngle(textpage, index) / (pi / 2)
        if abs(quarters - round(quarters)) > 0.1:
            continue
        pdfium.FPDFText_GetLooseCharBox(textpage, index, box)
        pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
        turn = round(quarters) % 4
        left, bottom, right, top = _turned(turn, box.left, box.bottom, box.right, box.top)
        base = {0: y.value, 1: x.value, 2: -y.value, 3: -x.value}[turn]
        yield Glyph(character, index, left, right, base, top - bottom, turn, spaced)
        spaced = False


def _character(code: int) -> str:
    """Return a character; PDFium marks a hyphen at a line's end with U+0002 or U+FFFE."""
    if code in (0x02, 0xFFFE, 0xAD):
        return "-"
    if 0xF000 <= code <= 0xF0FF:  # of a symbol font, mostly a bullet
        return "•"
    return chr(code) if code >= 0x20 or code in (0x09, 0x0A, 0x0D) else "\ufffd"


def _turned(
    turn: int, left: float, bottom: float, right: float, top: float
) -> tuple[float, float, float, float]:
    """Turn a box so that its text runs from left to right; PDFium counts turns clockwise."""
    if turn == 1:
        return -top, left, -bottom, right
    if turn == 2:
        return -right, -top, -left, -bottom
    return (bottom, -right, top, -left) if turn == 3 else (left, bottom, right, top)


def _runs(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Yield the glyphs that follow each other on one line, with gaps of less than an em."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run:
            before = run[-1]
            em = max(before.height, glyph.height)
            gap = max(glyph.left - before.right, before.left - glyph.right)
            if gap > 0.9 * em or abs(glyph.base - before.base) > 0.6 * em:
                yield run
                run = []
        run.append(glyph)
    if run:
        yield run


def _segment(textpage: pypdfium2.PdfTextPage, run: Sequence[Glyph]) -> Segment:
    """Join glyphs. A small digit over the line, the mark of a note, is written as such."""
    main = Counter(round(glyph.height, 1) for glyph in run).most_common(1)[0][0]
    typical = next(glyph for glyph in run if round(glyph.height, 1) == main)
    pieces: list[str] = []
    for glyph in run:
        raised = glyph.height < 0.85 * main and glyph.base > typical.base + 0.1 * main
        pieces.append(" " if glyph.spaced and pieces else "")
        pieces.append(glyph.character.translate(_RAISED) if raised else glyph.character)
    text = "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    matrix, name, flags = pdfium.FS_MATRIX(), pdfium.create_string_buffer(64), pdfium.c_int()
    pdfium.FPDFText_GetMatrix(textpage, typical.number, matrix)
    pdfium.FPDFText_GetFontInfo(textpage, typical.number, name, 64, flags)
    size = pdfium.FPDFText_GetFontSize(textpage, typical.number) * hypot(matrix.c, matrix.d)
    weight = pdfium.FPDFText_GetFontWeight(textpage, typical.number)
    bold = weight >= 500 or re.search(rb"bold|black|heavy", name.value, re.IGNORECASE)
    left, right = min(glyph.left for glyph in run), max(glyph.right for glyph in run)
    return Segment(text, left, right, typical.base, round(size, 1) or 1.0, bool(bold))


# Segments to lines ----------------------------------------------------------------------------


def _body(segments: Sequence[Segment]) -> Type:
    """Return the type that most characters are set in."""
    counts: Counter[tuple[float, bool]] = Counter()
    for segment in segments:
        counts[segment.size, segment.bold] += len(segment.text)
    size, bold = max(counts, key=counts.__getitem__, default=(1.0, False))
    return Type(size, bold, 1.2)


def _rows(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Put together what stands at one height, from the top down, each from left to right."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda segment: -segment.base):
        last = rows[-1][-1] if rows else None
        if last and last.base - segment.base < 0.4 * max(last.size, segment.size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [sorted(row, key=lambda segment: segment.left) for row in rows]


def _text(row: Sequence[Segment]) -> str:
    """Join the segments of a row."""
    said = row[0].text if row else ""
    for before, segment in pairwise(row):
        gap = segment.left - before.right
        said += segment.text if abs(gap) < 0.15 * segment.size else f" {segment.text}"
    return said


def _without_running_heads(pages: Sequence[Sequence[Segment]]) -> list[list[Segment]]:
    """Leave out lines at the edge of pages that are on three of them, or on most."""
    size = _body([segment for page in pages for segment in page]).size
    enough = min(3, max(2, len(pages) // 2 + 1))
    rows = [_rows(page) for page in pages]
    edges = [(page[:EDGE_LINES], page[: -EDGE_LINES - 1 : -1]) for page in rows]
    seen: Counter[object] = Counter()
    for number, edge in enumerate(edges):
        for place, lines in enumerate(edge):
            seen.update(
                {key for n, row in enumerate(lines) for key in _keys(row, number, place, n)}
            )
    found = []
    for number, edge in enumerate(edges):
        dropped: set[Segment] = set()
        for place, lines in enumerate(edge):
            for n, row in enumerate(lines):
                exact, *other = _keys(row, number, place, n)
                alike = any(seen[key] >= enough for key in other) and row[0].size < LARGER * size
                if seen[exact] < enough and not alike:
                    break
                dropped.update(row)
        found.append([segment for segment in pages[number] if segment not in dropped])
    return found


def _keys(row: Sequence[Segment], page: int, place: int, line: int) -> Iterator[object]:
    """Yield what a running head has in common with those of other pages.

    Its text, size and height; the distance of a number set apart at its start or end from the
    number of the page, which makes it the page's; and, in the outermost line, the text but for
    digits, and the height.
    """
    text, height = _text(row), round(row[0].base)
    yield place, text, row[0].size, height
    for cell in (row[0], row[-1]):
        number = re.fullmatch(r"\W*(\d{1,4})\W*", cell.text)
        if number:
            yield place, int(number[1]) - page
    if line == 0 and re.search(r"[^\W\d_]", text):
        yield place, re.sub(r"\d+", "#", text), height


def _lines(segments: Sequence[Segment], page: int, body: Type) -> list[Line]:
    """Return a page's lines column by column, the notes at the foot of columns last."""
    found: list[Line] = []
    notes: list[Line] = []
    for number, column in enumerate(_columns(segments)):
        edges = sorted(segment.right for segment in column)
        margin = edges[int(len(edges) * 0.95)]
        lines = [_line(row, page, number, margin) for row in _rows(column)]
        end = len(lines)
        while end and lines[end - 1].size < SMALLER * body.size:
            end -= 1
        found += lines[: end or None]
        notes += lines[end:] if end else []
    return found + notes


def _line(row: Sequence[Segment], page: int, column: int, margin: float) -> Line:
    main = max(row, key=lambda segment: len(segment.text))
    bold = all(segment.bold for segment in row)
    left, right = row[0].left, row[-1].right
    return Line(
        page, column, tuple(row), _text(row), left, right, main.base, main.size, bold, margin
    )


def _columns(segments: Sequence[Segment]) -> list[Sequence[Segment]]:
    """Return the columns in the order of reading; what is set across two of them parts the page."""
    gutter = _gutter(segments)
    if gutter is None:
        return [segments] if segments else []
    bands: list[tuple[list[Segment], list[Segment], list[Segment]]] = [([], [], [])]
    for segment in sorted(segments, key=lambda segment: -segment.base):
        side = _side(segment, gutter)
        if side == 0 and any(bands[-1][1:]):
            bands.append(([], [], []))
        bands[-1][side].append(segment)
    parts = [part for wide, left, right in bands for part in (wide, left, *_columns(right))]
    return [part for part in parts if part]


def _side(segment: Segment, gutter: float) -> int:
    """Return 1 for the left of a gutter, 2 for the right, 0 for what is set across."""
    return 2 if segment.left >= gutter - 1 else int(segment.right < gutter)


def _gutter(segments: Sequence[Segment]) -> float | None:
    """Return where the second column begins, or None where the text is in one.

    Both sides hold four lines or more that are wide and, on the left, mostly full; and little
    between them is set across.
    """
    edges = Counter(round(segment.left) for segment in segments)
    fit = []
    for edge, count in edges.most_common(8):
        sides = [[s for s in segments if _side(s, edge) == side] for side in (0, 1, 2)]
        if count >= 4 and len(sides[1]) >= 4 and _are_columns(*sides):
            fit.append(edge)
    return min(fit, default=None)


def _are_columns(
    wide: Sequence[Segment], left: Sequence[Segment], right: Sequence[Segment]
) -> bool:
    size = median(segment.size for segment in left)
    widths = [_typical_width(side) for side in (left, right)]
    full = max(segment.right for segment in left) - min(segment.left for segment in left)
    if min(widths) < COLUMN * size or widths[0] < 0.7 * full or widths[1] < 0.4 * widths[0]:
        return False
    top = min(max(segment.base for segment in side) for side in (left, right))
    foot = max(min(segment.base for segment in side) for side in (left, right))
    across = sum(foot < segment.base < top for segment in wide)
    return top > foot and across <= 0.2 * (len(left) + len(right))


def _typical_width(segments: Sequence[Segment]) -> float:
    """Return the width that half of the text has at least."""
    widths = sorted(segment.right - segment.left for segment in segments)
    rest = sum(widths) / 2
    return next(width for width in widths if (rest := rest - width) <= 0)


# Lines to paragraphs --------------------------------------------------------------------------


def _leading(lines: Sequence[Line], body: Type) -> float:
    """Return the usual distance of the lines of the body, in ems."""
    pairs = pairwise(lines)
    gaps = Counter(
        round((before.base - line.base) / body.size, 1)
        for before, line in pairs
        if line.is_under(before)
        and line.size == before.size == body.size
        and 0.9 * body.size < before.base - line.base < 3 * body.size
    )
    return max(gaps, key=lambda gap: (gaps[gap], -gap), default=body.leading)


def _paragraphs(lines: Sequence[Line], body: Type) -> list[Paragraph]:
    found: list[Paragraph] = []
    text: Paragraph | None = None  # the last one that is no note
    number = 0
    while number < len(lines):
        line = lines[number]
        table, rows = _table(lines, number, body)
        if rows:
            found.append(Paragraph(line, lines[number + rows - 1], [], table=table))
            text = found[-1]
            number += rows
            continue
        under = found and line.is_under(found[-1].last)
        before = found[-1] if under else text
        link = _link(before, line, body) if before else None
        if before and link is not None:
            _append(before, line, link)
        else:
            found.append(Paragraph(line, line, [line.text]))
            before = found[-1]
        text = text if text and line.size < SMALLER * body.size else before
        number += 1
    return found


def _append(paragraph: Paragraph, line: Line, link: str) -> None:
    before, after = paragraph.last.text, line.text
    if link == " " and _HYPHEN.search(before):
        link = ""
        if after[0].islower() and _LINKING.match(after):
            link = " "
        elif after[0].islower():
            paragraph.said[-1] = paragraph.said[-1][:-1]
    elif link == " " and before[-1] > "\u2e80" and after[0] > "\u2e80":  # Chinese, Japanese
        link = ""
    paragraph.said += [link, after]
    paragraph.last = line
    paragraph.lines += 1


def _link(paragraph: Paragraph, line: Line, body: Type) -> str | None:
    """Return what joins a line to a paragraph: a space, a line's end, or None if nothing does."""
    before = paragraph.last
    if paragraph.table or abs(line.size - before.size) > 0.1 * before.size:
        return None
    goes_on = before.is_full(line) and not is_ended(before.text)
    if not line.is_under(before):
        going_on = goes_on and not _is_item(line.text) and line.size < LARGER * body.size
        return " " if going_on or (goes_on and line.text[0].islower()) else None
    gap = (before.base - line.base) / line.size
    if line.size >= LARGER * body.size:
        return " " if gap < 1.6 and line.bold == before.bold else None
    if gap > 1.25 * max(body.leading, 1.0) or (line.bold != before.bold and not goes_on):
        return None
    if _is_item(line.text) and not (goes_on and not paragraph.is_item and _aligned(before, line)):
        return None
    if not _aligned(before, line) and not _may_shift(paragraph, line, goes_on=goes_on):
        return None
    if before.is_full(line) and not _LEADER.search(before.text):
        return " "
    return None if is_ended(before.text) else "\n"


def _aligned(before: Line, line: Line) -> bool:
    return abs(line.left - before.left) < 0.8 * line.size


def _may_shift(paragraph: Paragraph, line: Line, *, goes_on: bool) -> bool:
    """Whether the second line may stand further left or right than the first."""
    if paragraph.lines > 1:
        return False
    return line.left < paragraph.last.left or paragraph.is_item or goes_on


def _is_item(text: str) -> bool:
    return bool(_BULLET.match(text) or _NUMBERED.match(text))


def _table(lines: Sequence[Line], first: int, body: Type) -> tuple[str, int]:
    """Return a table in Markdown and how many lines it takes; ("", 0) where none begins.

    Its columns are what the cells of all rows leave white between them.
    """
    columns: list[Stretch] = []
    most, end = TABLE_COLUMNS, first
    while end < min(len(lines), first + TABLE_LONGEST) and lines[end].is_under(lines[first]):
        cells = lines[end].cells
        together = _merged([*columns, *(Stretch(cell.left, cell.right) for cell in cells)])
        most = max(most, len(cells))
        far = _gap(lines, end - 1) > 3 * body.leading if end > first else len(cells) == 1
        if far or len(together) < most or not _may_be_row(lines, end, body):
            break
        columns, end = together, end + 1
    while end > first and len(lines[end - 1].cells) == 1 and lines[end - 1].left < columns[0].end:
        end -= 1
    if sum(_is_row(line) for line in lines[first:end]) < TABLE_ROWS:
        return "", 0
    rows = [
        [" ".join(filter(None, (_cell(line, column) for line in row))) for column in columns]
        for row in _table_rows(lines, first, end, columns[0].end)
    ]
    rows.insert(1, ["---"] * len(columns))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows), end - first


def _gap(lines: Sequence[Line], number: int) -> float:
    """Return the ems from a line to the next one; infinite where that is in another column."""
    if number + 1 == len(lines) or not lines[number + 1].is_under(lines[number]):
        return inf
    return (lines[number].base - lines[number + 1].base) / lines[number].size


def _may_be_row(lines: Sequence[Line], number: int, body: Type) -> bool:
    """Whether a line has cells, or is one of a cell with several lines."""
    close = min(_gap(lines, number - 1), _gap(lines, number)) <= 1.25 * body.leading
    return (len(lines[number].cells) > 1 or close) and not _is_item(lines[number].text)


def _is_row(line: Line) -> bool:
    """Whether a line has enough cells, and is no justified line with wide but equal gaps."""
    gaps = [after.left - before.right for before, after in pairwise(line.cells)]
    return len(line.cells) >= TABLE_COLUMNS and max(gaps) - min(gaps) > 0.1 * line.size


def _table_rows(lines: Sequence[Line], first: int, end: int, edge: float) -> list[list[Line]]:
    """Put together the lines of each row; the first column ends at `edge`.

    A line without a first cell belongs to the row above it where rows stand further apart; a line
    of one cell to the nearer row.
    """
    gaps = [_gap(lines, n - 1) for n in range(first + 1, end) if lines[n].left <= edge]
    pitch = median(gaps) if gaps else 0.0
    rows = [[lines[first]]]
    joins_below = False
    for number in range(first + 1, end):
        line, above = lines[number], _gap(lines, number - 1)
        alone = len(line.cells) == 1
        nearer = alone and above <= _gap(lines, number)
        joins_above = nearer or (line.left > edge and above < 0.9 * pitch)
        if joins_above or joins_below:
            rows[-1].append(line)
        else:
            rows.append([line])
        joins_below = alone and not joins_above
    return rows


def _cell(line: Line, column: Stretch) -> str:
    text = _text([cell for cell in line.cells if column.start <= cell.left <= column.end])
    return text.replace("|", "¦")


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return what stretches cover together, from left to right."""
    found: list[Stretch] = []
    for stretch in sorted(stretches):
        if found and stretch.start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(stretch.end, found[-1].end))
        else:
            found.append(stretch)
    return found


# Paragraphs to Markdown -----------------------------------------------------------------------


def _written(paragraphs: Sequence[Paragraph], body: Type, metadata: Mapping[str, str]) -> Document:
    """Write paragraphs one after the other, with a place where a page's first one begins."""
    pieces: list[str] = []
    places: list[Place] = []
    length = 0
    title = _title(paragraphs, body)
    for number, paragraph in enumerate(paragraphs):
        before = paragraphs[number - 1] if number else None
        if before:
            listed = before.is_item and paragraph.is_item
            pieces.append("\n" if listed else "\n\n")
            length += len(pieces[-1])
        if before is None or before.first.page != paragraph.first.page:
            places.append(Place(length, f"page {paragraph.first.page}"))
        pieces.append(_marked(paragraph, body, is_title=paragraph is title))
        length += len(pieces[-1])
    return Document("".join(pieces) + "\n", metadata, tuple(places))


def _title(paragraphs: Sequence[Paragraph], body: Type) -> Paragraph | None:
    """Return the heading in the largest type of the first page."""
    page = paragraphs[0].first.page
    first = [p for p in paragraphs if p.first.page == page and _is_large_heading(p, body)]
    return max(first, key=lambda paragraph: paragraph.first.size, default=None)


def _is_large_heading(paragraph: Paragraph, body: Type) -> bool:
    words = re.search(r"[^\W\d_]{2}", paragraph.text) is not None
    large = paragraph.first.size >= LARGER * body.size
    longest = HEADING_LENGTH / (2 if is_ended(paragraph.text) else 1)
    return large and words and len(paragraph.text) <= longest and not paragraph.table


def _marked(paragraph: Paragraph, body: Type, *, is_title: bool) -> str:
    """Return a paragraph in Markdown. A short line that alone is bold is a heading of its own."""
    text = paragraph.text
    if _is_large_heading(paragraph, body):
        return f"{'#' if is_title else '##'} {' '.join(text.split())}"
    alone = paragraph.lines == 1 and not paragraph.table and len(text) <= HEADING_LENGTH
    if alone and paragraph.first.bold and not body.bold and not is_ended(text):
        return f"### {text}"
    return _BULLET.sub("- ", text, count=1) if paragraph.is_item else text
