"""Which blocks a text has: paragraphs, headings, list items, table rows; and which are furniture.

Whole blocks are kept or dropped; the characters of a kept block are never edited. Everything is
told by form and place (length, end, repetition, what stands around it), never by subject.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from ingest import lines as form
from ingest.byline import find_author, find_credit, find_name, find_publication
from ingest.furniture import find_furniture, is_entry
from ingest.lines import Line, find_groups
from ingest.parts import Part
from ingest.tables import find_tables
from ingest.types import Block, BlockKind

FORM_LEVEL = 2
"""The level of a heading that nothing but its form marks; one right after it stands below it."""
BOLD_LEVEL = 6
LIST_OF_LINES = 3
"""So many short lines one after the other are no headings."""
TITLE_WORDS = 25
TITLE_LENGTH = 200
LABEL_WORDS = 4
"""Words up to which the line over the first paragraph is a heading, not a subtitle."""


def find_blocks(text: str) -> list[Block]:
    """Cut a text into paragraphs, headings, list items and table rows; say what is furniture."""
    parts = [part for n, group in enumerate(find_groups(text)) for part in _parts(group, n)]
    parts = _joined(text, _numbered(parts))
    head = _head(parts)
    if head == len(parts):  # a poem, a list of lines
        return [part.block(BlockKind.TEXT) for part in parts if form.has_words(part.text)]
    parts = _with_headings(parts, head)
    title = find_title(parts[:head], parts)
    parts = _with_title(parts, head, title)
    furniture = find_furniture(text, parts, head, title)
    return [
        part.block(BlockKind.FURNITURE if number in furniture else part.kind)
        for number, part in enumerate(parts)
    ]


# Lines to parts -------------------------------------------------------------------------------


def _parts(lines: Sequence[Line], group: int) -> Iterator[Part]:
    """Yield the parts of the lines that stand together."""
    tables = find_tables(lines)
    margin = max(line.width for line in lines)
    first = 0
    while first < len(lines):
        if first in tables:
            rows = tables[first]
            for row, line in zip(rows, lines[first : first + len(rows)], strict=True):
                yield Part(row.start, row.end, row.kind, 0, group, 1, line)
            first += len(rows)
            continue
        end = first + 1
        while end < len(lines) and end not in tables and _belongs(lines, first, end, margin):
            end += 1
        yield _part(lines[first:end], group)
        first = end


def _belongs(lines: Sequence[Line], first: int, number: int, margin: int) -> bool:
    """Whether a line belongs to the part that began with the line `first`."""
    head, before, line = lines[first], lines[number - 1], lines[number]
    if line.code or before.code or form.markdown_level(line.text) or form.markdown_level(head.text):
        return False
    if form.is_underline(line.text):
        return number == first + 1
    going_on = form.goes_on(before, line, margin)
    unfinished = going_on and not form.is_ended(before.text)
    if form.is_item(line.text) or form.is_timed(line.text) or form.is_keyed(line.text):
        return unfinished and not form.is_item(line.text)
    return going_on or (form.is_item(head.text) and line.indent > head.indent)


def _part(lines: Sequence[Line], group: int) -> Part:
    """Return lines as one part: a heading where Markdown says so, an item, or text."""
    head = lines[0]
    kind, level, end = BlockKind.TEXT, 0, lines[-1].end
    if head.code:
        fence = head.text.startswith(("```", "~~~"))
        kind = BlockKind.FURNITURE if fence else BlockKind.TEXT
    elif form.markdown_level(head.text):
        kind, level = BlockKind.HEADING, form.markdown_level(head.text)
    elif len(lines) == 2 and form.is_underline(lines[1].text) and form.is_short(head.text):
        kind, level, end = BlockKind.HEADING, 1 if "=" in lines[1].text else 2, head.end
    elif not any(form.has_words(line.text) for line in lines):
        kind = BlockKind.FURNITURE
    elif form.is_item(head.text):
        kind = BlockKind.ITEM
    elif len(lines) == 1 and form.is_bold(head.text) and not form.is_ended(head.text.strip("*_")):
        kind, level = BlockKind.HEADING, BOLD_LEVEL
    return Part(head.start, end, kind, level, group, len(lines), head)


def _numbered(parts: Sequence[Part]) -> list[Part]:
    """Take for text what begins with a number but is no item: no other one stands before or after.

    “3. März 2024 …” is a date.
    """
    numbers = {form.item_number(part.text) for part in parts if part.kind is BlockKind.ITEM}
    found = []
    for part in parts:
        number = form.item_number(part.text) if part.kind is BlockKind.ITEM else None
        alone = number is not None and not numbers.intersection((number - 1, number + 1))
        found.append(part._replace(kind=BlockKind.TEXT) if alone else part)
    return found


def _joined(text: str, parts: Sequence[Part]) -> list[Part]:
    """Join a paragraph that stops in mid-sentence with the next, if that goes on in lower case."""
    found: list[Part] = []
    for part in parts:
        before = found[-1] if found else None
        if before and before.kind is part.kind is BlockKind.TEXT and part.text[0].islower():
            said = text[max(before.start, before.end - 400) : before.end]
            if not form.is_short(said) and not form.is_ended(said) and not before.line.code:
                found[-1] = before._replace(end=part.end, lines=before.lines + part.lines)
                continue
        found.append(part)
    return found


# Headings and title ---------------------------------------------------------------------------


def _head(parts: Sequence[Part]) -> int:
    """Return the number of the first part that is no short line: the body begins there."""
    for kinds in (_is_body, _is_listed, _is_fact):
        for number, part in enumerate(parts):
            if kinds(part):
                return number
    return len(parts)


def _is_body(part: Part) -> bool:
    if part.kind in (BlockKind.ROW, BlockKind.HEADER) or (part.line.code and part.is_text):
        return True
    if part.kind not in (BlockKind.TEXT, BlockKind.ITEM) or form.markdown_level(part.text):
        return False
    words = form.length_in_words(part.text)
    if part.lines > 1 or words > TITLE_WORDS or len(part.text) > TITLE_LENGTH:
        return True
    return form.is_sentence(part.text) and words > 5 and not form.looks_like_heading(part.text)


def _is_listed(part: Part) -> bool:
    return part.kind is BlockKind.ITEM


def _is_fact(part: Part) -> bool:
    return part.is_text and form.is_keyed(part.text)


def _with_headings(parts: list[Part], head: int) -> list[Part]:
    """Find the headings that only their form marks; in a Markdown document there are none."""
    marked = sum(part.kind is BlockKind.HEADING and part.level < BOLD_LEVEL for part in parts)
    if marked >= 2:
        return parts
    found = list(parts)
    number = 0
    while number < len(parts):
        end = number
        while end < len(parts) and _may_head(parts, end):
            end += 1
        first = number if end - number < LIST_OF_LINES or end <= head else end - 1
        for place in range(first, end):
            if end < len(parts) or end <= head:
                level = _numbering(parts[place].text) or FORM_LEVEL + min(place - first, 1)
                found[place] = parts[place]._replace(kind=BlockKind.HEADING, level=level)
        number = max(end, number + 1)
    return found


def _may_head(parts: Sequence[Part], number: int) -> bool:
    """Whether a line has the form and place of a heading: alone, or over a long one."""
    part = parts[number]
    if part.kind is BlockKind.ITEM and not _heads_item(parts, number):
        return False
    if part.kind not in (BlockKind.TEXT, BlockKind.ITEM) or part.lines > 1 or part.line.code:
        return False
    said = (
        re.sub(r"^\(?[\w.]{1,6}[.)]\s+", "", part.text)
        if part.kind is BlockKind.ITEM
        else part.text
    )
    before = parts[number - 1] if number else None
    if not form.looks_like_heading(said) or find_publication(said) or find_credit(said):
        return False
    after = parts[number + 1] if number + 1 < len(parts) else None
    if before is not None and before.group == part.group:
        return False
    return after is None or after.group != part.group or _is_long(after)


def _is_long(part: Part) -> bool:
    """Whether a part is a paragraph, not one more short line of a poem or an address."""
    return part.kind is not BlockKind.TEXT or part.lines > 1 or part.line.width >= form.MARGIN


def _heads_item(parts: Sequence[Part], number: int) -> bool:
    """Whether a numbered line is a heading, “2. Methods”: alone, and text follows."""
    part = parts[number]
    if _numbering(part.text) == 0 or number + 1 == len(parts):
        return False
    before = parts[number - 1].kind if number else BlockKind.TEXT
    return before is not BlockKind.ITEM and parts[number + 1].kind is not BlockKind.ITEM


def _numbering(text: str) -> int:
    """Return the level that a heading's number gives it: “2.” is 2, “2.1” is 3; 0 without."""
    match = re.match(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s", text)
    return FORM_LEVEL + match.group(1).count(".") if match else 0


def find_title(head: Sequence[Part], parts: Sequence[Part]) -> int | None:
    """Return which part of the head is the title: a heading of Markdown, or a short line.

    A line is none that is a menu's, a date, a byline, begins with a small letter or has a colon
    after a word or two.
    """
    marked = [n for n, part in enumerate(head) if form.markdown_level(part.text) or part.level == 1]
    if marked:
        level = head[marked[0]].level
        alone = sum(part.level == level and part.kind is BlockKind.HEADING for part in parts) == 1
        return marked[0] if alone or level == 1 else None
    fit = [n for n, part in enumerate(head) if _may_title(part)]
    return fit[_menu_length(head, fit)] if fit else None


def _menu_length(head: Sequence[Part], fit: Sequence[int]) -> int:
    """Return how many of the lines that may be a title are the entries of a menu over it.

    Those that stand with others, none of them a byline, over a line that stands alone; or three or
    more in a row, of which the last is none: of a few words, without digits, and no one's name.
    """
    sizes = Counter(part.group for part in head)
    alone = [sizes[head[number].group] == 1 for number in fit]
    row = list(takewhile(lambda n: alone[n] == alone[0] and fit[n] == fit[0] + n, range(len(fit))))
    entries = len(list(takewhile(lambda n: is_entry(head[fit[n]]), row)))
    beside = [part.text for part in head if part.group == head[fit[0]].group]
    signed = any(find_author(line) or find_name(line) or find_publication(line) for line in beside)
    if not alone[0] and not signed and entries == len(row) < len(fit):
        return entries
    length = min(entries, len(row) - 1)
    return length if length >= LIST_OF_LINES else 0


def _may_title(part: Part) -> bool:
    said = part.text
    if part.kind not in (BlockKind.HEADING, BlockKind.TEXT) or part.lines > 1 or part.line.code:
        return False
    if (
        said[0].islower()
        or (form.is_ended(said) and not form.asks(said) and said[-1] not in "!！")
        or find_publication(said)
        or find_author(said)
    ):
        return False
    return not form.is_keyed(said) and not form.introduces(said)


def _with_title(parts: list[Part], head: int, title: int | None) -> list[Part]:
    """Mark the title, and take for text what else stands over the first paragraph.

    A subtitle, a date and a byline are text. The last line is a heading if it is numbered, a
    question or a label, and further headings follow.
    """
    found = list(parts)
    further = any(part.kind is BlockKind.HEADING for part in parts[head:])
    for number, part in enumerate(parts[:head]):
        if number == title:
            found[number] = part._replace(kind=BlockKind.HEADING, level=1)
        elif part.kind is BlockKind.HEADING and not form.markdown_level(part.text):
            label = (
                form.length_in_words(part.text) <= LABEL_WORDS
                and further
                and not find_name(part.text)
            )
            heads = _numbering(part.text) or form.asks(part.text) or label
            if title is None or number < title or number < head - 1 or not heads:
                found[number] = part._replace(kind=BlockKind.TEXT, level=0)
        elif part.is_text and number == head - 1 and _is_label(part) and title is not None:
            found[number] = part._replace(kind=BlockKind.HEADING, level=FORM_LEVEL)
    return found


def _is_label(part: Part) -> bool:
    """Whether a line with a colon over the first paragraph names no one: “Summary:”."""
    words = part.text.split()
    return (
        form.introduces(part.text)
        and len(words) <= 3
        and not any(w[0].isupper() for w in words[1:])
    )
