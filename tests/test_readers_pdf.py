import re
from pathlib import Path

import pytest

from ingest.errors import UnreadableError
from ingest.readers.pdf import read
from ingest.types import Document

FILES = Path(__file__).parent / "data" / "files"
# languages.pdf and encrypted.pdf were written by fpdf2 2.8: the former with the font DejaVu Sans,
# on each of three pages a heading of 20 points and a paragraph of 10 in cells 100 mm wide; the
# latter one page of Helvetica with the password “user”. All others are written here.

Text = tuple[float, float, float, str, bool]
"""Left edge, baseline, size, text, whether it is bold."""

RIVER = [
    "The river was straightened in the nineteenth century, and its",
    "meadows were drained. Since then it has flooded the town of",
    "Mill Bridge four times.",
]
BIRDS = [
    "Birds have come back since the dam was taken away. In the",
    "reeds nest bitterns, of which nobody had seen a single one",
    "for sixty years.",
]


def put(
    *lines: str, left: float = 72, top: float = 700, size: float = 10, bold: bool = False
) -> list[Text]:
    return [(left, top - n * 1.2 * size, size, line, bold) for n, line in enumerate(lines)]


def pdf(*pages: list[Text], info: str = "") -> bytes:
    """Write a PDF without a table of its objects; PDFium makes that itself."""
    font = "<</Type /Font /Subtype /Type1 /Encoding /WinAnsiEncoding /BaseFont /Helvetica%s>>"
    kids = " ".join(f"{10 + 2 * n} 0 R" for n in range(len(pages)))
    objects = {
        1: "<</Type /Catalog /Pages 2 0 R>>",
        2: f"<</Type /Pages /Count {len(pages)} /Kids [{kids}]>>",
        3: font % "",
        4: font % "-Bold",
        5: f"<<{info}>>",
    }
    for n, page in enumerate(pages):
        shown = "\n".join(
            f"BT /F{3 + bold} {size} Tf {x} {y} Td <{text.encode('cp1252').hex()}> Tj ET"
            for x, y, size, text, bold in page
        )
        objects[10 + 2 * n] = (
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources <</Font <</F3 3 0 R /F4 4 0 R>>>> /Contents {11 + 2 * n} 0 R>>"
        )
        objects[11 + 2 * n] = f"<</Length {len(shown)}>>\nstream\n{shown}\nendstream"
    body = "\n".join(f"{number} 0 obj\n{said}\nendobj" for number, said in objects.items())
    return f"%PDF-1.4\n{body}\ntrailer <</Root 1 0 R /Info 5 0 R>>\n%%EOF\n".encode("cp1252")


def text_of(*pages: list[Text]) -> str:
    return read(pdf(*pages)).text


def places(document: Document) -> list[tuple[str, str]]:
    return [(place.label, document.text[place.start :].split()[0]) for place in document.places]


def test_lines_of_a_paragraph_are_joined_and_gaps_part_paragraphs() -> None:
    text = text_of(put(*RIVER) + put(*BIRDS, top=650))
    assert text == f"{' '.join(RIVER)}\n\n{' '.join(BIRDS)}\n"


def test_an_indent_parts_paragraphs() -> None:
    full = [BIRDS[0], f"{BIRDS[1]}."]
    first, *rest = RIVER
    text = text_of(put(*full) + put(first, left=84, top=676) + put(*rest, top=664))
    assert text == f"{' '.join(full)}\n\n{' '.join(RIVER)}\n"


def test_lines_of_an_address_stay_lines() -> None:
    address = ["School of Mill Bridge", "12 River Road", "Mill Bridge"]
    assert text_of(put(*address) + put(*RIVER, top=600)).startswith("\n".join(address) + "\n\n")


@pytest.mark.parametrize(
    ("end", "start", "joined"),
    [
        ("the nine-", "teenth century", "the nineteenth century"),
        ("the Stra-", "ßenbahn runs", "the Straßenbahn runs"),
        ("the Nord-", "Süd line runs", "the Nord-Süd line runs"),
        ("a vitamin B-", "12 deficiency", "a vitamin B-12 deficiency"),
        ("Vor-", "und Nachteile", "Vor- und Nachteile"),
        ("Kosten von 3-", "fach", "Kosten von 3- fach"),
    ],
)
def test_hyphens_at_line_ends(end: str, start: str, joined: str) -> None:
    lead = "It was said by all of them, and written down in their books,"
    text = text_of(put(lead, f"{lead} {end}"[-len(lead) :], f"{start} as before."))
    assert f"{joined} as before." in text


def test_a_paragraph_over_a_page_break_belongs_to_the_page_where_it_begins() -> None:
    document = read(
        pdf(put(*BIRDS) + put(*RIVER[:2], top=100), put(*RIVER[2:]) + put(*BIRDS, top=650))
    )
    assert " ".join(RIVER) in document.text
    assert places(document) == [("page 1", "Birds"), ("page 2", "Birds")]
    assert document.places[0].start == 0


def test_pages_are_numbered_as_in_the_file_and_empty_ones_are_left_out() -> None:
    assert places(read(pdf([], put(*RIVER), [], put(*BIRDS)))) == [
        ("page 2", "The"),
        ("page 4", "Birds"),
    ]


def test_running_heads_and_page_numbers_are_left_out() -> None:
    def page(number: int, lines: list[str]) -> list[Text]:
        head = put("River report", top=760) + put(f"Chapter {number % 2}", left=400, top=760)
        return [*head, *put(*lines, top=600), *put(f"- {number} -", left=300, top=40)]

    text = text_of(page(7, RIVER), page(8, BIRDS), page(9, RIVER), page(10, BIRDS))
    assert "River report" not in text
    assert "Chapter" not in text
    assert not re.search(r"\d", text)
    assert text.count("Birds have") == text.count("The river") == 2


def test_notes_and_numbers_at_the_edge_of_pages_are_not_taken_for_running_heads() -> None:
    pages = [put(*RIVER) + put(f"{n} A note on {n} {word}.", top=60, size=8)
             for n, word in enumerate(("cows", "eels", "geese"), 1)]  # fmt: skip
    text = text_of(*pages)
    assert all(note in text for note in ("1 A note on 1 cows", "2 A note on 2 eels", "3 A note on"))


def test_larger_type_is_a_heading_and_the_largest_on_the_first_page_the_title() -> None:
    page = put("The Mill Bridge report", size=22) + put("Floods", top=660, size=14)
    page += put(*RIVER, top=640) + put("Birds", top=590, bold=True) + put(*BIRDS, top=578)
    text = text_of(page, put("Costs", size=24) + put(*RIVER, top=660))
    assert re.findall(r"^#+ .*", text, re.M) == [
        "# The Mill Bridge report",
        "## Floods",
        "### Birds",
        "## Costs",
    ]
    assert f"### Birds\n\n{BIRDS[0]}" in text


def test_a_long_paragraph_in_larger_type_is_no_heading() -> None:
    assert "#" not in text_of(put(*RIVER, size=14) + put(*BIRDS, *BIRDS, top=600))


def test_items_stand_on_lines_of_their_own() -> None:
    page = put("Bring these things along:") + put("•", top=680) + put(BIRDS[0], left=84, top=680)
    page += put("like all of us.", left=84, top=668) + put("• Two boots", top=656)
    page += put("1. Open the tap", "2. Close the tap", "a) slowly", top=630)
    assert text_of(page) == (
        f"Bring these things along:\n\n- {BIRDS[0]} like all of us.\n- Two boots\n"
        "1. Open the tap\n2. Close the tap\na) slowly\n"
    )


@pytest.mark.parametrize("by_row", [False, True])
def test_columns_are_read_one_after_the_other(by_row: bool) -> None:
    left = [
        "In the year 1901 the council of",
        "Mill Bridge had the river made",
        "straight, and the mill that had",
    ]
    left += ["stood at its bend since the time", "of the old kings was taken down."]
    right = [
        "Nobody asked the miller what he",
        "thought of it, nor the fishermen",
        "whose nets hung empty ever after",
    ]
    right += ["and who went to the sea, one by", "one, until only the old were left."]
    columns = put(*left, size=10, top=650) + put(*right, left=260, top=650)
    title = put("The river that was made straight by the council", size=16, left=80)
    if by_row:
        columns.sort(key=lambda text: -text[1])
    assert text_of(title + columns) == (
        f"# {title[0][3]}\n\n{' '.join(left)}\n\n{' '.join(right)}\n"
    )


def test_a_table_is_written_with_bars() -> None:
    rows = [("Model", "Load", "Price"), ("WX 1", "7 kg", "499"), ("WX 20", "8 kg", "1,599")]
    page = put(*RIVER)
    for n, row in enumerate(rows):
        for left, cell in zip((72, 200, 300), row, strict=True):
            page += put(cell, left=left, top=640 - 14 * n)
    page += put("with dryer", left=200, top=602)
    assert text_of(page + put(*BIRDS, top=550)) == (
        f"{' '.join(RIVER)}\n\n| Model | Load | Price |\n| --- | --- | --- |\n"
        f"| WX 1 | 7 kg | 499 |\n| WX 20 | 8 kg with dryer | 1,599 |\n\n{' '.join(BIRDS)}\n"
    )


def test_a_row_has_all_lines_of_its_cells() -> None:
    page: list[Text] = []
    for n, row in enumerate(("Risk", "R1", "R2")):
        top = 700 - 40 * n
        page += put(row, top=top) + put(f"It may {row}", "and then", left=120, top=top)
        page += put(f"Stop {row}", "at once", left=300, top=top)
    assert text_of(page) == (
        "| Risk | It may Risk and then | Stop Risk at once |\n| --- | --- | --- |\n"
        "| R1 | It may R1 and then | Stop R1 at once |\n"
        "| R2 | It may R2 and then | Stop R2 at once |\n"
    )


def test_the_lines_of_a_cell_may_stand_around_the_row() -> None:
    rows = [("Model", "Load", "Price"), ("WX 1", "7 kg", "499"), ("WX 2", "", "599")]
    page = put("8 kg", left=200, top=646) + put("with dryer", left=200, top=634)
    for n, row in enumerate([*rows, ("WX 33", "9 kg", "749")]):
        for left, cell in zip((72, 200, 300), row, strict=True):
            page += put(cell, left=left, top=700 - 30 * n) if cell else []
    text = text_of(page + put(*BIRDS, top=550))
    assert "| WX 1 | 7 kg | 499 |\n| WX 2 | 8 kg with dryer | 599 |\n| WX 33 |" in text


def test_a_page_that_is_turned_is_read_upright() -> None:
    page = [(800 - top, left, size, text, bold) for left, top, size, text, bold in put(*RIVER)]
    turned = pdf(page).replace(b" Td", b" Tm").replace(b" Tf ", b" Tf 0 1 -1 0 ")
    assert read(turned).text == f"{' '.join(RIVER)}\n"


def test_the_mark_of_a_note_stays_raised() -> None:
    page = [*put("It cost 100"), (118.3, 704, 6, "2", False), *put("euros.", left=125)]
    assert text_of(page).startswith("It cost 100² euros.")


def test_metadata_is_what_looks_like_words() -> None:
    page = put(*RIVER)
    said = read(pdf(page, info="/Title (The river) /Author (Ann Mill) /CreationDate (D:20240101)"))
    assert said.metadata == {"title": "The river", "author": "Ann Mill"}
    for title in ("Microsoft Word - river.doc", "river_v2", "river.indd", "untitled", "12"):
        assert read(pdf(page, info=f"/Title ({title}) /Author (amill)")).metadata == {}


def test_letters_of_several_languages() -> None:
    document = read((FILES / "languages.pdf").read_bytes())
    assert "Für die Straße über den Fluss zahlt die Gemeinde 3,5 Millionen Euro." in document.text
    assert "Zażółć gęślą jaźń: szkoła w Łodzi zaprasza rodziców na zebranie o" in document.text
    assert "собрание, которое пройдёт в спортивном зале десятого мая." in document.text
    assert [place.label for place in document.places] == ["page 1", "page 2", "page 3"]
    assert document.metadata["author"] == "Anna Wiśniewska"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pdf([], []), "scan.*OCR"),
        ((FILES / "encrypted.pdf").read_bytes(), "password"),
        ((FILES / "languages.pdf").read_bytes()[:2000], "damaged"),
        (b"%PDF-1.7\n", "damaged"),
        (b"", "damaged"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        read(data)
