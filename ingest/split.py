"""Sentences, and passages bounded in tokens, as offsets into the article's own text."""

import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nupunkt
import tiktoken

from ingest.types import Article, Passage, Span, Unit

PASSAGE_TOKENS = 300
"""Largest passage, in cl100k_base tokens. Recall@5 on the Chroma chunking set is .917 with it, .904
at 250 and .878 at 200; on SQuAD's pages .943 at 300, .945 at 250 and .934 at 200 (python -m
evals.bench.sweep). The embedding model reads the first 256 word pieces; BM25 reads all."""
OVERLAP_TOKENS = 50
"""How much of a passage the next one repeats, at most, in whole sentences."""

# nupunkt knows the terminals of European scripts; these are always an end (Unicode STerm).
_OTHER_TERMINALS = re.compile(r"[。！？｡．।॥؟۔]+[”’」』）)\"]*\s*(?=[^\s”’」』）)，、；,;])")
# Where nupunkt cuts and the form says that the sentence goes on: before a comma or a small letter,
# after a one- or two-digit ordinal ("3. März"), after a short word before a number ("Abs. 2"), after
# a short capitalised word that is no sentence ("Dra. Ruiz", "Ul. Długa").
_GOES_ON = re.compile(r"[”’»)\]]*\s*[,;:)]|[”’\"'»)]*\s*[a-zß-öø-ÿа-яёєіїґą-žα-ω]")
_ORDINAL = re.compile(r"(?:^|[\s(])\d{1,2}\.\s*$")
_NEXT_WORD = re.compile(r"\w+")
_SHORT_WORD = re.compile(r"(?:^|[\s(])[^\W\d_]{1,4}\.\s*$")
_SHORT_NAME = re.compile(r"(?:^|\s)[A-ZÀ-ÞА-ЯŁŚŻŹĆ]\w{0,3}\.\s*$")
_NUMBERED = re.compile(r"\W*\w+\W+\d+[.)]\W*$")


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
    return len(_encoding().encode_ordinary(text))


def split_sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Yield the sentences of `text[start:end]`, without the white space around them."""
    piece = text[start:end]
    spans: list[Span] = []
    for first, last in nupunkt.sentence_spans(piece, paragraph_breaks=False):
        if spans and _goes_on(piece, spans[-1], first):
            spans[-1] = Span(spans[-1].start, last)
        else:
            spans.append(Span(first, last))
    for span in spans:
        cuts = [match.end() for match in _OTHER_TERMINALS.finditer(piece, *span)]
        for first, last in zip([span.start, *cuts], [*cuts, span.end], strict=True):
            stripped = piece[first:last].strip()
            if stripped:
                offset = piece.index(stripped, first)
                yield Span(start + offset, start + offset + len(stripped))


def _goes_on(text: str, before: Span, cut: int) -> bool:
    """Whether a sentence goes on after a place where it was cut."""
    if _GOES_ON.match(text, cut):
        return True
    tail = text[max(before.start, cut - 12) : cut]
    following = text[cut : cut + 1]
    said = text[before.start : cut]
    if said.count("(") > said.count(")") and len(said) < 300:
        return True
    if _ORDINAL.search(tail) and following.isalpha():
        word = _NEXT_WORD.match(text, cut)
        return word is not None and not re.search(rf"\b{word.group().lower()}\b", text)
    if _SHORT_WORD.search(tail) and following.isdigit():
        return True
    if _NUMBERED.match(said):
        return True
    words = said.split()
    return len(words) <= 3 and bool(_SHORT_NAME.search(tail)) and following.isupper()


def split_passages(article: Article) -> list[Passage]:
    """Cut an article into passages of whole sentences, each at most `PASSAGE_TOKENS` long.

    Consecutive passages overlap by up to `OVERLAP_TOKENS`. A passage never spans dropped
    furniture. A single sentence over the limit is a passage of its own, cut where the limit falls.
    """
    about = ", ".join(filter(None, (article.metadata.title, article.metadata.published)))
    passages: list[Passage] = []
    for first, last in _windows(article):
        start, end = article.units[first].start, article.units[last].end
        headings = (article.text[a:b].strip("# ") for a, b in article.units[first].headings)
        header = " | ".join(filter(None, (about, *headings)))
        for span in _cut_to_limit(article.text, start, end):
            text = article.text[span.start : span.end]
            digest = hashlib.sha256(f"{header}\n{span.start}\n{text}".encode()).hexdigest()
            passages.append(
                Passage(
                    id=f"{article.id}:{len(passages)}:{digest[:16]}",
                    article_id=article.id,
                    number=len(passages),
                    start=span.start,
                    end=span.end,
                    first=first,
                    last=last,
                    tokens=count_tokens(text),
                    header=header,
                    text=text,
                )
            )
    return passages


def _windows(article: Article) -> Iterator[tuple[int, int]]:
    """Yield the first and last sentence of each passage."""
    for run in _unbroken_runs(article.units):
        sizes = {n: count_tokens(article.text[slice(*article.units[n][:2])]) + 1 for n in run}
        first, end = run.start, run.start
        while end < run.stop:
            total = sum(sizes[n] for n in range(first, end))
            while end < run.stop and (end == first or total + sizes[end] <= PASSAGE_TOKENS):
                total += sizes[end]
                end += 1
            yield first, end - 1
            first = _overlap_start(sizes, first, end, run.stop)


def _overlap_start(sizes: dict[int, int], first: int, end: int, stop: int) -> int:
    """Step back over whole sentences, as far as the next passage still takes a new one."""
    start, repeated = end, 0
    while end < stop and start - 1 > first and repeated + sizes[start - 1] <= OVERLAP_TOKENS:
        if repeated + sizes[start - 1] + sizes[end] > PASSAGE_TOKENS:
            break
        start -= 1
        repeated += sizes[start]
    return start


def _unbroken_runs(sentences: tuple[Unit, ...]) -> Iterator[range]:
    start = 0
    for number in range(1, len(sentences) + 1):
        if number == len(sentences) or sentences[number].block - sentences[number - 1].block > 1:
            yield range(start, number)
            start = number


def _cut_to_limit(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield `text[start:end]` whole, or in pieces cut at white space where it can be."""
    while count_tokens(text[start:end]) > PASSAGE_TOKENS * 1.1:
        length = end - start
        while count_tokens(text[start : start + length]) > PASSAGE_TOKENS:
            length = length * 9 // 10
        space = max(text.rfind(gap, start, start + length) for gap in " \n\t")
        cut = space if space > start else start + length
        piece = text[start:cut]
        if piece.strip():
            yield Span(start, start + len(piece.rstrip()))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if start < end:
        yield Span(start, end)
