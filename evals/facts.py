"""Known facts: questions with what a right answer says and cites, checked when they are loaded."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ingest.errors import BadInputError


class Expectation(StrEnum):
    """What the system should do with a question."""

    ANSWER = "answer"
    SHOW_BOTH = "show_both"
    ABSTAIN = "abstain"
    ABSTAIN_OR_CORRECT = "abstain_or_correct"


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


class Fact(_Part):
    """One question. `answers` are regular expressions, all of which a right answer matches."""

    id: str
    kind: str
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

    def matches(self, text: str) -> bool:
        """Whether a text has every answer group."""
        return all(re.search(group, text, re.IGNORECASE) for group in self.answers)


def load_facts(path: Path, texts: Mapping[str, str] | None = None) -> list[Fact]:
    """Read a facts file; with the articles' texts (by id), check its quotes and answers too.

    Raises:
        BadInputError: with the line and what is wrong with the item that starts there.
    """
    try:
        source = path.read_text("utf-8")
        items = yaml.safe_load(source)
    except OSError as error:
        raise BadInputError(f"{path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not YAML: {error}") from None
    if not isinstance(items, list):
        raise BadInputError(f"{path}: a facts file is a list of items.")
    lines = [n for n, line in enumerate(source.splitlines(), 1) if line.startswith("- ")]
    facts: dict[str, Fact] = {}
    for line, item in zip(lines, items, strict=True):
        try:
            fact = _checked(item, texts)
        except (ValidationError, ValueError) as error:
            raise BadInputError(f"{path}:{line}: {_reason(error)}") from None
        if fact.id in facts:
            raise BadInputError(f"{path}:{line}: the id {fact.id!r} is there twice.")
        facts[fact.id] = fact
    return list(facts.values())


def _checked(item: Any, texts: Mapping[str, str] | None) -> Fact:  # noqa: ANN401 any YAML
    fact = Fact.model_validate(item)
    if texts is None:
        return fact
    collapsed = {article_id: " ".join(text.split()) for article_id, text in texts.items()}
    for quote in fact.quotes:
        held = [text for name, text in collapsed.items() if name.startswith(quote.file)]
        if not any(" ".join(quote.text.split()) in text for text in held):
            raise ValueError(f"{fact.id}: the quote {quote.text[:60]!r} is not in {quote.file!r}")
    quoted = " ".join(quote.text for quote in fact.quotes)
    unmet = [g for g in fact.answers if not re.search(g, quoted, re.IGNORECASE)]
    if fact.quotes and unmet:
        raise ValueError(f"{fact.id}: no quote has the answer {unmet[0]!r}")
    return fact


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
