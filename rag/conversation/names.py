"""The names in a text: a run of capitalised words, and whether it is a person's or a place's."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import NamedTuple

from ingest.words import STOP_WORDS, fold

MAX_WORDS = 8
"""Longest name, in words; a longer run of capitals is a heading."""
MAX_PERSON_WORDS = 3
NEAR = 40
"""How many characters before a name tell what it is."""

_CAPITAL = r"(?:[A-ZÀ-ÖØ-Þ][\w’'-]*\w|[A-Z]\.|[A-Z]\b)"
_PARTICLE = r"(?:of|de|del|der|den|di|da|la|le|van|von|al|bin)(?: the)?"
_RUN = re.compile(rf"{_CAPITAL}(?: (?:{_PARTICLE} ){{0,2}}{_CAPITAL})*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|\n\s*)[“\"'‘(]*$")
_SUBJECT_FOLLOWS = re.compile(
    r"['’]s\b|\W*$|\W*[^\w\s]| (?:is|was|has|had|will|would|said|says|and|\w+ed)\b"
)
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|across|within|into|throughout) $", re.I)
_ARTICLE_BEFORE = re.compile(r"\bthe (?:[a-z-]+ )?$", re.I)
_CALENDAR = r"(?:jan|febr)uary|march|april|may|june|july|august|(?:sept|nov|dec)ember|october"
_NO_PERSON = re.compile(rf"(?:\w+(?:ian|ish|ese|ean)|(?:\w+day)|{_CALENDAR})", re.I)
ROLE = r"(?:\w{2,}(?:(?<!m)ent|ant|er|or|ist|ician|man|ess)|king|queen|author|pope)"
"""A word for a person by what they do; by its ending, since there is no end of them."""


class NameKind(StrEnum):
    """What a name is of; a thing where neither of the others is plain."""

    PERSON = "person"
    PLACE = "place"
    THING = "thing"


class Name(NamedTuple):
    """A name, where it stands in its text, and what it is of."""

    text: str
    start: int
    end: int
    kind: NameKind


def find_names(text: str) -> Iterator[Name]:
    """Yield the names in a text, in order; none where all of it is in capitals."""
    if text.isupper() and " " in text.strip():
        return
    for run in _RUN.finditer(text):
        start, end = run.span()
        while start < end:  # a sentence's first word has a capital whatever it is
            word = text[start:end].partition(" ")[0]
            if fold(word) not in STOP_WORDS:
                break
            start = min(start + len(word) + 1, end)
        name = re.sub(r"['’]s?$", "", text[start:end])
        if not name or len(name.split()) > MAX_WORDS:
            continue
        before = text[max(0, start - NEAR) : start]
        kind = _kind(name, before)
        opening = " " not in name and _SENTENCE_START.search(before)
        if not opening or kind is NameKind.PLACE or _SUBJECT_FOLLOWS.match(text, run.end()):
            yield Name(name, start, start + len(name), kind)


def _kind(name: str, before: str) -> NameKind:
    if fold(name) in _places() or _PLACE_BEFORE.search(before):
        return NameKind.PLACE
    words = name.split()
    title = re.search(rf"\b{ROLE} $", before, re.I)
    other = (
        (_ARTICLE_BEFORE.search(before) and not title)
        or any(len(word) > 1 and word.isupper() and "." not in word for word in words)
        or re.search(r"\d|['’]s ", name)
        or _NO_PERSON.fullmatch(words[0])
        or " of the " in name
        or sum(word[0].isupper() for word in words) > MAX_PERSON_WORDS
        or re.search(r"\bwhat (?:is|are|was|were) $", before, re.I)
    )
    return NameKind.THING if other else NameKind.PERSON


@cache
def _places() -> frozenset[str]:
    """Return the countries and the cities of the IANA time zone database, folded."""
    folder = resources.files("tzdata")
    lines = (folder / "zoneinfo" / "iso3166.tab").read_text("utf-8").splitlines()
    countries = [line.split("\t")[1] for line in lines if line and line[0] != "#"]
    cities = [zone.rpartition("/")[2] for zone in (folder / "zones").read_text("utf-8").split()]
    names = (re.sub(r" \(.*", "", name).replace("_", " ") for name in countries + cities)
    return frozenset(map(fold, names))
