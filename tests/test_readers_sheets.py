import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from ingest.errors import UnreadableError
from ingest.pipeline import make_article
from ingest.readers import sheets
from ingest.readers.sheets import read_csv, read_xlsx
from ingest.types import Article, BlockKind, Document

PRICES = "| Ware | Preis |\n|---|---|\n| Brot | 1,50 |\n| Milch | 1,20 |\n"


def xlsx(*rows: Sequence[Any], title: str = "Preise", **more: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, content in {title: rows, **more}.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def article(document: Document) -> Article:
    return make_article("x", "x.md", document)


def rows_of(document: Document) -> dict[str, tuple[str, ...]]:
    """The rows that an article has of a document, each with what it needs."""
    made = article(document)
    return {
        made.text[unit.start : unit.end]: tuple(made.text[a:b] for a, b in unit.needs)
        for unit in made.units
        if unit.kind is BlockKind.ROW
    }


def places(document: Document) -> dict[str, str]:
    """The label of each place with the line that stands there."""
    return {
        place.label: document.text[place.start :].split("\n", 1)[0] for place in document.places
    }


# Separated values -----------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_rows_are_cut_at_the_separator_of_the_file(separator: str, encoding: str, end: str) -> None:
    rows = [("Ware", "Preis"), ("Käse aus Böhmen", "1,50"), ("Äpfel und Öl für Fähren", "1,20")]
    data = "".join(separator.join(row) + end for row in rows).encode(encoding)
    head = "| Ware | Preis |\n|---|---|\n"
    assert read_csv(data).text == (
        f"{head}| Käse aus Böhmen | 1,50 |\n| Äpfel und Öl für Fähren | 1,20 |\n"
    )


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", ["| a | b |", "| 1 | 2 |"]),
        ("1,5;2,5\n3,5;4,5\n", ["| 1,5 | 2,5 |", "| 3,5 | 4,5 |"]),
        ("x,y; z\nv,w\n1,2\n", ["| x | y; z |", "| v | w |", "| 1 | 2 |"]),
        ("sep=^\na^b\n1^2\n", ["| a | b |", "| 1 | 2 |"]),
        ('a,b\n"1, 2","3 ""4"" 5"\n', ["| a | b |", '| 1, 2 | 3 "4" 5 |']),
        ('a,b\n"one\r\n two",x|y\n', ["| a | b |", "| one two | x/y |"]),
        ('a,b\n5" pipe,2\n"7, 2\n', ["| a | b |", '| 5" pipe | 2 |', '| "7 | 2 |']),
        ('a,b\n"5 pipe,2\n6,7\n', ["| a | b |", '| "5 pipe | 2 |', "| 6 | 7 |"]),
        ('a,b\n"5" pipe,2\n', ["| a | b |", "| 5 pipe | 2 |"]),
        ("a,b,\n1,2,\n,,\n3,,\n", ["| a | b |", "| 1 | 2 |", "| 3 |  |"]),
        (",b,c\n1,2,3,4\n", ["|  | b | c |  |", "| 1 | 2 | 3 | 4 |"]),
        ("a,b\n--,--\n-,x\n", ["| a | b |", "| - | x |"]),
        ("名前,値段\nパン,150円\n", ["| 名前 | 値段 |", "| パン | 150円 |"]),
        ("الاسم;السعر\nخبز;5\n", ["| الاسم | السعر |", "| خبز | 5 |"]),
    ],
)
def test_cells_are_written_between_bars(text: str, rows: list[str]) -> None:
    written = read_csv(text.encode()).text.splitlines()
    assert [line for line in written if not re.fullmatch(r"[|-]*", line)] == rows
    assert re.fullmatch(r"\|(---\|)+", written[1])


def test_rows_are_numbered_as_in_their_file() -> None:
    document = read_csv(b'name;sum\n"a\nb";1\n\n;\nc;2\n')
    assert places(document) == {
        "row 1": "| name | sum |",
        "row 2": "| a b | 1 |",
        "row 5": "| c | 2 |",
    }
    made = article(document)
    assert [made.place(unit.span) for unit in made.units] == ["row 2", "row 5"]


def test_lines_over_the_header_stand_over_the_table() -> None:
    document = read_csv(b"Preise im Mai,\nin Euro,\nWare,Preis\nBrot,2\nMilch,1\n")
    assert document.text.startswith("Preise im Mai\n\nin Euro\n\n| Ware | Preis |\n|---|---|\n")
    assert rows_of(document) == {
        "| Brot | 2 |": ("| Ware | Preis |",),
        "| Milch | 1 |": ("| Ware | Preis |",),
    }
    assert list(places(document)) == [f"row {n}" for n in range(1, 6)]


def test_one_column_is_a_list() -> None:
    document = read_csv('Miasto\nŁódź\n\n"Żory, na Śląsku"\n7\n'.encode())
    assert document.text == "- Miasto\n- Łódź\n- Żory, na Śląsku\n- 7\n"
    made = article(document)
    said = [(made.text[unit.start : unit.end], made.place(unit.span)) for unit in made.units]
    assert said == [
        ("- Miasto", "row 1"),
        ("- Łódź", "row 2"),
        ("- Żory, na Śląsku", "row 4"),
        ("- 7", "row 5"),
    ]
    assert {unit.kind for unit in made.units} == {BlockKind.ITEM}


@pytest.mark.parametrize("columns", [2, 3, 40, 700])
@pytest.mark.parametrize("numbers", [True, False])
def test_each_row_is_a_unit_with_the_header_as_its_need(columns: int, *, numbers: bool) -> None:
    word = "" if numbers else "word "
    rows = [[f"{word}{column * row}" for column in range(columns)] for row in range(1, 9)]
    written = ["| " + " | ".join(row) + " |" for row in rows]
    document = read_csv("\n".join(",".join(row) for row in rows).encode())
    found = rows_of(document)
    if columns < 500:
        assert list(found) == written[1:]
    else:  # longer than a unit may be
        assert [row in "".join(found) for row in written[1:]] == [False] * 7
        assert "".join(found).replace(" ", "") == "".join(written[1:]).replace(" ", "")
    assert set(found.values()) == {(written[0],)}


def test_a_single_row_of_data_has_its_header() -> None:
    assert rows_of(read_csv(b"name,age\nAnn,5\n")) == {"| Ann | 5 |": ("| name | age |",)}


# Workbooks ------------------------------------------------------------------------------------


def test_each_sheet_that_has_cells_is_a_table_under_its_name() -> None:
    data = xlsx(("Ware", "Preis"), ("Brot", "1,50"), ("Milch", "1,20"), Leer=[], Цены=[(1, "x")])
    document = read_xlsx(data)
    assert document.text == f"## Preise\n\n{PRICES}\n## Цены\n\n| 1 | x |\n|---|---|\n"
    assert places(document) == {
        "sheet Preise": "## Preise",
        "sheet Preise, row 1": "| Ware | Preis |",
        "sheet Preise, row 2": "| Brot | 1,50 |",
        "sheet Preise, row 3": "| Milch | 1,20 |",
        "sheet Цены": "## Цены",
        "sheet Цены, row 1": "| 1 | x |",
    }
    made = article(document)
    assert made.place(made.units[1].span) == "sheet Preise, row 3"
    assert [made.text[a:b] for a, b in made.units[0].headings] == ["## Preise"]
    assert [made.text[a:b] for a, b in made.units[0].needs] == ["| Ware | Preis |"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2024, 5, 3), "2024-05-03"),
        (datetime.fromisoformat("2024-05-03 14:30"), "2024-05-03 14:30"),
        (datetime.fromisoformat("2024-05-03 14:30:05"), "2024-05-03 14:30:05"),
        (time(7, 5), "07:05"),
        (timedelta(hours=30, minutes=5), "30:05"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (-2.50, "-2.5"),
        (5000770403.0, "5000770403"),
        (1e-7, "0.0000001"),
        (1e30, "1e+30"),
        (12345678901234567, "12345678901234600"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("  a\nb|c ", "a b/c"),
        ("a_x000D_\nb", "a b"),
        ("#N/A", "#N/A"),
        ("007", "007"),
    ],
)
def test_values_are_written_as_they_are_shown(value: object, written: str) -> None:
    assert f"| x | {written} |\n" in read_xlsx(xlsx(("a", "b"), ("x", value))).text


def test_percentages_are_written_as_such() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (("a", "b"), (0.07, 0.07), (1, 0.125)):
        sheet.append(row)
    sheet["A2"].number_format, sheet["A3"].number_format = "0%", "0.0%"
    sheet["B2"].number_format = '0.00"%"'
    text = read_xlsx(saved(book)).text
    assert "| 7% | 0.07 |\n| 100% | 0.125 |\n" in text


def test_formulas_give_the_value_they_had() -> None:
    file, changed = BytesIO(xlsx(("a", "b"), (1, 2))), BytesIO()
    with ZipFile(file) as old, ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"<v>2</v>", b"<f>A2*21</f><v>21</v>")
            new.writestr(name, content)
    assert "| 1 | 21 |" in read_xlsx(changed.getvalue()).text


def test_gaps_in_a_sheet_are_left_out_and_its_rows_keep_their_numbers() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for place, value in {"C4": "name", "E4": "sum", "C9": "x", "E9": 5, "XFD9": " "}.items():
        sheet[place] = value
    document = read_xlsx(saved(book))
    assert document.text == "## Sheet\n\n| name | sum |\n|---|---|\n| x | 5 |\n"
    assert list(places(document)) == ["sheet Sheet", "sheet Sheet, row 4", "sheet Sheet, row 9"]


def test_the_title_is_that_of_the_properties() -> None:
    book = Workbook()
    book.worksheets[0].append(["a", "b"])
    book.properties.title = " Preisliste "
    assert read_xlsx(saved(book)).metadata == {"title": "Preisliste"}
    book.properties.title = None
    assert read_xlsx(saved(book)).metadata == {}


# What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b" \n\n", b";;\n;\n", b"\n--,--\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="empty"):
        read_csv(data)


def test_an_empty_workbook_is_refused() -> None:
    for data in (xlsx(), xlsx((None, " "), ("", None))):
        with pytest.raises(UnreadableError, match="empty"):
            read_xlsx(data)


def test_the_number_of_rows_is_bounded() -> None:
    assert len(read_csv(b"a,b\n" * sheets.ROWS).places) == sheets.ROWS
    with pytest.raises(UnreadableError, match=r"100,000 rows; split"):
        read_csv(b"a,b\n" * (sheets.ROWS + 1))


def test_a_cell_without_end_is_refused() -> None:
    with pytest.raises(UnreadableError, match="save it again"):
        read_csv(b"a,b\n" + b"x" * 200_000)


@pytest.mark.parametrize(
    "rows",
    [
        "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 700)),
        '<row r="900000000"><c r="A900000000"><v>1</v></c></row>',
        "".join(
            f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="{column}{n}"><v>1</v></c></row>'
            for n, column in enumerate(map(get_column_letter, range(2, 3400)), 1)
        ),
    ],
    ids=["wide", "far down", "diagonal"],
)
def test_a_sheet_is_bounded(rows: str) -> None:
    with pytest.raises(UnreadableError, match="too long or stand too far apart"):
        read_xlsx(replaced(xlsx((1,)), "sheetData", rows))


def replaced(data: bytes, element: str, content: str) -> bytes:
    """A workbook with other content in an element of its first sheet."""
    changed = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(changed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name.endswith("sheet1.xml"):
                start, end = f"<{element}>", f"</{element}>"
                text = text.split(start)[0] + start + content + end + text.split(end)[1]
            new.writestr(name, text)
    return changed.getvalue()


def test_a_long_text_in_many_cells_is_refused() -> None:
    rows = [("x" * 30_000,)] * 1700  # one text that all cells share
    with pytest.raises(UnreadableError, match="too long"):
        read_xlsx(xlsx(*rows))


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.xml", bytes(70_000_000))
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(UnreadableError, match="unpacked it has 210 MB, the limit is 200 MB"):
        read_xlsx(file.getvalue())


def test_a_damaged_workbook_is_refused() -> None:
    whole = xlsx(("a", "b"), (1, 2))
    pieces = [whole[: len(whole) * n // 9] for n in range(9)] + [b"PK\3\4", b"a,b\n1,2\n"]
    pieces += [replaced(whole, "sheetData", "<row><c r='?'><v>1</v></c>")]
    for data in pieces:
        with pytest.raises(UnreadableError, match="damaged workbook"):
            read_xlsx(data)


def test_any_byte_may_be_damaged() -> None:
    whole = xlsx(("a", "b"), (1, 2))
    refused = 0
    for place in range(0, len(whole), 7):
        try:
            read_xlsx(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        except UnreadableError:
            refused += 1
    assert refused > 100


def test_protected_and_old_workbooks_are_refused() -> None:
    magic = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)
    with pytest.raises(UnreadableError, match="password"):
        read_xlsx(magic + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnreadableError, match=r"old Excel workbook \(\.xls\)"):
        read_xlsx(magic)
