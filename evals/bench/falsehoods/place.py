"""What a falsehood is made of, and the ways to make one by a rule."""

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from evals.bench.altered import ALTERATIONS, Case, Pool

NAME = r"[A-Z][a-zà-ÿ]{2,}(?: [A-Z][a-zà-ÿ]{2,})*"
SAID = r"(?:says|said|argued?s?|believes|believed|claims|claimed|warned|insisted|suggested|told \w+|thinks|wrote|reported|explained|noted|added)"  # noqa: E501


class Place(NamedTuple):
    """A sentence where it stands: those around it, those after it, and what others have."""

    text: str
    around: tuple[str, ...]
    after: str
    elsewhere: str
    pool: Pool


class Falsehood(NamedTuple):
    """A false statement, and which sentences it pretends to stand on."""

    text: str
    stands_on: tuple[str, ...]


Lie = Callable[[Place, random.Random], Falsehood | None]


def swap(text: str, match: re.Match[str], other: str) -> str:
    """Return the text with another in place of what was matched."""
    made = text[: match.start()] + other + text[match.end() :]
    made = re.sub(r" +", " ", made).strip()
    return made[:1].upper() + made[1:]


def by_rules(*rules: tuple[str, str]) -> Lie:
    """Return what applies one of the rules (pattern, replacement) that fit, at one place."""
    compiled = [(re.compile(pattern), other) for pattern, other in rules]

    def lie(place: Place, generator: random.Random) -> Falsehood | None:
        found = [(m, o) for pattern, o in compiled for m in pattern.finditer(place.text)]
        if not found:
            return None
        match, other = generator.choice(found)
        made = swap(place.text, match, match.expand(other))
        return Falsehood(made, (place.text,)) if made != place.text else None

    return lie


def by_pairs(pairs: Sequence[str]) -> Lie:
    """Return what puts one word of a pair for the other."""
    both = [pair.split("/") for pair in pairs]
    ways = [*both, *([b, a] for a, b in both)]
    return by_rules(*((rf"(?<![\w-]){a}(?![\w-])", b) for a, b in ways))


def altered(kind: str) -> Lie:
    """Return the alteration of this kind."""

    def lie(place: Place, generator: random.Random) -> Falsehood | None:
        case = Case("", place.text, place.around)
        text = ALTERATIONS[kind](case, place.pool, generator)
        return Falsehood(text, (place.text,)) if text and text != place.text else None

    return lie


def names(text: str) -> list[re.Match[str]]:
    """Return the names of a text, but for the word that opens a sentence."""
    return [m for m in re.finditer(NAME, text)
            if m.start() and text[m.start() - 1] == " " and text[m.start() - 2] not in ".!?:”\""
            and m.group() not in ("The", "That", "But", "You")]  # fmt: skip
