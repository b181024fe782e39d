"""Tables in files: separated values (.csv, .tsv) and workbooks (.xlsx), as Markdown tables."""

import csv
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from ingest.errors import UnreadableError
from ingest.read import decode
from ingest.readers.office import check_size, refuse_container
from ingest.tables import is_rule
from ingest.types import Document, Place

ROWS = 100_000
"""Rows of a file that are read at most; empty ones do not count."""
CELLS = 10_000_000
"""Cells that are looked at, empty ones too: one far to the right makes a row of thousands."""
CHARACTERS = 50_000_000
"""Characters of all rows: many cells of a workbook may share one long text."""
LAST_ROW = 1_048_576
"""The last row that a sheet of Excel has."""
UNPACKED_MB = 200
SAMPLE = 8192
"""Characters in which the separator is looked for."""
SEPARATORS = ";\t|,"
TOO_LARGE = "its rows are too long or stand too far apart; save the part that matters by itself"

_DAMAGES = (
    BadZipFile, zlib.error, SyntaxError, EOFError, OSError, LookupError, ValueError, TypeError,
    ArithmeticError, AssertionError, AttributeError, RuntimeError,
)  # fmt: skip
_BREAK = re.compile(r"\s*(?:[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|_x000[AD]_)\s*")
_SAID_SEPARATOR = re.compile(r"\"?sep=([^\w\s\"]|\t)\"?(?:\r\n|\r|\n)", re.I)
_STRICT: dict[str, Any] = {"strict": True}
_LENIENT: dict[str, Any] = {}
_UNQUOTED: dict[str, Any] = {"quoting": csv.QUOTE_NONE}
_LITERAL = re.compile(r"\"[^\"]*\"|\\.")


class Row(NamedTuple):
    """What the cells of a row say, by column; `number` is the row's in its file or sheet."""

    number: int
    cells: dict[int, str]

    @property
    def line(self) -> str:
        """Its cells between bars."""
        return f"| {' | '.join(self.cells.values())} |"


def read_csv(data: bytes) -> Document:
    """Return the rows of a file of separated values as a table, or as a list if it has one column.

    Raises:
        UnreadableError: no text, empty, too large, or not to be cut into rows.
    """
    text = decode(data)
    said = _SAID_SEPARATOR.match(text)  # a first line for Excel
    text = text[said.end() :] if said else text
    records = _records(text, said.group(1) if said else _separator(text))
    page = _Page()
    page.write(list(page.rows(records)), "row")
    return page.document()


def read_xlsx(data: bytes) -> Document:
    """Return the values of a workbook: each sheet that has any, under its name, as a table.

    Raises:
        UnreadableError: protected by a password, an old .xls, damaged, empty, or too large.
    """
    refuse_container(data, "Excel workbook (.xls)", ".xlsx")
    try:
        with ZipFile(BytesIO(data)) as archive:
            check_size(archive.infolist(), UNPACKED_MB)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells what it leaves out, such as styles
            return _read_workbook(data)
    except _DAMAGES:
        raise UnreadableError("it is a damaged workbook, or none; save it again") from None


# Rows and cells -------------------------------------------------------------------------------


def _separator(text: str) -> str:
    """Return what cuts most of the first rows into equally many cells; else the comma.

    Of two that do it equally well it is not the comma, which is then that of decimals: “1,5;2,5”.
    """
    lines = text[:SAMPLE].splitlines(keepends=True)
    sample = "".join(lines[:-1] if len(lines) > 1 and len(text) > SAMPLE else lines)

    def share(separator: str) -> float:
        widths = Counter(len(record) for record in _records(sample, separator) if record)
        return max((n for width, n in widths.items() if width > 1), default=0) / (
            widths.total() or 1
        )

    best = max(SEPARATORS, key=share)
    return best if share(best) >= 0.5 else ","


def _records(text: str, separator: str) -> list[list[str]]:
    """Return the cells of each row; where a quotation mark is not closed, none counts as one."""
    reasons: list[str] = []
    for options in (_STRICT, _LENIENT, _UNQUOTED):
        if options is _LENIENT and (text.count('"') % 2 or "end of data" in reasons[0]):
            continue
        try:
            return list(csv.reader(StringIO(text, newline=""), delimiter=separator, **options))
        except csv.Error as error:
            reasons.append(str(error))
    raise UnreadableError(
        f"it cannot be cut into rows and cells ({reasons[0]}); save it again as CSV"
    )


def _read_workbook(data: bytes) -> Document:
    workbook = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    page = _Page()
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()  # a file may say that its sheet has all the columns there are
        rows = list(page.rows([_value(cell) for cell in row] for row in sheet.iter_rows()))
        if rows:
            place = f"sheet {sheet.title}"
            page.add(f"## {_said(sheet.title)}", place)
            page.add("")
            page.write(rows, f"{place}, row")
    title = (workbook.properties.title or "").strip()
    workbook.close()
    return page.document({"title": title} if title else {})


def _value(cell: Any) -> str:  # noqa: ANN401 openpyxl is not typed
    """Return the value of a cell as it is written: dates in ISO form, parts of a hundred with %."""
    match cell.value:
        case None:
            return ""
        case bool(value):
            return str(value).upper()
        case int(value) | float(value):
            percent = "%" in _LITERAL.sub("", cell.number_format)
            return f"{_number(value * 100)}%" if percent else _number(value)
        case datetime() as value:
            return _moment(value)
        case time() as value:
            return value.isoformat("seconds" if value.second else "minutes")
        case timedelta() as value:
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        case value:
            return str(value)


def _number(value: float) -> str:
    """Write a number with the digits that Excel keeps, 15, and without an exponent."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.15g}"
    return f"{Decimal(text):f}" if 1e-9 < abs(value) < 1e21 else text


def _moment(value: datetime) -> str:
    """Write a date, with the time of the day if it is not midnight."""
    value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")


def _said(cell: str) -> str:
    """Return what a cell says, in one line; a bar in it would end the cell."""
    return _BREAK.sub(" ", cell).strip().replace("|", "/")


# Text -----------------------------------------------------------------------------------------


class _Page:
    """A text in the making, with the places of its lines; it is bounded."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._places: list[Place] = []
        self._length = 0
        self._rows = self._cells = self._characters = 0

    def rows(self, records: Iterable[Sequence[str]]) -> Iterator[Row]:
        """Yield the rows that say something, with their numbers.

        Raises:
            UnreadableError: with those read before, there are too many of them.
        """
        for number, record in enumerate(records, 1):
            said = ((column, _said(cell)) for column, cell in enumerate(record))
            row = Row(number, {column: cell for column, cell in said if cell})
            self._cells += len(record)
            if row.cells and not is_rule(row.line):
                self._rows += 1
                self._characters += len(row.line)
                yield row
            if self._rows > ROWS:
                raise UnreadableError(f"it has more than {ROWS:,} rows; split it into more files")
            if self._cells > CELLS or self._characters > CHARACTERS or number > LAST_ROW:
                raise UnreadableError(TOO_LARGE)

    def add(self, line: str, place: str | None = None) -> None:
        """Add a line that has a place in its file, or none."""
        if place:
            self._places.append(Place(self._length, place))
        self._lines.append(line)
        self._length += len(line) + 1

    def write(self, rows: Sequence[Row], label: str) -> None:
        """Write rows: lines over a table whose header is the first row of two cells, or a list."""
        wide = (number for number, row in enumerate(rows) if len(row.cells) > 1)
        header = next(wide, len(rows))
        for row in rows[:header]:
            said = next(iter(row.cells.values()))
            self.add(said if header < len(rows) else f"- {said}", f"{label} {row.number}")
            if header < len(rows):
                self.add("")
        columns = sorted({column for row in rows[header:] for column in row.cells})
        if len(columns) * len(rows) > CELLS:
            raise UnreadableError(TOO_LARGE)
        for row in rows[header:]:
            full = Row(row.number, {column: row.cells.get(column, "") for column in columns})
            self.add(full.line, f"{label} {row.number}")
            if row is rows[header]:
                self.add("|" + "---|" * len(columns))
        self.add("")

    def document(self, metadata: dict[str, str] | None = None) -> Document:
        """Return what was written.

        Raises:
            UnreadableError: that is nothing.
        """
        if not self._places:
            raise UnreadableError("it is empty: it has no row that says anything")
        return Document("\n".join(self._lines), metadata or {}, tuple(self._places))
