"""Falsehoods that put what is true of one thing on another."""

import random
import re
from collections.abc import Callable

from evals.bench.falsehoods.place import NAME, SAID, Falsehood, Lie, Place, by_rules, names, swap


def name_of_a_neighbour(place: Place, generator: random.Random) -> Falsehood | None:
    """Put a name that stands near the sentence for one that stands in it."""
    return _from_near(place, generator, names)


def word_of_a_neighbour(place: Place, generator: random.Random) -> Falsehood | None:
    """Put a word that stands near the sentence for one with the same ending."""
    return _from_near(
        place, generator, lambda text: list(re.finditer(r"(?<![\w’'-])[a-z]{5,}(?![\w-])", text))
    )


def number_of_a_neighbour(place: Place, generator: random.Random) -> Falsehood | None:
    """Put a number that stands near the sentence for one of as many digits."""
    return _from_near(
        place, generator, lambda text: list(re.finditer(r"(?<![\w.,])\d+(?![\w.,%])", text))
    )


def _from_near(
    place: Place, generator: random.Random, find: Callable[[str], list[re.Match[str]]]
) -> Falsehood | None:
    own = find(place.text)
    near = [m.group() for text in place.around if text != place.text for m in find(text)]
    pairs = [(m, o) for m in own for o in near
             if o not in place.text and _shape(m.group()) == _shape(o)
             and o[:4] != m.group()[:4]]  # fmt: skip
    if not pairs:
        return None
    match, other = generator.choice(pairs)
    return Falsehood(swap(place.text, match, other), (place.text,))


def _shape(word: str) -> object:
    return len(word) if word.isdigit() else (word[0].isupper() or word[-2:])


def nouns_exchanged(place: Place, generator: random.Random) -> Falsehood | None:
    """Let two nouns change places: what follows an article, with more than a list between."""
    found = list(
        re.finditer(r"\b(?:[Tt]he|[Aa]n?|its|their|his|this) ([a-z]{4,})(?= \w|[,.])", place.text)
    )
    pairs = [(a, b) for n, a in enumerate(found) for b in found[n + 1 :]
             if a[1] != b[1]
             and not re.fullmatch(r" (?:and|or) (?:\w+ )?", place.text[a.end() : b.start()])]  # fmt: skip  # noqa: E501
    if not pairs:
        return None
    a, b = generator.choice(pairs)
    text = place.text
    made = text[: a.start(1)] + b[1] + text[a.end(1) : b.start(1)] + a[1] + text[b.end(1) :]
    return Falsehood(made, (text,))


def roles_reversed(place: Place, generator: random.Random) -> Falsehood | None:
    """Let who does something and to whom it is done change places, or pretend a passive."""
    noun = rf"(?:{NAME}|[Tt]he [a-z]{{3,}}|[Tt]he {NAME})"
    to_from = rf"from ({noun}) to ({noun})"
    active = rf"({noun}) ((?:\w+ed)|took|gave|told|led|sent|won|beat|met) ({noun})"
    by = rf"({noun}) ((?:was|were|is|are|been) \w+(?: \w+)? by) ({noun})"
    rules = [(to_from, r"from \2 to \1"), (active, r"\3 \2 \1"), (active, r"\1 was \2 by \3"),
             (by, r"\3 \2 \1"), (rf"({noun})[’']s (\w+ (?:to|on|with|over|against)) ({noun})",
                                 r"\3’s \2 \1")]  # fmt: skip
    return by_rules(*rules)(place, generator)


_VERB = r"(?:is|are|was|were|has|have|had|will|can|may|would|[a-z]{3,}ed)"
_SUBJECT = re.compile(rf"^(?P<who>(?:\S+ ){{1,6}}?)(?P<does>{_VERB} .{{15,}})$")
_PRONOUN = re.compile(r"^(?:It|He|She|They|This|These|That|We|I|You|There|His|Its|Their)\b")


def subject_on_another_predicate(place: Place, _: random.Random) -> Falsehood | None:
    """Let the subject of a sentence do what the next sentence says of another."""
    one, two = _SUBJECT.match(place.text), _SUBJECT.match(place.after)
    if not one or not two or any(_PRONOUN.match(m["who"]) for m in (one, two)):
        return None
    if set(one["who"].casefold().split()) & set(two["who"].casefold().split()) - {"the", "a"}:
        return None
    if "," in one["who"] or re.match(r"(?:In|On|At|By|For|As|When|After)\b", one["who"]):
        return None
    return Falsehood(one["who"] + two["does"], (place.text, place.after))


def attribution_moved(place: Place, generator: random.Random) -> Falsehood | None:
    """Give what one says to another who is named nearby."""
    match = re.search(rf"({NAME})(?=,? {SAID}\b)|(?<=ccording to )({NAME})", place.text)
    near = [m.group() for text in (*place.around, place.elsewhere) for m in names(text)]
    others = [name for name in near if name not in place.text]
    if not match or not others:
        return None
    return Falsehood(swap(place.text, match, generator.choice(others)), (place.text,))


MOVED: dict[str, Lie] = {
    "name of a neighbour": name_of_a_neighbour,
    "number of a neighbour": number_of_a_neighbour,
    "word of a neighbour": word_of_a_neighbour,
    "nouns exchanged": nouns_exchanged,
    "roles reversed": roles_reversed,
    "attribution moved": attribution_moved,
    "subject on another predicate": subject_on_another_predicate,
}
