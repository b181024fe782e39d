"""Known facts: questions with what a right answer says and cites, checked when they are loaded.

docs/evaluation.md describes the format of a facts file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, model_validator

from evals.items import Item, Part, load_items
from ingest.errors import BadInputError
from ingest.types import Article, Span


class Expectation(StrEnum):
    """What the system should do with a question."""

    ANSWER = "answer"
    SHOW_BOTH = "show_both"
    ABSTAIN = "abstain"
    ABSTAIN_OR_CORRECT = "abstain_or_correct"


class Kind(StrEnum):
    """What makes a question hard; everyday ones are those of evals/cases."""

    SINGLE_FACT = "single_fact"
    LIST = "list"
    EXPLANATION = "explanation"
    ATTRIBUTION = "attribution"
    MULTI_SOURCE = "multi_source"
    CONFLICT = "conflict"
    FOLLOW_UP = "follow_up"
    PARAPHRASE = "paraphrase"
    UNANSWERABLE_NEAR = "unanswerable_near"
    FALSE_PREMISE = "false_premise"
    OUT_OF_SCOPE = "out_of_scope"
    INJECTION = "injection"
    EVERYDAY = "everyday"


class Place(NamedTuple):
    """Where words stand: an article's id and characters of its text."""

    article_id: str
    span: Span

    def overlaps(self, article_id: str, start: int, end: int) -> bool:
        """Whether a range of an article has a character in common with it."""
        return self.article_id == article_id and self.span.start < end and start < self.span.end


class Sources(Part):
    """Which articles are to be cited, by the start of their id: one of, and all of."""

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()

    def satisfied_by(self, article_ids: set[str]) -> bool:
        """Whether citations of these articles are what is asked for."""

        def cited(source: str) -> bool:
            return any(article_id.startswith(source) for article_id in article_ids)

        return all(map(cited, self.all_of)) and (not self.any_of or any(map(cited, self.any_of)))


class FactQuote(Part):
    """Words of an article that carry the answer, white space collapsed."""

    file: str
    text: str

    def places(self, articles: Mapping[str, Article]) -> list[Place]:
        """Return where the words stand."""
        return [
            Place(article_id, span)
            for article_id, article in articles.items()
            if article_id.startswith(self.file)
            for span in locate(self.text, article.text)
        ]


class Fact(Item):
    """One question and what a right answer is.

    `answers` are regular expressions, all of which it matches, and `never` those of which it
    matches none, in any case; `most` is how many statements it may have.
    """

    kind: Kind
    fact: str
    expect: Expectation
    question: str
    answers: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    most: int | None = Field(None, ge=1)
    sources: Sources = Sources()
    quotes: tuple[FactQuote, ...] = ()
    turns: tuple[str, ...] = ()
    lang: str = "en"
    notes: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> "Fact":
        check_patterns([*self.answers, *self.never])
        if self.turns and self.turns[-1] != self.question:
            raise ValueError("question: it must repeat the last of turns")
        if (self.expect is Expectation.ABSTAIN) == bool(self.answers):
            raise ValueError(
                f"answers: {len(self.answers)} groups do not fit expect: {self.expect}"
            )
        return self

    def unmatched(self, text: str) -> list[str]:
        """Return the answer groups that a text does not have."""
        return [group for group in self.answers if not matches(group, text)]

    def places(self, articles: Mapping[str, Article]) -> list[Place]:
        """Return where the expected quotes stand."""
        return [place for quote in self.quotes for place in quote.places(articles)]


def matches(pattern: str, text: str) -> bool:
    """Whether a regular expression is found in a text, in any case."""
    return re.search(pattern, text, re.IGNORECASE) is not None


def check_patterns(patterns: Iterable[str]) -> None:
    """Raise ValueError for what is no regular expression."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


def locate(words: str, text: str) -> list[Span]:
    r"""Return every place where the words stand; any run of white space equals any other.

    `\s` matches the same characters that `str.split` separates at, U+00A0 included.
    """
    pattern = r"\s+".join(map(re.escape, words.split()))
    return [Span(*match.span()) for match in re.finditer(pattern, text)] if pattern else []


def load_facts(path: Path, articles: Mapping[str, Article] | None = None) -> list[Fact]:
    """Read a facts file; with the articles (by id), check its quotes, answers and sources too.

    Raises:
        BadInputError: with the line and what is wrong there.
    """

    def check(fact: Fact) -> None:
        if articles is not None:
            check_against(fact, articles)

    return load_items(path, Fact, check)


def load_all(paths: Sequence[Path], articles: Mapping[str, Article]) -> dict[Path, list[Fact]]:
    """Read several facts files; an id may stand in only one of them."""
    files = {path: load_facts(path, articles) for path in paths}
    check_apart(files)
    return files


def check_apart(files: Mapping[Path, Sequence[Item]]) -> None:
    """Raise where two files of a run share their name, or an id."""
    names = [path.stem for path in files]
    home: dict[str, Path] = {}
    for path, items in files.items():
        if names.count(path.stem) > 1:
            raise BadInputError(f"{path}: give each file of a run a name of its own.")
        for item in items:
            if home.setdefault(item.id, path) != path:
                raise BadInputError(f"{path}: the id {item.id!r} is in {home[item.id]} already.")


def check_against(fact: Fact, articles: Mapping[str, Article]) -> None:
    """Check that a fact's sources and quotes are the articles' and carry its answers.

    Raises:
        ValueError: saying what is not so.
    """
    named = [*fact.sources.any_of, *fact.sources.all_of, *(quote.file for quote in fact.quotes)]
    for source in named:
        if not any(article_id.startswith(source) for article_id in articles):
            held = ", ".join(sorted(articles)) or "none"
            raise ValueError(f"no article's id starts with {source!r}; the library holds: {held}")
    for quote in fact.quotes:
        if not quote.places(articles):
            raise ValueError(f"the quote {quote.text[:60]!r} is not in {quote.file!r}")
    for group in fact.answers if fact.quotes else ():
        if not any(matches(group, quote.text) for quote in fact.quotes):
            raise ValueError(f"no quote has the answer {group!r}")
