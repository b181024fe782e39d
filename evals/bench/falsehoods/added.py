"""Falsehoods that add to true sentences, or cite them for what they do not say."""

import random
import re

from evals.bench.falsehoods.place import Falsehood, Lie, Place, altered, swap
from evals.bench.falsehoods.words import ADJECTIVES, TAILS, TRIVIAL


def cause_claimed(place: Place, generator: random.Random) -> Falsehood | None:
    """Claim that one of two true sentences is why the other is so."""
    if not place.after or place.after[:1] in '“"':
        return None
    one, two = place.text.rstrip("."), place.after
    if re.search(r"because|result|therefore|thus|led to|caus", f"{one} {two}"):
        return None
    lower = two[0].lower() + two[1:]
    made = generator.choice(
        (f"{one} because {lower}", f"{one}. As a result, {lower}", f"{one}, so {lower}",
         f"{one}, which led to this: {lower}", f"Because {one[0].lower()}{one[1:]}, {lower}",
         f"{one}. Therefore, {lower}", f"{one}; that is why {lower}", f"{one} due to this: {lower}")
    )  # fmt: skip
    return Falsehood(made, (place.text, place.after))


def false_clause_within(place: Place, generator: random.Random) -> Falsehood | None:
    """Hide an altered sentence among true ones."""
    kind = generator.choice(("number", "name", "negation", "other word"))
    if not place.after:
        return None
    made = altered(kind)(place._replace(text=place.after), generator)
    if made is None:
        return None
    stands_on = (place.text, place.after)
    return Falsehood(f"{place.text.rstrip('.')}; {made.text} {place.text}", stands_on)


def clause_invented(place: Place, generator: random.Random) -> Falsehood | None:
    """Add a few words at the end of a true sentence."""
    tail = generator.choice(TAILS)
    if not place.text.endswith(".") or tail.split()[-1] in place.text:
        return None
    return Falsehood(f"{place.text[:-1]}{tail}.", (place.text,))


def adjective_added(place: Place, generator: random.Random) -> Falsehood | None:
    """Add an adjective before a noun."""
    found = list(re.finditer(r"\b[Tt]he (?=[a-z]{4,})", place.text))
    word = generator.choice(ADJECTIVES)
    if not found or word in place.text:
        return None
    match = generator.choice(found)
    return Falsehood(swap(place.text, match, f"{match.group()}{word} "), (place.text,))


def another_articles_quote(place: Place, _: random.Random) -> Falsehood | None:
    """Cite a sentence of another article for a true one."""
    return Falsehood(place.text, (place.elsewhere,)) if place.elsewhere else None


def trivial_or_injected(place: Place, generator: random.Random) -> Falsehood | None:
    """State nothing, write another language, or address whoever checks."""
    return Falsehood(generator.choice(TRIVIAL), (place.text,))


ADDED: dict[str, Lie] = {
    "cause claimed": cause_claimed,
    "adjective added": adjective_added,
    "clause invented": clause_invented,
    "false clause within": false_clause_within,
    "another article's quote": another_articles_quote,
    "trivial, foreign or injected": trivial_or_injected,
}
