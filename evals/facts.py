"""Known facts: questions with what a right answer says and cites, checked when they are loaded.

docs/evaluation.md describes the format of a facts file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from evals.locate import locate
from ingest.errors import BadInputError
from ingest.types import Article, Span


class Expectation(StrEnum):
    """What the system should do with a question."""

    ANSWER = "answer"
    SHOW_BOTH = "show_both"
    ABSTAIN = "abstain"
    ABSTAIN_OR_CORRECT = "abstain_or_correct"


class Kind(StrEnum):
    """What makes a question hard."""

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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sources(_Part):
    """Which articles are to be cited, by the start of their id: one of, and all of."""

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()

    def satisfied_by(self, article_ids: set[str]) -> bool:
        """Whether citations of these articles are what is asked for."""

        def cited(source: str) -> bool:
            return any(article_id.startswith(source) for article_id in article_ids)

        return all(map(cited, self.all_of)) and (not self.any_of or any(map(cited, self.any_of)))


class FactQuote(_Part):
    """Words of an article that carry the answer, white space collapsed."""

    file: str
    text: str

    def spans(self, articles: Mapping[str, Article]) -> list[tuple[str, Span]]:
        """Return where the words stand: article ids and spans."""
        return [
            (article_id, span)
            for article_id, article in articles.items()
            if article_id.startswith(self.file)
            for span in locate(self.text, article.text)
        ]


class Fact(_Part):
    """One question. `answers` are regular expressions, all of which a right answer matches."""

    id: str
    kind: Kind
    fact: str
    expect: Expectation
    question: str
    answers: tuple[str, ...] = ()
    sources: Sources = Sources()
    quotes: tuple[FactQuote, ...] = ()
    turns: tuple[str, ...] = ()
    lang: str = "en"
    notes: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> "Fact":
        for group in self.answers:
            try:
                re.compile(group)
            except re.error as error:
                raise ValueError(f"answers: {group!r} is no regular expression: {error}") from None
        if self.turns and self.turns[-1] != self.question:
            raise ValueError("question: it must repeat the last of turns")
        if (self.expect is Expectation.ABSTAIN) == bool(self.answers):
            raise ValueError(
                f"answers: {len(self.answers)} groups do not fit expect: {self.expect}"
            )
        return self

    def unmatched(self, text: str) -> list[str]:
        """Return the answer groups that a text does not have."""
        return [g for g in self.answers if not re.search(g, text, re.IGNORECASE)]


def load_facts(path: Path, articles: Mapping[str, Article] | None = None) -> list[Fact]:
    """Read a facts file; with the articles (by id), check its quotes, answers and sources too.

    Raises:
        BadInputError: with the line and what is wrong with the item that starts there.
    """
    facts: dict[str, Fact] = {}
    for line, item in _items(path):
        try:
            fact = Fact.model_validate(item)
            if articles is not None:
                check_against(fact, articles)
        except (ValidationError, ValueError) as error:
            name = item.get("id", "an item") if isinstance(item, dict) else "an item"
            raise BadInputError(f"{path}:{line}: {name}: {_reason(error)}") from None
        if fact.id in facts:
            raise BadInputError(f"{path}:{line}: the id {fact.id!r} is there twice.")
        facts[fact.id] = fact
    return list(facts.values())


def load_all(paths: Sequence[Path], articles: Mapping[str, Article]) -> dict[Path, list[Fact]]:
    """Read several facts files; an id may stand in only one of them."""
    files: dict[Path, list[Fact]] = {}
    home: dict[str, Path] = {}
    for path in paths:
        if path.stem in {other.stem for other in files}:
            raise BadInputError(f"{path}: give each facts file a name of its own.")
        files[path] = load_facts(path, articles)
        for fact in files[path]:
            if fact.id in home:
                raise BadInputError(f"{path}: the id {fact.id!r} is in {home[fact.id]} already.")
            home[fact.id] = path
    return files


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
        if not quote.spans(articles):
            raise ValueError(f"the quote {quote.text[:60]!r} is not in {quote.file!r}")
    for group in fact.answers if fact.quotes else ():
        if not any(re.search(group, quote.text, re.IGNORECASE) for quote in fact.quotes):
            raise ValueError(f"no quote has the answer {group!r}")


def _items(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each item of a YAML list with the line on which it starts."""
    try:
        source = path.read_text("utf-8")
        node, items = yaml.compose(source, yaml.SafeLoader), yaml.safe_load(source)
    except OSError as error:
        raise BadInputError(f"{path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not YAML: {error}") from None
    if not isinstance(node, yaml.SequenceNode) or not items:
        raise BadInputError(f"{path}: a facts file is a list of items, each beginning with '- id:'")
    for child, item in zip(node.value, items, strict=True):
        yield child.start_mark.line + 1, item


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}" if place else first["msg"]
    return str(error)
