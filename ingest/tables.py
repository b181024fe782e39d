"""Tables in a text: Markdown, aligned by tabs or spaces, or with separators; a row a line."""

import re
from collections.abc import Sequence

from ingest.lines import Line, is_item, is_keyed, is_sentence
from ingest.types import Block, BlockKind

CELL = 80
"""Characters up to which a text is a cell of a table; half of that between commas."""
CELL_WORDS = 7
"""Words up to which a text between commas or semicolons is a cell."""
ROWS = 3
"""Lines that make a table where nothing rules them."""

_RULED = frozenset("-=+|: \t─━═┼│")
_GAP = re.compile(r"\t+| {2,}")
_QUOTED = re.compile(r"\"[^\"]*\"")


def find_tables(lines: Sequence[Line]) -> dict[int, list[Block]]:
    """Return the tables among lines that stand together, by the number of their first line."""
    found: dict[int, list[Block]] = {}
    first = 0
    while first < len(lines):
        end = _end(lines, first)
        table = _table(lines[first:end]) if end > first + 1 else []
        if table:
            found[first] = table
        first = end
    return found


def cells(line: str) -> list[str]:
    """Return the cells of a row, between pipes, tabs, wide gaps, semicolons or commas."""
    return [cell.strip() for cell in _split(line.strip(), _form(line.strip())[0])]


def _form(line: str) -> tuple[str, int]:
    """Return what separates the cells of a line, and how many it has; ("", 1) for none."""
    if is_rule(line):
        return "rule", 0
    if "|" in line:
        return "|", 2  # Markdown allows a row to lack cells
    if "\t" in line:
        return "\t", len(_GAP.split(line))
    if "  " in line:
        return " ", len(_GAP.split(line))
    unquoted = _QUOTED.sub("", line)
    for mark in ";,":
        if mark in unquoted:
            return mark, unquoted.count(mark) + 1
    return "", 1


def is_rule(line: str) -> bool:
    """Whether a line is drawn under a header or around a table."""
    return _RULED.issuperset(line) and sum(map(line.count, "-=─━═")) >= 2


def _split(line: str, separator: str) -> list[str]:
    if separator == "|":
        return line.strip("|").split("|")
    if separator in ("\t", " "):
        return _GAP.split(line)
    if separator in (";", ","):
        hidden = _QUOTED.sub(lambda match: match.group().replace(separator, "\0"), line)
        return [cell.replace("\0", separator) for cell in hidden.split(separator)]
    return [line]


def _end(lines: Sequence[Line], first: int) -> int:
    """Return where the lines end that have the form of the first, with the rules between them."""
    form: tuple[str, int] | None = None
    end = first
    while end < len(lines) and not lines[end].code:
        here = _form(lines[end].text)
        if here[0] != "rule":
            if here[1] < 2 or (form is not None and here != form):
                break
            form = here
        end += 1
    return max(end, first + 1)


def _table(lines: Sequence[Line]) -> list[Block]:
    """Return the blocks of lines of one form, if they are a table."""
    ruled = [is_rule(line.text) for line in lines]
    rows = [line.text for line, drawn in zip(lines, ruled, strict=True) if not drawn]
    if not rows:
        return []
    separator = _form(rows[0])[0]
    has_rule = any(ruled[1:])
    if not _is_table(rows, separator, has_rule=has_rule):
        return []
    kinds = [BlockKind.FURNITURE if drawn else BlockKind.ROW for drawn in ruled]
    if (has_rule and len(rows) > 1) or _has_header([cells(row) for row in rows], separator):
        kinds[ruled.index(False)] = BlockKind.HEADER
    return [Block(line.start, line.end, kind) for line, kind in zip(lines, kinds, strict=True)]


def _is_table(rows: Sequence[str], separator: str, *, has_rule: bool) -> bool:
    """Whether rows of one form are those of a table: enough of them, with short cells."""
    if has_rule and separator == "|":
        return True
    if len(rows) < (2 if has_rule or separator == "\t" else ROWS):
        return False
    found = [cell for row in rows for cell in cells(row)]
    if separator in (";", ","):
        if len(cells(rows[0])) < ROWS or any(is_sentence(row) or is_keyed(row) for row in rows):
            return False
        return all(
            cell and len(cell) <= CELL // 2 and len(cell.split()) <= CELL_WORDS for cell in found
        )
    listed = sum(is_item(row) for row in rows) > len(rows) / 2
    return not listed and all(len(cell) <= CELL for cell in found)


def _has_header(rows: Sequence[Sequence[str]], separator: str) -> bool:
    """Whether the first row differs in form: words over cells that hold digits.

    Between tabs and semicolons, that is in three columns or more, one without digits is enough.
    """
    if len(rows) < 2:
        return False
    digits = [[any(map(str.isdigit, cell)) for cell in row] for row in rows]
    columns = zip(*digits[1:], strict=False)
    over = zip(digits[0], columns, strict=False)
    if any(not first and sum(column) > len(column) / 2 for first, column in over):
        return True
    named = not any(digits[0]) and len(set(rows[0])) == len(rows[0]) and all(rows[0])
    return named and separator in "\t;|" and len(rows[0]) >= ROWS and len(rows) > ROWS
