"""Passages bounded in tokens, as offsets into the article's own text."""

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import tiktoken

from ingest.sentences import split_sentences
from ingest.types import Article, Passage, Span, Unit

__all__ = ["PASSAGE_TOKENS", "count_tokens", "split_passages", "split_sentences"]

PASSAGE_TOKENS = 300
"""Largest passage, in cl100k_base tokens. Recall@5 on the Chroma chunking set is .917 with it, .904
at 250 and .878 at 200; on SQuAD's pages .943 at 300, .945 at 250 and .934 at 200 (python -m
evals.bench.sweep). The embedding model reads the first 256 word pieces; BM25 reads all."""
OVERLAP_TOKENS = 50
"""How much of a passage the next one repeats, at most, in whole sentences."""

HEADER = 2000
"""Characters of a passage's header: every passage has it, and a title may be a whole page."""
SECTION_TOKENS = 150
"""A passage of so many tokens ends where a section does."""
PIECE = 1000
"""Characters of which tokens are counted at once: a word without end takes the tokenizer long."""


@cache
def _encoding() -> tiktoken.Encoding:
    """cl100k_base, from the copy that llama-index-core carries: nothing is fetched."""
    spec = importlib.util.find_spec("llama_index.core")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "_static" / "tiktoken_cache"
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(packaged))
    return tiktoken.get_encoding("cl100k_base")


def count_tokens(text: str) -> int:
    """Return the number of cl100k_base tokens of a text."""
    pieces = (text[n : n + PIECE] for n in range(0, len(text), PIECE))
    return sum(len(_encoding().encode_ordinary(piece)) for piece in pieces)


def split_passages(article: Article) -> list[Passage]:
    """Cut an article into passages of whole units, each at most `PASSAGE_TOKENS` long.

    Consecutive passages overlap by up to `OVERLAP_TOKENS`. A passage never spans dropped furniture,
    and ends with its section if it has `SECTION_TOKENS`. A single unit over the limit is a passage
    of its own, cut where the limit falls.
    """
    about = ", ".join(filter(None, (article.metadata.title, article.metadata.published)))
    passages: list[Passage] = []
    sizes = [count_tokens(article.text[unit.start : unit.end]) for unit in article.units]
    for first, last in _windows(article, sizes):
        start, end = article.units[first].start, article.units[last].end
        headings = (article.text[a:b].strip("#*_ ") for a, b in article.units[first].headings)
        header = " | ".join(filter(None, (about, *headings)))[:HEADER]
        single = first == last and sizes[first] > PASSAGE_TOKENS * 1.1
        for span in _cut_to_limit(article.text, start, end) if single else (Span(start, end),):
            passages.append(_passage(article, len(passages), span, (first, last), header))
    return passages


def _passage(
    article: Article, number: int, span: Span, units: tuple[int, int], header: str
) -> Passage:
    text = article.text[span.start : span.end]
    digest = hashlib.sha256(f"{header}\n{span.start}\n{text}".encode()).hexdigest()
    return Passage(
        id=f"{article.id}:{number}:{digest[:16]}",
        article_id=article.id,
        number=number,
        start=span.start,
        end=span.end,
        first=units[0],
        last=units[1],
        tokens=count_tokens(text),
        header=header,
        text=text,
    )


def _windows(article: Article, sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last unit of each passage."""
    for run in _unbroken_runs(article):
        first, end = run.start, run.start
        total = 0
        while end < run.stop:
            while end < run.stop and (
                end == first or total + _cost(article, sizes, end) <= PASSAGE_TOKENS
            ):
                if end > first and total >= SECTION_TOKENS and _new_section(article, end):
                    break
                total += _cost(article, sizes, end)
                end += 1
            yield first, end - 1
            first = end
            total = 0
            if end < run.stop and not _new_section(article, end):
                first, total = _overlap(article, sizes, end)


def _cost(article: Article, sizes: Sequence[int], number: int) -> int:
    """Return the tokens of a unit with those of the heading that stands before it."""
    heading = 0
    if number and _new_section(article, number) and article.units[number].headings:
        last = article.units[number].headings[-1]
        heading = count_tokens(article.text[last.start : last.end])
    return sizes[number] + heading + 1


def _new_section(article: Article, number: int) -> bool:
    return article.units[number].headings != article.units[number - 1].headings


def _overlap(article: Article, sizes: Sequence[int], end: int) -> tuple[int, int]:
    """Step back over whole units, as far as the next passage still takes a new one."""
    start, repeated = end, 0
    room = min(OVERLAP_TOKENS, PASSAGE_TOKENS - _cost(article, sizes, end))
    while (
        start > 0 and not _new_section(article, start) and repeated + sizes[start - 1] + 1 <= room
    ):
        start -= 1
        repeated += sizes[start] + 1
    return start, repeated


def _unbroken_runs(article: Article) -> Iterator[range]:
    """Yield the units between which stands nothing but headings and tables' headers."""
    units = article.units
    start = 0
    for number in range(1, len(units) + 1):
        if number == len(units) or _has_more(article, units[number - 1], units[number]):
            yield range(start, number)
            start = number


def _has_more(article: Article, before: Unit, unit: Unit) -> bool:
    """Whether furniture stands between two units."""
    known = sorted({*unit.headings, *unit.needs, Span(unit.start, unit.end)})
    place = before.end
    for span in known:
        if span.start >= place:
            if any(map(str.isalnum, article.text[place : span.start])):
                return True
            place = span.end
    return False


def _cut_to_limit(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield `text[start:end]` in pieces up to the limit, cut at white space where it can be."""
    while start < end:
        length = min(end - start, PASSAGE_TOKENS * 6)
        while length > 1 and count_tokens(text[start : start + length]) > PASSAGE_TOKENS:
            length = length * 9 // 10
        cut = start + length
        if cut < end:
            space = max(text.rfind(gap, start, cut) for gap in " \n\t")
            cut = space if space > start else cut
        piece = text[start:cut]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield Span(start + lead, start + len(piece.rstrip()))
        start = cut
