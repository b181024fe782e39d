"""Answers that come back from the browser: none is believed, each is checked against the library.

What is shown of them is what the library says today: quotes that stand in their articles,
statements that the verdict supports, and the words of a refusal that go with its reason.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.errors import BadInputError
from ingest.library import Library
from ingest.types import Span
from rag.copies import copies
from rag.engine import EXTRACTIVE, MAX_QUESTION
from rag.types import (
    Answer,
    Citation,
    Disagreement,
    Quote,
    Reason,
    Refusal,
    Statement,
    Verdict,
    refusal,
)
from rag.verify import (
    CitationStanding,
    SavedAnswer,
    SavedCitation,
    SavedStatement,
    Standing,
    read_answer,
    verify,
)
from ui.markup import Conversation, Exchange

MAX_ANSWERS = 100
"""How many answers of a conversation are restored, the latest."""
MAX_CHARACTERS = 1_000_000
"""Longest saved answer."""

UNREADABLE = "A saved answer cannot be read, so it is not shown."
_WITHHELD = {
    Standing.GONE: "A statement is not shown: its article is no longer in the library.",
    Standing.CHANGED: "A statement is not shown: its article has changed, and the text that it "
    "quotes is not kept.",
    Standing.MISQUOTED: "A statement is not shown: its quotes are not its article's words.",
    Standing.MISATTRIBUTED: "A statement is not shown: its article is named otherwise today.",
    Standing.HOLDS: "A statement is not shown: it is not whole sentences with what they need.",
}
_WORST = (
    Standing.MISQUOTED,
    Standing.MISATTRIBUTED,
    Standing.GONE,
    Standing.CHANGED,
    Standing.HOLDS,
)


class Entry(BaseModel):
    """What the browser kept of one answer: its JSON, under the key that it was given."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(pattern=r"^[0-9a-f-]{1,64}$")
    answer: str = Field(max_length=MAX_CHARACTERS)


class _Refused(BaseModel):
    reason: Reason
    missing: tuple[str, ...] = ()


class _Rest(BaseModel):
    """What a saved answer has beside its statements."""

    question: str = Field(max_length=MAX_QUESTION)
    rewritten: str | None = Field(None, max_length=MAX_QUESTION)
    refusal: _Refused | None = None
    disagreements: tuple[Disagreement, ...] = ()
    nearest: tuple[Quote, ...] = ()


def restore_all(data: object, library: Library) -> Conversation:
    """Return a conversation from what the browser kept of it; none from what is no such thing."""
    given = data.get("entries") if isinstance(data, dict) else None
    entries = [_entry(item) for item in given[-MAX_ANSWERS:]] if isinstance(given, list) else []
    return tuple(restore(entry, library) for entry in entries if entry)


def _entry(data: object) -> Entry | None:
    with suppress(ValidationError):
        return Entry.model_validate(data)
    return None


def restore(entry: Entry, library: Library) -> Exchange:
    """Return an exchange with what of its answer still holds, and what does not."""
    try:
        data = json.loads(entry.answer)
        saved, rest = read_answer(data), _Rest.model_validate(data)
        return _restored(entry.key, saved, rest, library)
    except (BadInputError, ValueError, RecursionError):
        return Exchange("…", key=entry.key, kept=True, lapses=(UNREADABLE,))


def _restored(key: str, saved: SavedAnswer, rest: _Rest, library: Library) -> Exchange:
    statements, lapses = list[Statement](), list[str]()
    for found in _checked(saved, library):
        if isinstance(found, Statement):
            statements.append(found)
        else:
            lapses.append(found)
    exchange = Exchange(rest.question, tuple(statements), key=key, kept=True, lapses=tuple(lapses))
    if lapses:
        return exchange
    answer = Answer(
        question=rest.question,
        rewritten=rest.rewritten,
        status="refused" if rest.refusal else "answered",
        engine=EXTRACTIVE,
        refusal=rest.refusal and _refusal(rest.refusal, rest.question),
        statements=tuple(statements),
        disagreements=_within(rest.disagreements, len(statements)),
        nearest=tuple(_standing(rest.nearest, library)),
    )
    return Exchange(rest.question, tuple(statements), answer, key=key, kept=True)


def _checked(saved: SavedAnswer, library: Library) -> Iterator[Statement | str]:
    """Yield each statement that may be shown, and why another may not, or what changed."""
    verified = verify(saved, library)
    standings = {item.number: item for item in verified.citations}
    cited = {item.number: item for item in saved.citations}
    for item, judged in zip(saved.statements, verified.statements, strict=True):
        own = [standings[number] for number in item.citations if number in standings]
        worst = next((bad for bad in _WORST if any(one.standing is bad for one in own)), None)
        shown = worst in (Standing.HOLDS, Standing.CHANGED) and all(one.kept for one in own)
        if not shown or not judged.verdict.supported:
            yield _WITHHELD[worst or Standing.HOLDS]
            continue
        yield from (_changed(one) for one in own if one.standing is Standing.CHANGED)
        yield _statement(item, cited, judged.verdict, library)


def _changed(standing: CitationStanding) -> str:
    now = "still stand in it" if standing.still_said else "no longer stand in it"
    return f"[{standing.number}] quotes an earlier text of its article; these words {now}."


def _statement(
    item: SavedStatement, cited: dict[int, SavedCitation], verdict: Verdict, library: Library
) -> Statement:
    """Make a statement anew, of quotes cut out of the article."""
    first = cited[item.citations[0]]
    article = library.version(first.article_id, first.sha256) or library.article(first.article_id)
    quotes = {n: Quote.of(article, Span(cited[n].start, cited[n].end)) for n in item.citations}
    return Statement(
        citations=tuple(Citation.numbered(number, quote) for number, quote in quotes.items()),
        focus=item.focus,
        verdict=verdict,
        also_in=copies(tuple(quotes.values()), article, library),
    )


def _refusal(refused: _Refused, question: str) -> Refusal:
    """Return a refusal in our own words; what is missing is words of the question."""
    missing = [word for word in refused.missing if word.strip("“”\"' ") in question]
    return refusal(refused.reason, missing)


def _within(found: Sequence[Disagreement], statements: int) -> tuple[Disagreement, ...]:
    return tuple(
        item
        for item in found
        if item.statements and all(0 <= index < statements for index in item.statements)
    )


def _standing(quotes: Sequence[Quote], library: Library) -> Iterator[Quote]:
    """Yield the quotes that stand in their articles."""
    numbered = tuple(
        SavedCitation(number=number, **quote.model_dump()) for number, quote in enumerate(quotes, 1)
    )
    verified = verify(SavedAnswer(statements=(), citations=numbered), library)
    for quote, found in zip(quotes, verified.citations, strict=True):
        if found.standing is Standing.HOLDS:
            yield Quote.of(library.article(quote.article_id), Span(quote.start, quote.end))
