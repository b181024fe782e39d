"""A known fact made of a question and a chosen quote."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote as quote_url

import httpx
import yaml
from pydantic import ValidationError
from rapidfuzz import fuzz, process

from evals.facts import Expectation, Fact, FactQuote, Kind, Sources, check_against, load_facts
from evals.system import Reference
from ingest.errors import BadInputError, LibraryError
from ingest.lock import LibraryLock
from ingest.pipeline import make_article
from ingest.settings import Settings
from ingest.types import Article
from ingest.words import words
from rag.build import build

_EXPECTED = {
    Kind.CONFLICT: Expectation.SHOW_BOTH,
    Kind.UNANSWERABLE_NEAR: Expectation.ABSTAIN,
    Kind.OUT_OF_SCOPE: Expectation.ABSTAIN,
    Kind.INJECTION: Expectation.ABSTAIN,
    Kind.FALSE_PREMISE: Expectation.ABSTAIN_OR_CORRECT,
}
_TELLING = re.compile(r"\d[\d.,]*\d|\d|(?<!^)(?<![.?!:“\"] )\b[A-ZÀ-ÖØ-ÞА-Я][\w’-]+")


def articles_of(settings: Settings) -> dict[str, Article]:
    """Return a library's articles, by id: from the server that owns it, where one runs."""
    owner = LibraryLock(settings.library.resolve()).owner()
    if owner is None or owner.url is None:
        with build(settings, "ibid facts draft") as ibid:
            return dict(Reference.of(ibid.library).articles)
    headers = {"Authorization": f"Bearer {owner.token}"}
    try:
        with httpx.Client(base_url=owner.url, headers=headers, trust_env=False) as client:
            names = [item["id"] for item in _json(client, "/api/articles")]
            found = {
                name: _json(client, f"/api/articles/{quote_url(name, safe='')}") for name in names
            }
    except httpx.HTTPError as error:
        raise LibraryError(f"The server {owner} does not give its articles ({error}).") from None
    return {name: make_article(name, owner.url, item["text"]) for name, item in found.items()}


def _json(client: httpx.Client, path: str) -> Any:  # noqa: ANN401 any JSON
    return client.get(path).raise_for_status().json()


def draft_fact(
    question: str,
    quote: str,
    answers: Sequence[str],
    kind: str,
    articles: Mapping[str, Article],
    fact_id: str,
) -> Fact:
    """Make a fact; without answers, what the quote adds to the question are its answers.

    Raises:
        BadInputError: the quote is in no article, or the parts do not fit together.
    """
    if kind not in list(Kind):
        raise BadInputError(f"--kind {kind}: it is one of {', '.join(Kind)}.")
    expect = _EXPECTED.get(Kind(kind), Expectation.ANSWER)
    if (expect is Expectation.ABSTAIN) == bool(quote.strip()):
        wanted = "has no quote: it is to be refused" if quote.strip() else "needs a quote"
        raise BadInputError(f"A question of the kind {kind} {wanted}.")
    homes = _homes(quote, articles) if quote.strip() else []
    try:
        fact = Fact(
            id=fact_id,
            kind=Kind(kind),
            fact=fact_id.lower(),
            expect=expect,
            question=question,
            answers=tuple(answers or _telling_words(question, quote)),
            sources=Sources(any_of=tuple(homes)),
            quotes=tuple(FactQuote(file=home, text=" ".join(quote.split())) for home in homes),
        )
        check_against(fact, articles)
    except (ValidationError, ValueError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise BadInputError(f"This makes no fact: {reason}. Give --answer.") from None
    return fact


def next_id(path: Path | None, kind: str) -> str:
    """Return an id that a facts file does not have yet."""
    taken = {fact.id for fact in load_facts(path)} if path and path.exists() else set()
    stem = "".join(part[0] for part in kind.upper().split("_") if part)
    numbers: Iterable[int] = range(1, len(taken) + 2)
    return next(f"{stem}-{n:02}" for n in numbers if f"{stem}-{n:02}" not in taken)


def as_yaml(fact: Fact) -> str:
    """Write a fact as an item of a facts file."""
    item = fact.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump([item], allow_unicode=True, sort_keys=False, width=1_000_000)


def append(fact: Fact, path: Path, articles: Mapping[str, Article]) -> None:
    """Add a fact at the end of a facts file, which must be right before."""
    before = path.read_text("utf-8") if path.exists() else ""
    if before:
        load_facts(path, articles)
    separator = "" if before.endswith("\n") or not before else "\n"
    path.write_text(before + separator + as_yaml(fact), "utf-8")


def _homes(quote: str, articles: Mapping[str, Article]) -> list[str]:
    """Return the articles that have a quote."""
    found = [name for name in articles if FactQuote(file=name, text=quote).places(articles)]
    if found:
        return found
    units = [a.text[unit.start : unit.end] for a in articles.values() for unit in a.units]
    nearest = process.extractOne(quote, units, scorer=fuzz.ratio)
    hint = f" The nearest sentence is: {' '.join(nearest[0].split())}" if nearest else ""
    raise BadInputError(f"No article has these words: {quote[:80]!r}.{hint}")


def _telling_words(question: str, quote: str) -> list[str]:
    """Return the numbers and names of a quote that its question does not have."""
    asked = set(words(question))
    found = dict.fromkeys(_TELLING.findall(quote))
    return [rf"\b{re.escape(word)}\b" for word in found if not asked.issuperset(words(word))]
