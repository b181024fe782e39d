"""Where in the articles the words stand that a model gives for a statement.

The model's words only find the place. What is quoted is the article's own sentences there, and
the verdict decides whether they support the statement.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from ingest.types import Article
from ingest.words import terms
from rag.budget import ShownPassage
from rag.context import Reader, Unit
from rag.reply import Proposal, Quoted
from rag.types import Quote

MAX_SENTENCES = 3
"""How many sentences of an article are quoted for words that a model gives."""
TOUCHED = 3
"""How many characters of a sentence a quote must reach into."""

_SAME = str.maketrans("“”„«»‟’‘‚`´–—‑−\u00a0\n", '""""""\'\'\'\'\'----  ')
_ELLIPSIS = re.compile(r"\s*(?:\[\s*)?(?:…|\.\.\.)(?:\s*\])?\s*")


class Place(NamedTuple):
    """Sentences of one article, by number, in order."""

    article: Article
    numbers: tuple[int, ...]


def places(proposal: Proposal, shown: Sequence[ShownPassage]) -> Iterator[tuple[Place, ...]]:
    """Yield sets of sentences that may carry a proposed statement, the likeliest first.

    First the words that the model gave, where they stand (else where the passage that it named is
    most like them); then the sentences of the passages it named, and of all, that have most of the
    statement's words.
    """
    given = [p for quote in proposal.quotes for p in _places_of(quote, shown) if p.numbers]
    if given:
        yield merged(given)
    named = [p for quote in proposal.quotes for p in _named(quote, shown)]
    for passages in (named, shown):
        found = _by_words(proposal.text, passages)
        if found:
            yield merged(found[:1])
            yield merged(found)


def copied(proposal: Proposal, shown: Sequence[ShownPassage]) -> list[Place]:
    """Return where the words that a model gave for a statement stand just so."""
    found = (
        _standing(words, _named(quote, shown), shown)
        for quote in proposal.quotes
        for words in _searched_parts(quote)
    )
    return [place for place in found if place]


def merged(found: Sequence[Place]) -> tuple[Place, ...]:
    """Return one place an article, in the order of their first mention."""
    articles = {place.article.id: place.article for place in found}
    return tuple(
        Place(article, tuple(sorted({n for p in found if p.article.id == name for n in p.numbers})))
        for name, article in articles.items()
    )


def quotes_of(found: Sequence[Place]) -> tuple[Quote, ...]:
    """Return the articles' own words at these places."""
    units = [Unit(place.article, place.numbers[0], place.numbers) for place in found]
    return tuple(Quote.of(unit.article, span) for unit in units for span in unit.spans)


def in_context(found: Sequence[Place], reader: Callable[[Article], Reader]) -> tuple[Place, ...]:
    """Return places with the sentences that those there need to stand alone."""
    units = [reader(place.article).unit(number) for place in found for number in place.numbers]
    return merged([Place(unit.article, unit.numbers) for unit in units])


def _places_of(quote: Quoted, shown: Sequence[ShownPassage]) -> Iterator[Place]:
    """Yield where a quote stands, part by part where it leaves words out."""
    named = _named(quote, shown)
    for words in _searched_parts(quote):
        found = _standing(words, named, shown)
        if found:
            yield found
        elif named:
            alignment = fuzz.partial_ratio_alignment(words, _plain(named[0].text))
            if alignment:
                yield _touched(named[0], alignment.dest_start, alignment.dest_end)


def _standing(
    words: str, named: Sequence[ShownPassage], shown: Sequence[ShownPassage]
) -> Place | None:
    """Return where words stand just so, in the passage that was named if they do."""
    for passage in (*named, *shown):
        start = _plain(passage.text).find(words)
        if start >= 0:
            return _touched(passage, start, start + len(words))
    return None


def _named(quote: Quoted, shown: Sequence[ShownPassage]) -> list[ShownPassage]:
    return [passage for passage in shown if passage.number == quote.passage]


def _touched(passage: ShownPassage, start: int, end: int) -> Place:
    """Return the sentences that a range of a passage reaches into."""
    least = min(TOUCHED, end - start)
    numbers = [
        sentence.number
        for sentence in passage.sentences
        if min(end, sentence.end) - max(start, sentence.start) >= least
    ]
    return Place(passage.article, tuple(numbers[:MAX_SENTENCES]))


def _by_words(text: str, passages: Sequence[ShownPassage]) -> list[Place]:
    """Return the sentence with most of a text's words, and the one with most of those it lacks."""
    wanted = set(terms(text))
    found: list[Place] = []
    for _ in range(2):
        best, place = 0, None
        for passage in passages:
            for sentence in passage.sentences:
                has = len(wanted & set(terms(passage.text[sentence.start : sentence.end])))
                if has > best:
                    best, place = has, Place(passage.article, (sentence.number,))
        if place is None:
            break
        found.append(place)
        number = place.numbers[0]
        start, end = place.article.sentences[number][:2]
        wanted -= set(terms(place.article.text[start:end]))
    return found


def _plain(text: str) -> str:
    """Return text in one kind of quotation marks, dashes and spaces, as long as it was."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_SAME))


def _searched_parts(quote: Quoted) -> list[str]:
    """Return given words as they are looked for, part by part where some are left out."""
    parts = [" ".join(_plain(part).split()) for part in _ELLIPSIS.split(quote.words)]
    return [part.strip(" \"'") for part in parts if re.search(r"\w", part)]
