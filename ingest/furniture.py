"""Page furniture: menus, labels, captions. Told by form and place, and kept where in doubt.

What a block is about never counts: an article about cookies keeps every paragraph.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest import lines as form
from ingest.byline import find_name
from ingest.parts import Part
from ingest.types import BlockKind

LABEL_WORDS = 4
"""Words up to which a line below the last paragraph is a label of the page."""
PARAGRAPH_WORDS = 25
ARTICLE_PARAGRAPHS = 2
"""A text without so many paragraphs of so many words is no article, and has no labels below it."""
ALIKE = 0.8
"""Part of a line's words that the caption below it repeats."""
FOOT = 0.6
"""The foot of a page is what stands after this part of it."""

_BAR = re.compile(r"[^|•·]{2,60}(?:\s[|•·]\s[^|•·]{2,200}){2,}$")
_COPYRIGHT = re.compile(r"©|\(c\)\s*\d{4}", re.I)
_CREDITED = re.compile(r"©\s?\S.{0,60}$")
_CREDIT = re.compile(r"[.!?)”\"]\s+[^\W\d_]+\s?:(?:\s.{1,80})?$|^\([^\W\d_]+\s?: .{1,80}\)$")
_LISTED = re.compile(r"[^:：]{2,30}[:：]\s(?=\D+$)\D+?,\s\D+?,\s\D+$")


def find_furniture(text: str, parts: Sequence[Part], head: int, title: int | None) -> set[int]:
    """Return the numbers of the parts that are furniture; the first `head` are over the body."""
    found = {number for number, part in enumerate(parts) if part.kind is BlockKind.FURNITURE}
    found.update(_menu(parts[:head], title))
    found.update(_repeated(parts))
    found.update(_captions(text, parts))
    found.update(_below(parts, head))
    return found - ({title} if title is not None else set())


def _menu(head: Sequence[Part], title: int | None) -> Iterator[int]:
    """Yield what stands over the title and is of the page.

    Lines in lower case (“back to top”), two or more short ones together, three in a row; none with
    digits.
    """
    over = [] if title is None else [n for n in range(title) if is_entry(head[n])]
    together = Counter(head[n].group for n in over)
    for number in over:
        in_menu = together[head[number].group] >= 2 or len(over) >= 3
        if head[number].text[0].islower() or in_menu:
            yield number


def is_entry(part: Part) -> bool:
    """Whether a line may be one of a menu: a few words, no digits, no end, no name."""
    few = form.length_in_words(part.text) <= LABEL_WORDS and not form.is_ended(part.text)
    plain = not any(map(str.isdigit, part.text)) and form.markdown_level(part.text) == 0
    line = part.lines == 1 and part.kind in (BlockKind.TEXT, BlockKind.HEADING)
    return few and plain and line and not find_name(part.text)


def _repeated(parts: Sequence[Part]) -> Iterator[int]:
    """Yield short lines that stand by themselves several times, with no other heading between.

    Those under different headings (“Strengths” of each product) are headings themselves.
    """
    seen: dict[str, list[int]] = {}
    for number, part in enumerate(parts):
        if part.kind is BlockKind.HEADING and not form.markdown_level(part.text) and part.level > 1:
            seen.setdefault(part.text, []).append(number)
    unique = sorted(places[0] for places in seen.values() if len(places) == 1)
    for places in seen.values():
        before = [bisect_left(unique, place) for place in places]
        if any(one == other for one, other in pairwise(before)):
            yield from places


def _captions(text: str, parts: Sequence[Part]) -> Iterator[int]:
    """Yield pictures' captions.

    One repeats the line over it, ends with “Name: value”, or is a line that ends with “© Name”.
    """
    for number, part in enumerate(parts):
        before = parts[number - 1] if number else None
        said = text[part.start : part.end]
        if len(said) > 300 or part.kind not in (BlockKind.TEXT, BlockKind.HEADING):
            continue
        if before and before.group == part.group and _repeats(before.text, said):
            yield from (number - 1, number)
        elif not form.is_sentence(said) and (
            (_CREDIT.search(said) and not form.is_keyed(said))
            or (_CREDITED.search(said) and _is_line(part))
        ):
            yield number


def _repeats(label: str, caption: str) -> bool:
    words = re.findall(r"\w+", label.lower())
    repeated = re.findall(r"\w+", caption.lower())
    both_short = 2 <= len(words) <= 20 >= len(repeated) - len(words)
    said = sum(word in repeated for word in words)
    return both_short and not form.is_sentence(caption) and said >= ALIKE * len(words)


def _below(parts: Sequence[Part], head: int) -> Iterator[int]:
    """Yield what stands below the last paragraph of an article: labels, and a page's foot."""
    foot = _foot(parts)
    if foot is not None:
        yield from range(foot, len(parts))
    long = sum(_is_paragraph(part) for part in parts[head:])
    if foot is None and long < ARTICLE_PARAGRAPHS:
        return
    last = (len(parts) if foot is None else foot) - 1
    labels = 0
    while last > head and (
        _is_label(parts[last])
        or (labels and _LISTED.match(parts[last].text))
        or (foot is not None and _is_link(parts, last))
    ):
        labels += 1
        yield last
        last -= 1


def _foot(parts: Sequence[Part]) -> int | None:
    """Return where the foot of a page begins: a bar of links or a ©, if such or a label is last."""
    if not parts or not (_is_label(parts[-1]) or _is_foot(parts[-1])):
        return None
    return next((n for n in range(int(len(parts) * FOOT), len(parts)) if _is_foot(parts[n])), None)


def _is_foot(part: Part) -> bool:
    return _is_line(part) and bool(_BAR.match(part.text[:400]) or _COPYRIGHT.match(part.text))


def _is_line(part: Part) -> bool:
    """Whether a part is a line of its own that no Markdown marks."""
    alone = part.kind in (BlockKind.TEXT, BlockKind.HEADING) and part.lines == 1
    return alone and form.markdown_level(part.text) == 0


def _is_link(parts: Sequence[Part], number: int) -> bool:
    """Whether a line over the foot of a page is one of several together that lead to others."""
    part = parts[number]
    beside = [p for p in parts[max(0, number - 1) : number + 2] if p.group == part.group]
    return _is_line(part) and len(beside) > 1 and form.looks_like_heading(part.text)


def _is_paragraph(part: Part) -> bool:
    long = part.lines > 1 or form.length_in_words(part.text) >= PARAGRAPH_WORDS
    return part.is_text and long


def _is_label(part: Part) -> bool:
    """Whether a line is a label of the page, by its form; a person's name signs the text."""
    if part.kind is BlockKind.HEADING and form.markdown_level(part.text):
        return False
    return is_entry(part) and not form.is_keyed(part.text)
