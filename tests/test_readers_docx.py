from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from ingest.errors import UnreadableError
from ingest.readers.docx import read

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")

RELATIONSHIPS = f"""<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="a" Type="{OFFICE}/%s" Target="%s"/>
<Relationship Id="b" Type="{OFFICE}/%s" Target="%s"/>
</Relationships>"""
STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
    for key, name in {
        "Titel": "Title",
        "berschrift1": "heading 1",
        "berschrift2": "heading 2",
    }.items()
)
NUMBERING = "".join(
    f'<w:abstractNum w:abstractNumId="{n}">'
    + "".join(f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{form}"/></w:lvl>' for level in (0, 1))
    + f'</w:abstractNum><w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>'
    for n, form in ((1, "bullet"), (2, "decimal"))
)
CORE = (
    '<c:coreProperties xmlns:c="urn:c" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title> Hausordnung </dc:title><dc:creator>Józef Żak</dc:creator>"
    "<dc:description>Entwurf</dc:description></c:coreProperties>"
)


def xml(name: str, body: str) -> str:
    return f'<w:{name} xmlns:w="{WORD}">{body}</w:{name}>'


def docx(body: str, **parts: str) -> bytes:
    """Write a Word document of this body, with the parts of `word/` or `docProps/` given."""
    written = {
        "_rels/.rels": RELATIONSHIPS % ("officeDocument", "word/document.xml", "x", "x"),
        "word/_rels/document.xml.rels": RELATIONSHIPS
        % ("numbering", "numbering.xml", "footnotes", "footnotes.xml"),
        "word/document.xml": xml("document", f"<w:body>{body}</w:body>"),
        "word/styles.xml": xml("styles", STYLES),
        "word/numbering.xml": xml("numbering", NUMBERING),
        **{f"{'docProps' if name == 'core' else 'word'}/{name}.xml": parts[name] for name in parts},
    }
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in written.items():
            archive.writestr(name, content)
    return file.getvalue()


def p(text: str, style: str = "", listed: tuple[int, int] | None = None) -> str:
    """Return a paragraph; `listed` is the number of its list and its level."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if listed:
        number, level = listed
        properties += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"


def run(text: str, said: str = "t") -> str:
    return f'<w:r><w:{said} xml:space="preserve">{text}</w:{said}></w:r>'


def test_headings_and_paragraphs() -> None:
    body = p("Hausordnung", "Titel") + p("Öffnungszeiten", "berschrift1") + p("Um 7 Uhr.")
    body += p("Классы", "berschrift2") + p("Zażółć gęślą jaźń.")
    assert read(docx(body)).text.strip() == (
        "# Hausordnung\n\n# Öffnungszeiten\n\nUm 7 Uhr.\n\n## Классы\n\nZażółć gęślą jaźń."
    )


def test_lists_are_nested_and_numbered() -> None:
    items = p("Jacke", listed=(1, 0)) + p("Schuhe", listed=(1, 0)) + p("Stiefel", listed=(1, 1))
    steps = p("Eintreten", listed=(2, 0)) + p("Grüßen", listed=(2, 0))
    lines = read(docx(items + p("Dann:") + steps)).text.splitlines()
    assert [line for line in lines if line] == [
        "- Jacke",
        "- Schuhe",
        "  - Stiefel",
        "Dann:",
        "1. Eintreten",
        "2. Grüßen",
    ]


def test_the_first_row_of_a_table_is_its_header() -> None:
    rows = [("Klasse", "Raum"), ("1a", "12"), ("1b", "13")]
    table = "".join(
        "<w:tr>" + "".join(f"<w:tc>{p(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    assert read(docx(f"<w:tbl>{table}</w:tbl>")).text.strip() == (
        "| Klasse | Raum |\n| --- | --- |\n| 1a | 12 |\n| 1b | 13 |"
    )


def test_notes_stand_at_the_end() -> None:
    note = '<w:footnote w:id="2">' + p("Siehe Plan.") + "</w:footnote>"
    body = f'<w:p>{run("Drei Tage")}<w:r><w:footnoteReference w:id="2"/></w:r>{run(" frei.")}</w:p>'
    text = read(docx(body + p("Ende."), footnotes=xml("footnotes", note))).text
    assert text.strip() == "Drei Tage[1] frei.\n\nEnde.\n\n1. Siehe Plan."


def test_what_was_deleted_is_not_shown_and_what_was_inserted_is() -> None:
    deleted = f'<w:del w:id="1">{run("nie", "delText")}</w:del>'
    inserted = f'<w:ins w:id="2">{run("immer")}</w:ins>'
    text = read(docx(f"<w:p>{run('Es gilt ')}{deleted}{inserted}{run('.')}</w:p>")).text
    assert text.strip() == "Es gilt immer."


def test_metadata_is_title_and_author_alone() -> None:
    assert read(docx(p("Ja."), core=CORE)).metadata == {
        "title": "Hausordnung",
        "author": "Józef Żak",
    }
    assert read(docx(p("Ja."))).metadata == {}


def test_entities_are_not_resolved() -> None:
    entity = f"<!DOCTYPE x [<!ENTITY who 'Nobody'>]>{CORE.replace('Józef Żak', '&who;')}"
    assert "author" not in read(docx(p("Ja."), core=entity)).metadata


def test_a_document_that_unpacks_to_too_much_is_refused() -> None:
    bomb = docx(p("Ja."), large="x" * 100_000_000)
    assert len(bomb) < 1_000_000
    with pytest.raises(UnreadableError, match="limit is 100 MB"):
        read(bomb)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (OLE + bytes(600), r"\.doc\).*save it as \.docx"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (docx(p("Ja."))[:-200], "damaged"),
        (docx("<w:p>"), "damaged"),
        (docx("<w:p>").replace(b"word/document.xml", b"word/nocument.xml"), "damaged"),
        (b"Just text.", "damaged"),
        (b"", "damaged"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        read(data)
