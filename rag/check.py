"""A draft, held sentence by sentence against the library; it compares and never judges.

A sentence is `verbatim` where an article says it in these words, and `differs` where one says
nearly these words: then what differs is marked in both. For any other wording there is only what
stands `nearest`, to be read: a true paraphrase and a false one look alike to code.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from ingest.clean import find_blocks
from ingest.errors import BadInputError
from ingest.split import split_sentences
from ingest.types import BlockKind, Span
from ingest.words import fold
from rag.evidence import Evidence
from rag.types import Quote, tidy, whole

MAX_DRAFT = 20_000
"""Longest draft, in characters."""
TRIED = 12
"""How many of the nearest units each sentence is held against."""
SHOWN = 3
"""How many units are given to read where none has these words."""
MIN_WORDS = 3
"""A sentence of fewer words is a fragment."""
ALIKE = 0.6
"""Least share of words in common, in order (2 M / T of difflib), that makes a sentence one that
differs. `python -m evals.bench.check_threshold --data DIR` has the figures."""

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[.,]\d+)*")


class Finding(StrEnum):
    """How near the library comes to a sentence."""

    VERBATIM = "verbatim"
    DIFFERS = "differs"
    NEAREST = "nearest"
    NOTHING = "nothing"


class Kind(StrEnum):
    """What a difference is in, by its form."""

    NUMBER = "number"
    NAME = "name"
    WORD = "word"


class Difference(BaseModel):
    """Words that differ: a range of the draft, one of the quote; None where one side has none."""

    kind: Kind
    draft: tuple[int, int] | None
    quote: tuple[int, int] | None
    said: str
    quoted: str


class CheckedSentence(BaseModel):
    """A sentence of the draft, `draft[start:end]`, with the quotes that come nearest, best first.

    `differences` are those from the first quote, `score` is the share of words in common.
    """

    text: str
    start: int
    end: int
    finding: Finding
    score: float
    differences: tuple[Difference, ...] = ()
    quotes: tuple[Quote, ...] = ()


class SkippedText(BaseModel):
    """A part of the draft, `draft[start:end]`, that states nothing, and what it is."""

    text: str
    start: int
    end: int
    why: str


class Check(BaseModel):
    """Whether every sentence of a draft is verbatim, and what each was held against."""

    verbatim: bool
    sentences: list[CheckedSentence]
    skipped: list[SkippedText]


class Finder(Protocol):
    """Finds the units of a library that come nearest to a text."""

    def near(self, text: str, limit: int) -> Sequence[Evidence]:
        """Return units, nearest first."""


class _Token(NamedTuple):
    word: str
    start: int
    end: int


class _Match(NamedTuple):
    score: float
    quote: Quote
    matcher: SequenceMatcher[str]


class Checker:
    """Checks drafts against one library."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def check(self, draft: str) -> Check:
        """Check every sentence of a draft.

        Raises:
            BadInputError: the draft is empty, too long, or has no sentence that states anything.
        """
        parts = list(split_draft(check_draft(draft)))
        skipped = [part for part in parts if isinstance(part, SkippedText)]
        sentences = [self._look_up(draft, part) for part in parts if isinstance(part, Span)]
        if not sentences:
            raise BadInputError(
                "The draft has no sentence to check, only headings, questions and fragments."
            )
        verbatim = all(item.finding is Finding.VERBATIM for item in sentences)
        return Check(verbatim=verbatim, sentences=sentences, skipped=skipped)

    def _look_up(self, draft: str, span: Span) -> CheckedSentence:
        text = draft[span.start : span.end]
        tokens = _tokens(text)
        near = self._finder.near(text, TRIED)
        matches = [_match(tokens, Quote.of(item.article, item.span)) for item in near]
        matches.sort(key=lambda match: -match.score)
        best = matches[0] if matches else None
        finding, differences = Finding.NOTHING, tuple[Difference, ...]()
        if best and best.score == 1.0:
            finding = Finding.VERBATIM
        elif best and best.score >= ALIKE:
            finding = Finding.DIFFERS
            differences = tuple(_differences(draft, span.start, tokens, best))
        elif best:
            finding = Finding.NEAREST
        shown = matches[: SHOWN if finding is Finding.NEAREST else 1]
        return CheckedSentence(
            text=tidy(text),
            start=span.start,
            end=span.end,
            finding=finding,
            score=round(best.score, 4) if best else 0.0,
            differences=differences,
            quotes=tuple(dict.fromkeys(match.quote for match in shown)),
        )


def _match(tokens: Sequence[_Token], quote: Quote) -> _Match:
    other = _tokens(quote.quote)
    matcher = SequenceMatcher(
        None, [token.word for token in tokens], [token.word for token in other], autojunk=False
    )
    return _Match(matcher.ratio(), quote, matcher)


def _differences(
    draft: str, offset: int, tokens: Sequence[_Token], match: _Match
) -> Iterator[Difference]:
    other = _tokens(match.quote.quote)
    for tag, a, b, c, d in match.matcher.get_opcodes():
        if tag == "equal":
            continue
        said = (offset + tokens[a].start, offset + tokens[b - 1].end) if a < b else None
        quoted = (other[c].start, other[d - 1].end) if c < d else None
        words = draft[slice(*said)] if said else ""
        quoted_words = match.quote.quote[slice(*quoted)] if quoted else ""
        yield Difference(
            kind=_kind(words or quoted_words, first=a == 0 or c == 0),
            draft=said,
            quote=quoted,
            said=words,
            quoted=quoted_words,
        )


def _kind(words: str, *, first: bool) -> Kind:
    if any(map(str.isdigit, words)):
        return Kind.NUMBER
    return Kind.NAME if words[:1].isupper() and not first else Kind.WORD


def _tokens(text: str) -> list[_Token]:
    return [_Token(fold(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def check_draft(draft: str) -> str:
    """Return a usable draft as it is; raise BadInputError for any other."""
    if not draft.strip():
        raise BadInputError("The draft is empty. Write at least one sentence.")
    try:
        whole(draft)
    except ValueError as error:
        raise BadInputError(f"The draft cannot be read: {error}.") from None
    if len(draft) > MAX_DRAFT:
        raise BadInputError(
            f"The draft has {len(draft):,} characters, the limit is {MAX_DRAFT:,}. "
            "Check it in parts."
        )
    return draft


def split_draft(draft: str) -> Iterator[Span | SkippedText]:
    """Yield the sentences of a draft that state something, and everything else with what it is."""
    for block in find_blocks(draft):
        for span in split_sentences(draft, block.start, block.end):
            text = draft[span.start : span.end]
            why = _states_nothing(text, block.kind)
            if why:
                yield SkippedText(text=tidy(text), start=span.start, end=span.end, why=why)
            else:
                yield span


def _states_nothing(text: str, kind: BlockKind) -> str:
    if kind is BlockKind.HEADING:
        return "heading"
    if kind is BlockKind.FURNITURE:
        return "page furniture"
    if text.rstrip("”\"'»* ").endswith(("?", "？", "؟")):
        return "question"
    return "fragment" if len(_tokens(text)) < MIN_WORDS else ""
