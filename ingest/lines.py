"""The lines of a text and their form: what can be told of a line by looking at it alone."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.types import Span

SHORT_WORDS = 15
SHORT_LENGTH = 110
SHORT_QUESTION = 20
"""Words up to which a question may be a heading."""
MARGIN = 55
"""Least width of lines that are broken at a margin, as in mail and printed text."""
WIDEST = 110
"""Wider lines are whole paragraphs."""
HEADING_LENGTH = 400
"""Characters up to which Markdown's `#` marks a heading; a longer line is a paragraph."""
FULL = 0.85
"""Part of the margin that a line must fill, with the word that did not fit, to be a broken one."""

_LINE = re.compile(r"[^\r\n]+")
_BREAK = re.compile(r"\r\n|\n|\r")
_FENCE = re.compile(r"```|~~~")
_NUMBER = r"(?P<number>\d{1,3})"
_ITEM = re.compile(
    rf"(?:[•▪◦‣·●○■*+–—-]|\(?{_NUMBER}[.)]|\d{{1,2}}(?:\.\d{{1,2}})+\.?|\(?[a-z][.)]|\([A-Z]\)|[A-Z]\)"
    r"|\(?[ivx]{2,4}[.)])\s+\S|(?:[（(]?[一二三四五六七八九十]{1,3}[、）.]|\d{1,2}、|[①-⑳])\s*\S"
)
_MARKDOWN = re.compile(r"(#{1,6})\s+\S")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,})$")
_BOLD = re.compile(r"(?:\*\*[^*\n]+\*\*|__[^_\n]+__)$")
_ENDED = re.compile(r"[.!?…。！？؟۔।:：;；][\s\"'“”’»)\]）」』*_]*$|[.!?][\"'”’»)\]]*\[\d+\]$")
_COLON = re.compile(r"[:：][\s\"'”*_]*$")
_QUESTION = re.compile(r"[?？؟][\s\"'”’»*_)」』]*$")
_KEYED = re.compile(
    r"(?:\*\*|__)?(?P<key>[^\s:：][^:：\n.!?]{0,40}?)\s?[:：](?:\*\*|__)?(?:\s+|(?<=：))(?!//)\S"
)
_TIMED = re.compile(r"\[?\d{1,2}[:.]\d\d(?::\d\d)?\]?\s+\S")
_ARTICLE = re.compile(r"\S+(?:\s\S+)?\s?\d+[a-z]?\.$|\d+(?:\.\d+)*\.$")
_LETTER = re.compile(r"[^\W\d_]")
_INNER_END = re.compile(r"[.!?]\s|[。！？]")


class Line(NamedTuple):
    """A line without the white space around it; `blank` lines stand before it."""

    start: int
    end: int
    indent: int
    blank: bool
    code: bool
    text: str

    @property
    def width(self) -> int:
        """Columns it takes; a character of Chinese or Japanese takes two."""
        return width(self.text)


def find_lines(text: str) -> Iterator[Line]:
    """Yield the lines that are not blank. Those of a fenced block of code are marked."""
    end, blank, code = 0, False, False
    for match in _LINE.finditer(text):
        said = match.group().strip()
        blank = blank or len(_BREAK.findall(text, end, match.start())) > 1
        end = match.end()
        if not said:
            blank = True
            continue
        indent = len(match.group()) - len(match.group().lstrip())
        start = match.start() + indent
        fence = bool(_FENCE.match(said))
        yield Line(start, start + len(said), indent, blank, code or fence, said)
        code, blank = code != fence, False


def find_groups(text: str) -> Iterator[list[Line]]:
    """Yield the lines that stand between blank lines."""
    group: list[Line] = []
    for line in find_lines(text):
        if line.blank and group:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def width(text: str) -> int:
    """Return the columns that a text takes."""
    return len(text) if text.isascii() else sum(2 if c > "\u2e80" else 1 for c in text)


def length_in_words(text: str) -> int:
    """Return the number of words, with two characters of an unspaced script for one."""
    words = len(text.split())
    return words if text.isascii() else max(words, sum(c > "\u2e80" for c in text) // 2)


def is_ended(text: str) -> bool:
    """Whether a text ends as a sentence does, or as an introduction: with a colon."""
    return _ENDED.search(text[-24:]) is not None


def is_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does, but not with a colon."""
    return is_ended(text) and not introduces(text)


def introduces(text: str) -> bool:
    """Whether a text ends with a colon."""
    return _COLON.search(text[-24:]) is not None


def asks(text: str) -> bool:
    """Whether a text ends with a question mark."""
    return _QUESTION.search(text[-24:]) is not None


def is_short(text: str) -> bool:
    """Whether a line may be a heading, a label or an entry of a menu by its length."""
    limit = SHORT_QUESTION if asks(text) else SHORT_WORDS
    return len(text) <= SHORT_LENGTH + 40 * asks(text) and length_in_words(text) <= limit


def is_keyed(text: str) -> bool:
    """Whether a line has the form “Key: value”."""
    match = _KEYED.match(text[:200])
    return match is not None and len(match["key"].split()) <= 5


def is_timed(text: str) -> bool:
    """Whether a line begins with a time of the day, as in a log of messages."""
    return _TIMED.match(text[:40]) is not None


def is_item(text: str) -> bool:
    """Whether a line begins as an item of a list does."""
    return _ITEM.match(text[:40]) is not None


def item_number(text: str) -> int | None:
    """Return the number of a numbered item."""
    match = _ITEM.match(text[:40])
    return int(match["number"]) if match and match["number"] else None


def markdown_level(text: str) -> int:
    """Return the level of a Markdown heading; 0 where a line is none."""
    match = _MARKDOWN.match(text[:40])
    return len(match.group(1)) if match and len(text) <= HEADING_LENGTH else 0


def is_underline(text: str) -> bool:
    """Whether a line underlines a heading."""
    return _UNDERLINE.match(text[:200]) is not None


def is_bold(text: str) -> bool:
    """Whether all of a line is bold, in Markdown."""
    return len(text) <= SHORT_LENGTH and _BOLD.match(text) is not None


def has_words(text: str) -> bool:
    """Whether a text has a letter or a digit."""
    return any(map(str.isalnum, text))


def looks_like_heading(text: str) -> bool:
    """Whether a line has a heading's form: short, with letters, and no end of a sentence.

    A question may be one, and the number of an article of law: “Art. 5.”
    """
    if not is_short(text) or not _LETTER.search(text) or is_keyed(text) or is_timed(text):
        return False
    if asks(text):
        return not _INNER_END.search(text.rstrip("?？؟*_ "))
    return not (is_ended(text) or text.endswith((",", "，", "、"))) or bool(_ARTICLE.match(text))


def goes_on(before: Line, line: Line, margin: int) -> bool:
    """Whether a line goes on with the sentence or paragraph of the one before it.

    Either that one is broken at the margin (the widest line of those together): the next word did
    not fit; or it stops in mid-sentence, and the next begins with a small letter.
    """
    if line.text[0].islower() and not is_ended(before.text) and before.width >= MARGIN - 10:
        return True
    first = line.text[:40].split()[0]
    return MARGIN <= margin <= WIDEST and before.width + 1 + width(first) >= FULL * margin


def span_of(lines: list[Line]) -> Span:
    """Return the place of lines that stand together."""
    return Span(lines[0].start, lines[-1].end)
