"""Which sentences are another's words, and which sentence says whose.

Told by quotation marks: a sentence that lies wholly inside needs the one with words outside.
"""

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

from ingest.lines import introduces, length_in_words
from ingest.types import Span

STRAIGHT = '"'
SPEECH = 12
"""Characters up to which a quotation is a name or a title."""
ATTRIBUTION_WORDS = 10
"""Words up to which a sentence right after a quotation says whose it is."""
UNCASED_NAMELESS = 4
"""Characters beside a quotation that hold no name, in scripts without capitals: “她说：”."""

_CLOSES = {
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "”": "”",
    '"': '"',
    "「": "」",
    "『": "』",
    "《": "",
}
_MARK = re.compile('[“”„«»"「」『』]')


class Said(NamedTuple):
    """A sentence, what of it stands outside quotation marks, and how much inside."""

    span: Span
    outside: str
    inside: int
    begins_inside: bool
    ends_inside: bool

    @property
    def is_quoted(self) -> bool:
        """Whether it lies wholly inside a quotation."""
        return self.inside > 0 and not any(map(str.isalnum, self.outside))


def find_quotations(text: str, start: int, end: int) -> list[Span]:
    """Return the quotations of a paragraph; one not closed counts if it began the paragraph."""
    found: list[Span] = []
    opened, depth, closers = -1, 0, ""
    for match in _MARK.finditer(text, start, end):
        mark, opens = match.group(), _opens(text, match.start(), match.group())
        if opened < 0:
            if opens:
                opened, depth, closers = match.start(), 1, _CLOSES.get(mark, "")
        elif mark in closers and not (mark == STRAIGHT and opens):
            depth -= 1
            if depth == 0:
                found.append(Span(opened, match.end()))
                opened = -1
        elif mark == STRAIGHT and closers == STRAIGHT:
            depth += 1
    if opened >= 0 and opened - start <= 2:
        found.append(Span(opened, end))
    return found


def _opens(text: str, place: int, mark: str) -> bool:
    """Whether a mark opens a quotation: one that may also close, only where a word begins."""
    if mark in "」』":
        return False
    if mark not in '"”»':
        return True
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return (not before or before.isspace() or before in "([—–-/") and after.strip() != ""


def read_sentences(text: str, spans: Sequence[Span], quotations: Sequence[Span]) -> list[Said]:
    """Return what of each sentence stands outside quotations; both are in the text's order."""
    found: list[Said] = []
    first = 0
    for span in spans:
        while first < len(quotations) and quotations[first].end <= span.start:
            first += 1
        outside, inside, place, number = "", 0, span.start, first
        while number < len(quotations) and quotations[number].start < span.end:
            quotation = quotations[number]
            outside += text[place : max(place, quotation.start)]
            inside += min(quotation.end, span.end) - max(quotation.start, span.start)
            place = max(place, quotation.end)
            number += 1
        outside += text[place : span.end]
        over = [q for q in quotations[first:number] if q.start < span.start]
        ends = bool(number > first and quotations[number - 1].end > span.end)
        found.append(Said(span, outside, inside, bool(over), ends))
    return found


def attributions(
    sentences: Sequence[Said], before: Span | None, names: Container[str]
) -> list[Span | None]:
    """Return, for each sentence of a paragraph, the one that says whose words it quotes.

    `before` is the sentence that said so last, before the paragraph. A sentence whose own words
    name no one (“…,” she added.) needs the one that stands before it.
    """
    found: list[Span | None] = []
    quoted = [said.is_quoted for said in sentences]
    for number, (first, last) in enumerate(_runs(sentences, quoted)):
        said = sentences[number]
        if quoted[number]:
            found.append(_speaker(sentences, first, last, before))
        elif said.inside > max(SPEECH, len(said.outside.strip())) and is_nameless(
            said.outside, names
        ):
            found.append(sentences[number - 1].span if number else before)
        else:
            found.append(None)
    return found


def _runs(sentences: Sequence[Said], quoted: Sequence[bool]) -> list[tuple[int, int]]:
    """Return, for each sentence, the first and the last one of the quotation that it is inside."""
    firsts, lasts = list(range(len(sentences))), list(range(len(sentences)))
    for number in range(1, len(sentences)):
        if quoted[number] and sentences[number].begins_inside:
            firsts[number] = firsts[number - 1]
    for number in reversed(range(len(sentences) - 1)):
        if quoted[number] and sentences[number].ends_inside:
            lasts[number] = lasts[number + 1]
    return list(zip(firsts, lasts, strict=True))


def _speaker(sentences: Sequence[Said], first: int, last: int, before: Span | None) -> Span | None:
    """Return the nearest sentence that speaks for a quotation: its first or last, or beside it."""
    if not sentences[first].is_quoted:
        return sentences[first].span
    if not sentences[last].is_quoted:
        return sentences[last].span
    following = sentences[last + 1] if last + 1 < len(sentences) else None
    short = (
        following
        and not following.inside
        and length_in_words(following.outside) <= ATTRIBUTION_WORDS
    )
    speaks = first > 0 and sentences[first - 1].inside > 0 and not sentences[first - 1].is_quoted
    if first and (speaks or introduces(sentences[first - 1].outside) or not short):
        return _outside(sentences, first - 1) or before
    return following.span if following and short else before


def _outside(sentences: Sequence[Said], number: int) -> Span | None:
    """Return the nearest sentence up to a number that has words of its own."""
    for said in reversed(sentences[max(0, number - 8) : number + 1]):
        if not said.is_quoted:
            return said.span
    return None


def is_nameless(outside: str, names: Container[str]) -> bool:
    """Whether words hold no capital letter, in a script that has them.

    The first word may have one, if it is not among the names that the document has elsewhere.
    """
    letters = outside.strip(" \n,.;:!?：，。–—-")
    if letters.lower() == letters.upper():
        return 0 < len(letters) <= UNCASED_NAMELESS
    return letters[1:] == letters[1:].lower() and letters.split()[0] not in names
