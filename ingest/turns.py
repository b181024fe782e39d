"""Who is speaking, where a document has turns: an interview, minutes, a log of messages."""

import re
from collections.abc import Sequence

from ingest.lines import asks, is_sentence
from ingest.types import Block, BlockKind, Span

LABEL = 40
"""Characters up to which a name and a colon are a speaker's label."""

_LABEL = re.compile(
    rf"(?:(?:\*\*|__)(?P<bold>[^\s:：*_][^:：*_\n]{{0,{LABEL}}}?)(?:(?:\*\*|__)\s?[:：]|[:：]\s?(?:\*\*|__))"
    rf"|(?P<plain>[^\s:：*_<>][^:：*_\n!?]{{0,{LABEL}}}?)\s?[:：]"
    r"|(?P<capital>[^\W\d_a-zа-я][^a-zа-я\n:.!?]{1,30}?)\s[—–-]"
    r"|<(?P<chat>[^<>\n]{1,30})>)(?=\s|[“\"「『]|[\u3000-\u9fff])"
)


def find_labels(text: str, blocks: Sequence[Block]) -> dict[int, Span]:
    """Return the labels of turns by the number of their block: “Anna Kowalska:”, “Q:”, “<ann>”.

    A label is one that stands there twice over sentences, or that answers the question of another.
    “Price: 5” over and over is none.
    """
    found: dict[int, tuple[str, Span]] = {}
    for number, block in enumerate(blocks):
        match = _LABEL.match(text, block.start, min(block.end, block.start + 80))
        if match and block.kind in (BlockKind.TEXT, BlockKind.HEADING, BlockKind.ITEM):
            found[number] = (_name(match), Span(block.start, match.end()))
    spoken = _spoken(text, blocks, found)
    return {number: span for number, (name, span) in found.items() if name in spoken}


def _spoken(text: str, blocks: Sequence[Block], found: dict[int, tuple[str, Span]]) -> set[str]:
    sentences: dict[str, list[bool]] = {}
    pairs: set[str] = set()
    before = ""
    for number, (name, span) in found.items():
        said = text[span.end : blocks[number].end].strip()
        sentences.setdefault(name, []).append(is_sentence(said) or said == "")
        if before and before != name and asks(_before(text, span.start)):
            pairs |= {before, name}
        before = name
    recurring = {
        name for name, ends in sentences.items() if len(ends) > 1 and sum(ends) >= len(ends) / 2
    }
    spoken = pairs if len(pairs) > 1 else set()
    return (
        recurring | spoken | ({n for n, e in sentences.items() if all(e)} if recurring else set())
    )


def _before(text: str, place: int) -> str:
    """Return the last words before a place."""
    return text[max(0, place - 200) : place].rstrip()[-24:]


def _name(match: re.Match[str]) -> str:
    name = next(value for value in match.groupdict().values() if value)
    return name.strip()
