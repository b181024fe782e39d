"""Which blocks of a text are the article and which are page furniture.

Whole blocks are kept or dropped; the characters of a kept block are never edited. The rules are
about form (a block's length, its end, its place on the page, its repetition) and about the
vocabulary of web pages (cookies, subscriptions, reuse terms), in the spirit of jusText
(Pomikálek, "Removing Boilerplate and Duplicate Content from Web Corpora", 2011): short blocks
are judged by what they say and by where they stand, long ones by what they are about.
"""

import re
from collections.abc import Iterator

from ingest.types import Block, BlockKind, Span

_BLANK_LINE = re.compile(r"(?:\r\n|\n|\r)(?:[^\S\r\n]*(?:\r\n|\n|\r))+")
_LINE = re.compile(r"[^\r\n]+")
_ITEM = re.compile(r"\s*(?:[•▪◦‣·*+–-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]*_]*$|[.!?][\"'”’»)\]]*\[\d+\]$")
_CREDIT = re.compile(
    r"(?:text|words|translated|written|edited|compiled|reported|reporting|interview)\s+by\s", re.I
)
_MAX_HEADING_WORDS = 20
_WORDS_A_MENTION = 40
"""A paragraph of the small print names one of its subjects every so many words, or oftener."""

# A block that is nothing but a control, a label or an invitation of the page around the article.
_CONTROL = re.compile(
    r"""(?:
      (?:back\ to|go\ to|top\ of|bottom\ of|end\ of)\ (?:the\ )?(?:top|page|main\ page|home|start)
    | (?:skip|jump)\ to\ (?:main\ |the\ )?(?:content|navigation).*
    | (?:main\ |toggle\ |open\ |close\ )?(?:menu|navigation|sidebar|search)
    | home(?:page)?|log\ ?in|sign\ in|register|log\ ?out|my\ account|contact(?:\ us)?|about(?:\ us)?
    | text\ (?:re)?size.*|font\ size.*|change\ contrast|high\ contrast.*|print(?:\ this.*)?
    | (?:share|tweet|e-?mail|pin|like)(?:\ (?:this|on|via|with)\b.*)?|(?:copy|get)\ link
    | (?:more|also)\ (?:in|from|on)\ .*|read\ (?:more|also|next).*|see\ also.*|view\ (?:more|all).*
    | (?:related|recommended|similar|popular|recent|latest|trending|most\ read)\b.*
    | you\ (?:may|might)\ also\ (?:like|be\ interested).*
    | (?:tags?|categor(?:y|ies)|topics?|filed\ under|keywords?)\s*:.*
    | support\ (?:us|our\b.*)|donate(?:\ now|\ today)?|become\ a\ (?:member|patron|supporter)
    | (?:subscribe|sign\ up|follow\ us|join\ us)\b.*|newsletter
    | advert(?:isement|ising)?|sponsored(?:\ content|\ by.*)?|ad
    | (?:leave\ a\ |post\ a\ |add\ a\ )?(?:reply|comments?)|\d+\ comments?|comments\ are\ closed.*
    | (?:save|manage|change|accept|reject|cookies?|privacy)\ (?:all\ |cookies?\ )?
      (?:settings|preferences|cookies?|all|policy)
    | privacy\ &\ cookies?\ policy|terms\ (?:of|and)\ (?:use|service|conditions)
    | (?:prev(?:ious)?|next)(?:\ (?:article|post|page|story))?|loading.*
    | (?:all\ rights\ reserved\b|©|\(c\)\ (?=\d{4})|copyright\b).{0,80}
    | (?:original\ article|source|photo|image|video|credits?|caption)s?\s*:
    )\.?""",
    re.I | re.X,
)

# Subjects of the small print. Two of them in one block and it is about the site, not the story.
_SITE_SUBJECTS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\bcookies?\b",
        r"\bprivacy\b|\bpersonal data\b|\bgdpr\b|\bRODO\b|\bprywatności\b|\bdatenschutz",
        r"\bterms of (?:use|service)\b|\bterms and conditions\b|\blegal notice\b|\bimpressum\b",
        r"©|\bcopyright|\ball rights reserved\b",
        r"\bwithout (?:\w+ )?(?:permission|consent)\b|\borigin is credited\b",
        r"\bmay (?:not )?be (?:disseminated|reproduced|republished|reprinted|used|copied)\b",
        r"\bdonat(?:e|ions?)\b|\bdonors?\b",
        r"\bsupport (?:us|our|of our)\b",
        r"\bsubscri(?:be|ption)|\bnewsletter\b|\bsign up\b",
        r"\bsocial media (?:features|channels)\b|\bfollow us\b",
        r"\banaly[sz]e our traffic\b|\badvertising\b|\bpersonali[sz]e\b",
        r"\b(?:our|this|use of the) (?:web)?site\b|\bdear readers?\b|\bour readers\b",
        r"\bcookies? settings\b|\bsettings\b",
    )
)
_CAPTION = re.compile(
    r"(?:^|[.!?)”\"]\s+|\|\s*)(?:source|photo|image|foto|picture|credit)s?(?: credit| by)?\s*:"
    r".{0,80}$|\((?:photo|image|credit|source)\b[^)]*\)\.?$|\bgetty images\b.{0,40}$",
    re.I,
)


def find_blocks(text: str) -> list[Block]:
    """Cut a text at blank lines, list items and headings, and say what each block is."""
    spans = list(_join_broken_paragraphs(text, list(_cut(text))))
    kinds = [_kind(text[start:end]) for start, end in spans]
    _drop_small_print(text, spans, kinds)
    _drop_repeated_captions(text, spans, kinds)
    if not {BlockKind.TEXT, BlockKind.ITEM}.intersection(kinds):  # a note, a poem, a list of lines
        kinds = [BlockKind.TEXT] * len(spans)
    return [Block(*span, kind) for span, kind in zip(spans, kinds, strict=True)]


def _trim(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


def _cut(text: str) -> Iterator[Span]:
    start = 0
    for blank in [*_BLANK_LINE.finditer(text), None]:
        end = blank.start() if blank else len(text)
        yield from _cut_lines(text, start, end)
        start = blank.end() if blank else end


def _cut_lines(text: str, start: int, end: int) -> Iterator[Span]:
    lines = [_trim(text, *match.span()) for match in _LINE.finditer(text, start, end)]
    lines = [line for line in lines if line.start < line.end]
    apart = len(lines) > 1 and all(_is_heading(text[line.start : line.end]) for line in lines)
    first = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or apart or _starts_block(text, lines[number - 1], lines[number]):
            yield Span(lines[first].start, lines[number - 1].end)
            first = number


def _starts_block(text: str, previous: Span, line: Span) -> bool:
    here, before = text[line.start : line.end], text[previous.start : previous.end]
    return bool(
        _ITEM.match(here)
        or _MARKDOWN_HEADING.match(here)
        or _MARKDOWN_HEADING.match(before)
        or _CONTROL.fullmatch(before)
        or _CONTROL.fullmatch(here)
        or _repeats(before, here)
    )


def _join_broken_paragraphs(text: str, spans: list[Span]) -> Iterator[Span]:
    """A block that stops in mid-sentence goes on in the next one that starts in lower case."""
    pending: Span | None = None
    for span in spans:
        if pending is None:
            pending = span
            continue
        before = text[pending.start : pending.end]
        broken = len(before.split()) > _MAX_HEADING_WORDS and not _SENTENCE_END.search(before)
        if broken and text[span.start].islower():
            pending = Span(pending.start, span.end)
        else:
            yield pending
            pending = span
    if pending is not None:
        yield pending


def _is_heading(block: str) -> bool:
    if _MARKDOWN_HEADING.match(block):
        return True
    short = len(block.split()) <= _MAX_HEADING_WORDS and len(block) <= 200 and "\n" not in block
    question = block.rstrip().endswith("?") and not re.search(r"[.!?]\s", block)
    return short and (question or not _SENTENCE_END.search(block))


def _kind(block: str) -> BlockKind:
    caption = len(block.split()) <= 2 * _MAX_HEADING_WORDS and _CAPTION.search(block)
    if _CONTROL.fullmatch(block) or caption or not re.search(r"\w", block):
        return BlockKind.FURNITURE
    if _ITEM.match(block):
        return BlockKind.ITEM
    if _is_heading(block) and not _CREDIT.match(block):
        return BlockKind.HEADING
    return BlockKind.TEXT


def _drop_small_print(text: str, spans: list[Span], kinds: list[BlockKind]) -> None:
    """Drop what is about the site: anywhere above the story, and below its last paragraph."""
    for order in (range(len(spans)), range(len(spans) - 1, -1, -1)):
        for number in order:
            block = text[spans[number].start : spans[number].end]
            if _is_small_print(block):
                kinds[number] = BlockKind.FURNITURE
            elif kinds[number] is BlockKind.TEXT and not (
                _site_mentions(block) or _CREDIT.match(block)
            ):
                break
    # Labels that stand after the last paragraph head nothing.
    for number in range(len(spans) - 1, -1, -1):
        if kinds[number] is BlockKind.HEADING and number > 0:
            kinds[number] = BlockKind.FURNITURE
        elif kinds[number] is not BlockKind.FURNITURE:
            break


def _site_mentions(block: str) -> list[int]:
    """Return how often each subject of the small print is mentioned, of those that are."""
    counts = (len(subject.findall(block)) for subject in _SITE_SUBJECTS)
    return [count for count in counts if count]


def _is_small_print(block: str) -> bool:
    """Whether a block is about the site: two subjects, and little else between them."""
    mentions = _site_mentions(block)
    return len(mentions) >= 2 and len(block.split()) <= sum(mentions) * _WORDS_A_MENTION


def _drop_repeated_captions(text: str, spans: list[Span], kinds: list[BlockKind]) -> None:
    """A picture leaves its alternative text and, on the next line, the caption repeating it."""
    for number in range(1, len(spans)):
        before, here = spans[number - 1], spans[number]
        gap = text[before.end : here.start]
        if gap.count("\n") <= 1 and _repeats(text[slice(*before)], text[slice(*here)]):
            kinds[number - 1] = kinds[number] = BlockKind.FURNITURE


def _repeats(label: str, caption: str) -> bool:
    words = re.findall(r"\w+", label.lower())
    repeated = re.findall(r"\w+", caption.lower())
    both_short = 2 <= len(words) <= _MAX_HEADING_WORDS >= len(repeated) - len(words)
    finished = re.search(r"[.!?…][\"”’»)]*$", caption)
    return both_short and not finished and set(repeated).issuperset(words)
