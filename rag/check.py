"""A draft, checked sentence by sentence against the library.

A sentence is supported when the verdict says so of quotes that the retriever and the evidence
finder bring; it is contradicted when the nearest quote would support it but for a number, a date, a
name or a negation in which both differ; everything else is not in the corpus.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from pydantic import BaseModel

from ingest.clean import find_blocks
from ingest.errors import BadInputError
from ingest.library import Library
from ingest.split import split_sentences
from ingest.types import Article, BlockKind, Span
from ingest.words import words
from rag.compare import About, Difference
from rag.context import MIN_WORDS
from rag.evidence import EvidenceFinder
from rag.retrieve import Retriever
from rag.types import Quote
from rag.verdict import compare, default_model, judge, tidy

MAX_DRAFT = 20_000
"""Longest draft, in characters."""
TRIED = 8
"""How many of the best sentences of the library are tried for each sentence."""
TOGETHER = 2
"""How many of the best are tried together, where none does alone: of three, any has any word."""

_COMPARABLE = {About.NUMBER, About.DATE, About.NAME, About.NEGATION}


class Finding(StrEnum):
    """What the library says of a sentence."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NOT_IN_CORPUS = "not_in_corpus"


class CheckedSentence(BaseModel):
    """A sentence of the draft, `draft[start:end]`, and the quotes it was held against.

    The quotes are those that support it or contradict it, else the nearest; `reasons` say what
    differs.
    """

    text: str
    start: int
    end: int
    finding: Finding
    score: float
    reasons: tuple[str, ...]
    quotes: tuple[Quote, ...]


class SkippedText(BaseModel):
    """A part of the draft, `draft[start:end]`, that states nothing, and what it is."""

    text: str
    start: int
    end: int
    why: str


class Check(BaseModel):
    """Whether every sentence of a draft is supported, and what each stands on."""

    supported: bool
    sentences: list[CheckedSentence]
    skipped: list[SkippedText]


class Checker:
    """Checks drafts against one library."""

    def __init__(self, library: Library, retriever: Retriever, finder: EvidenceFinder) -> None:
        self._library = library
        self._retriever = retriever
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
        supported = all(item.finding is Finding.SUPPORTED for item in sentences)
        return Check(supported=supported, sentences=sentences, skipped=skipped)

    def _look_up(self, draft: str, span: Span) -> CheckedSentence:
        text = tidy(draft[span.start : span.end])
        finding, score, reasons, quotes = self._judge(text, self._sources(text))
        return CheckedSentence(
            text=text,
            start=span.start,
            end=span.end,
            finding=finding,
            score=round(score, 4),
            reasons=reasons,
            quotes=quotes,
        )

    def _sources(self, text: str) -> list[tuple[Quote, ...]]:
        """Return the quotes of the library's best sentences, each with its context."""
        found = self._finder.find(text, self._retriever.find(text)).candidates
        units = [candidate.unit for candidate in found[:TRIED]]
        return [tuple(Quote.of(unit.article, span) for span in unit.spans) for unit in units]

    def _judge(
        self, text: str, sources: Sequence[tuple[Quote, ...]]
    ) -> tuple[Finding, float, tuple[str, ...], tuple[Quote, ...]]:
        articles = {
            quote.article_id: self._library.article(quote.article_id)
            for quotes in sources
            for quote in quotes
        }
        for quotes in _alone_and_together(sources):
            verdict = judge(text, quotes, articles)
            if verdict.supported:
                return Finding.SUPPORTED, verdict.score, (), quotes
        against = [(contradiction(text, quotes, articles), quotes) for quotes in sources]
        found = [(score, differences, quotes) for (score, differences), quotes in against if score]
        if found:
            score, differences, quotes = max(found, key=lambda item: item[0])
            return Finding.CONTRADICTED, score, tuple(map(str, differences)), quotes
        if not sources:
            return Finding.NOT_IN_CORPUS, 0.0, ("the library has nothing near it",), ()
        verdicts = [(judge(text, quotes, articles), quotes) for quotes in sources]
        nearest, quotes = max(verdicts, key=lambda item: item[0].score)
        return Finding.NOT_IN_CORPUS, nearest.score, nearest.reasons, quotes


def contradiction(
    text: str, quotes: Sequence[Quote], articles: dict[str, Article]
) -> tuple[float, tuple[Difference, ...]]:
    """Return how near quotes come to a text that differs from them in a value or a negation.

    It is the verdict's score with the words that differ set aside; 0 where they differ otherwise,
    or where that score is under the verdict's threshold.
    """
    comparison = compare(text, quotes, articles)
    differences, model = comparison.differences, default_model()
    if not differences or not all(_is_comparable(item) for item in differences):
        return 0.0, ()
    aside = {word for item in differences if item.quoted for word in item.said.split()}
    score = model.score(comparison.features(aside))
    return (score, differences) if score >= model.threshold else (0.0, ())


def check_draft(draft: str) -> str:
    """Return a usable draft as it is; raise BadInputError for any other."""
    if not draft.strip():
        raise BadInputError("The draft is empty. Write at least one sentence.")
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
    if text.rstrip("”\"'» ").endswith("?"):
        return "question"
    return "fragment" if len(words(text)) < MIN_WORDS else ""


def _is_comparable(difference: Difference) -> bool:
    negation = difference.about is About.NEGATION
    return negation or (difference.about in _COMPARABLE and difference.quoted is not None)


def _alone_and_together(sources: Sequence[tuple[Quote, ...]]) -> Iterator[tuple[Quote, ...]]:
    yield from sources
    yield tuple(dict.fromkeys(quote for quotes in sources[:TOGETHER] for quote in quotes))
