"""HTML to Markdown: what a page shows, without marks of emphasis, targets of links and pictures.

The words are left as they are: nothing is escaped, and raised digits stay raised (10⁶ is not 106).
"""

import re

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from ingest.errors import UnreadableError

_HIDDEN = (
    "head, script, style, template, noscript, svg, iframe, object, audio, video, canvas, button, "
    "select, textarea, input, rt, rp, "
    "[hidden], [style*='display:none' i], [style*='display: none' i]"
)
_INLINE = (
    "abbr, acronym, b, bdi, bdo, big, cite, :not(pre) > code, data, dfn, em, font, i, ins, kbd, "
    "label, mark, nobr, output, ruby, samp, small, strong, sub, sup, time, tt, u, var, wbr"
)
_BLOCKS = (
    "address, aside, blockquote, center, details, dir, fieldset, figure, footer, form, header, "
    "hgroup, legend, main, nav, summary"
)
_RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_WIDEST = 50
"""Columns a cell may span."""
_UNSEEN = re.compile("[\u00ad\u2060\ufeff]")
_XHTML = re.compile(r"<html[^>]*\sxmlns=[\"']http://www\.w3\.org/1999/xhtml")
"""Its empty elements end with “/>”, which in HTML means nothing; its others have an end tag."""
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_TIDY = (
    (re.compile(r"[ \t]+$", re.M), ""),
    (re.compile(r"^---$", re.M), ""),  # a ruler
    (re.compile(r"(?<=[^\s|]) {2,}(?=[^|\n]*\|$)", re.M), " "),  # inside a cell
    (re.compile(r"\n{3,}"), "\n\n"),
)


def to_markdown(html: str) -> str:
    """Return HTML or XHTML as Markdown: `#` headings, `-` items, tables with bars and a header.

    Raises:
        UnreadableError: its elements are nested too deep.
    """
    try:
        soup = parse(f"<div>{html}</div>", "html.parser" if _XHTML.search(html[:2000]) else "lxml")
        show(soup)
        for tag in soup.select("a, span"):
            tag.unwrap()
        for tag in soup.select(_BLOCKS):
            tag.name = "div"
        soup.smooth()
        writer = MarkdownConverter(
            heading_style="atx",
            bullets="-",
            strip=["img"],
            escape_asterisks=False,
            escape_underscores=False,
            table_infer_header=True,
            wrap=True,  # at no width: white space is one space, and only <br> breaks a line
            wrap_width=None,
        )
        text = writer.convert_soup(soup)
    except RecursionError:
        raise UnreadableError("its HTML is nested too deep; save it as plain text") from None
    for pattern, tidy in _TIDY:
        text = pattern.sub(tidy, text)
    return text.strip()


def parse(html: str, parser: str) -> BeautifulSoup:
    """Parse HTML or XHTML, without the characters that only say where a word may be broken."""
    return BeautifulSoup(_UNSEEN.sub("", _DECLARATION.sub("", html, count=1)), parser)


def show(soup: BeautifulSoup) -> None:
    """Leave of a page what it shows, in few forms: no marks inside a line, rows with all cells."""
    for tag in soup.select(_HIDDEN):
        tag.decompose()
    for table in soup.select("table"):
        if _is_layout(table):
            _unfold(table)
        else:
            _fill(table)
    for definitions in soup.select("dl"):
        _list(soup, definitions)
    for tag in soup.select("sup"):
        if tag.get_text().translate(dict.fromkeys(_RAISED)) == "":
            tag.string = tag.get_text().translate(_RAISED)
    for tag in soup.select("q"):
        tag.insert(0, '"')
        tag.append('"')
        tag.unwrap()
    for tag in soup.select(_INLINE):
        tag.unwrap()
    for pre in soup.select("pre:not(:has(code), .code, pre pre)"):
        _break(soup, pre)
    soup.smooth()


def _is_layout(table: Tag) -> bool:
    """Whether a table only puts things beside each other: its cells hold blocks, or stand alone."""
    alone = all(len(row.select(":scope > :is(td, th)")) < 2 for row in table.select("tr"))
    blocks = table.select_one("table, :is(td, th) p + p, :is(td, th) :is(h1, h2, h3)")
    return alone or blocks is not None or table.get("role") in ("presentation", "none")


def _unfold(table: Tag) -> None:
    """Turn a table that lays out a page into blocks, one after the other."""
    for tag in table.select("thead, tbody, tfoot, tr, td, th, caption"):
        if tag.find_parent("table") is table:
            tag.name = "div"
    table.name = "div"


def _fill(table: Tag) -> None:
    """Repeat a cell in every row that it spans, so that each row says all; columns stay blank.

    The caption goes over the table.
    """
    for caption in table.select(":scope > caption"):
        caption.name = "p"
        table.insert_before(caption.extract())
    rows = table.select("tr")
    for number, row in enumerate(rows):
        for cell in row.select(":scope > :is(td, th)"):
            for _ in range(min(_count(cell, "colspan"), _WIDEST) - 1):
                cell.insert_after(Tag(name=cell.name))
        for column, cell in enumerate(row.select(":scope > :is(td, th)")):
            for below in rows[number + 1 : number + _count(cell, "rowspan")]:
                cells = below.select(":scope > :is(td, th)")
                if column < len(cells):
                    cells[column].insert_before(cell.__copy__())
                else:
                    below.append(cell.__copy__())


def _count(cell: Tag, name: str) -> int:
    """Take a span off a cell."""
    span = str(cell.attrs.pop(name, 1))
    return int(span) if span.isdecimal() else 1


def _list(soup: BeautifulSoup, definitions: Tag) -> None:
    """Make a list of definitions one of items: a term, and in the next line what it means."""
    item: Tag | None = None
    for tag in definitions.select("dt, dd"):
        if tag.find_parent("dl") is not definitions:
            continue
        if item is None or tag.name == "dt":
            item = tag.wrap(soup.new_tag("li"))
        else:
            item.extend([soup.new_tag("br"), tag.extract()])
        tag.unwrap()
    definitions.name = "ul"


def _break(soup: BeautifulSoup, pre: Tag) -> None:
    """Make paragraphs of preformatted text that is no code, with its lines as they are."""
    for chunk in re.split(r"\n[ \t]*\n", pre.get_text().replace("\r\n", "\n").strip("\n")):
        paragraph = soup.new_tag("p")
        for line in chunk.split("\n"):
            paragraph.extend([line, soup.new_tag("br")])
        pre.insert_before(paragraph)
    pre.decompose()
