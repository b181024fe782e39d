"""The values in a text: numbers by their units, amounts of money, dates and times.

What units, currencies, months and days are called in 36 languages is Unicode's CLDR
(rag/values.json, made by evals/bench/make_values.py).
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from ingest.words import IS_UNSPACED, UNSPACED
from rag.question import Asks

NUMBERS = frozenset(
    {
        Asks.NUMBER,
        Asks.COUNT,
        Asks.MONEY,
        Asks.LENGTH,
        Asks.MASS,
        Asks.DURATION,
        Asks.SHARE,
        Asks.MEASURE,
    }
)
VALUES = NUMBERS | {Asks.DATE, Asks.TIME}
UNSAID = 0.5
"""How well a number without a unit answers where one of a kind is asked for (the unit may be said
elsewhere, or in words that CLDR does not have), and a date where a time is (on Sundays)."""
LONGEST = 24
"""Characters of the longest name of a unit that is looked for."""
LONG_NAME = 5
"""Letters of a word from which it may be the name of a day with an ending (Thursdays)."""
ENDING = 3
"""Letters by which a word may be longer than the name that CLDR has (Kilometern)."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a text, where it stands, and the kinds that it may be of.

    `said` is its number or name without the unit: a question after days may well say “days”.
    """

    start: int
    end: int
    kinds: frozenset[Asks]
    said: str


_DIGITS = r"\d+(?:[.,:'’]\d+|[ \u00a0\u202f]\d{3}(?!\d))*"
_LETTER = rf"[^\W\d_{UNSPACED}]"
_NUMBER = re.compile(rf"(?<!\d)(?<!{_LETTER})(?<!{_LETTER}-){_DIGITS}(?:\s?[–-]\s?{_DIGITS})?")
_YEAR = re.compile(r"(?:1\d|20)\d\d(?:\s?[–-]\s?\d{2,4})?")
_DAY = re.compile(
    r"\d{1,4}([./-])\d\d?\1\d{2,4}|\d\d?\.\s?\d\d?\.(?!\d)|\d{4}\s?[年년]|\d\d?\s?[月日号號월일]"
)
_CLOCK = re.compile(r"(?:[01]?\d|2[0-4])(?:\s?[:h時时点點]\s?|\.)[0-5]\d(?!\d)|\d\d?\s?[時时点點]")
_POINT = re.compile(r"\d+\.\d+")
_COUNTED = re.compile(rf" ?[^\W\d_A-Z]|[{UNSPACED}]")
_GAP = re.compile(r"[\s-]{0,2}")
_SPACES = re.compile(r"[ \u00a0\u202f]")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)\.?\s*$")
_WORD_AFTER = re.compile(r"(?:\.|st|nd|rd|th)?\s*(?:[^\W\d_]{1,3}\s+)?([^\W\d_]+)")
_YEARLY = frozenset({Asks.DATE, Asks.NUMBER})


@dataclass(frozen=True)
class _Names:
    units: dict[str, Asks]
    currencies: frozenset[str]
    multipliers: frozenset[str]
    dates: frozenset[str]
    short_dates: frozenset[str]
    times: frozenset[str]


@cache
def _names() -> _Names:
    data = json.loads((Path(__file__).parent / "values.json").read_text("utf-8"))
    units = {name: Asks(kind) for name, kind in data.pop("units").items()}
    for name, kind in list(units.items()):
        if len(name) > ENDING:
            units.setdefault(name.casefold(), kind)
    return _Names(units, **{field: _with_lower(names) for field, names in data.items()})


def _with_lower(names: Collection[str]) -> frozenset[str]:
    """Return names with those that are no abbreviation in lower case too."""
    return frozenset([*names, *(name.casefold() for name in names if len(name) > ENDING)])


def find_values(text: str, header: str = "") -> tuple[Value, ...]:
    """Return the values of a text in order; a bare number is also of the kinds a header names."""
    named = frozenset(_named(header))
    found = [
        replace(value, kinds=value.kinds | named) if Asks.NUMBER in value.kinds else value
        for value in _numbers(text)
    ]
    taken = {position for value in found for position in range(value.start, value.end)}
    for word in _LETTERS.finditer(text):
        if word.start() in taken:
            continue
        if _is_date(word.group()):
            found.append(Value(*word.span(), frozenset({Asks.DATE}), word.group()))
        elif _is_unit(word.group()):
            near = max(0, word.start() - LONGEST)
            before = _WORD_BEFORE.search(text[near : word.start()])
            start, said = (
                (near + before.start(1), before.group(1)) if before else (word.start(), "")
            )
            found.append(Value(start, word.end(), frozenset({Asks.NUMBER}), said))
    return tuple(sorted(found, key=lambda value: value.start))


def match(kind: Asks, kinds: frozenset[Asks]) -> float:
    """Return how well a value of some kinds answers a question for one of another, 0 to 1."""
    if kind in kinds or (kind is Asks.DATE and Asks.TIME in kinds):
        return 1.0
    if kind is Asks.NUMBER:
        return float(not kinds.isdisjoint(NUMBERS))
    unsaid = Asks.NUMBER in kinds if kind in NUMBERS else Asks.DATE in kinds
    return UNSAID if unsaid else 0.0


def _numbers(text: str) -> Iterator[Value]:
    at = 0
    while number := _NUMBER.search(text, at):
        start, end, kinds = _value(text, number.start(), number.end())
        yield Value(start, end, kinds, number.group())
        at = max(end, number.end())


def _value(text: str, start: int, end: int) -> tuple[int, int, frozenset[Asks]]:
    """Return the place and kinds of the value that the number from `start` to `end` is part of."""
    day = _DAY.match(text, start)
    if day:
        return start, day.end(), frozenset({Asks.DATE})
    stop, kinds = _unit(text, end)
    before = _currency_before(text, start)
    if before < start:
        return before, max(end, stop), frozenset({Asks.MONEY})
    clock = _CLOCK.match(text, start)
    if clock and not (kinds and _POINT.match(text, start)):
        doubtful = {Asks.NUMBER} if _POINT.match(text, start) else set()
        return start, max(clock.end(), end, stop), frozenset({Asks.TIME, *doubtful})
    year = _YEAR.fullmatch(text, start, end)
    if year:
        return start, stop, kinds | {Asks.DATE} if kinds else _YEARLY
    if kinds:
        return start, stop, kinds
    if _month_beside(text, start, end):
        return start, end, frozenset({Asks.DATE})
    counts = _COUNTED.match(text, end)
    return start, end, frozenset({Asks.COUNT} if counts else {Asks.COUNT, Asks.NUMBER})


def _unit(text: str, at: int) -> tuple[int, frozenset[Asks]]:
    """Return where the unit after a number ends, and its kinds; none where there is no unit.

    Some names are of several kinds: a pound is money, or a weight.
    """
    names = _names()
    begin = _skip(text, at)
    _, beyond = _longest(text, begin, names.multipliers)
    for place in dict.fromkeys((_skip(text, beyond), begin)):
        money, after_money = _longest(text, place, names.currencies)
        hour, after_hour = _longest(text, place, names.times)
        name, end = _longest(text, place, names.units)
        kinds = {Asks.MONEY} if money else set()
        kinds |= {Asks.TIME} if hour else set()
        if name and end >= after_money:
            kinds |= {Asks.MEASURE if text[end : end + 1] == "/" else names.units[name]}
        if kinds:
            return max(after_money, after_hour, end), frozenset(kinds)
    return at, frozenset()


def _longest(text: str, at: int, names: Collection[str]) -> tuple[str, int]:
    """Return the longest of some names that stands at a place, or "", and where it ends."""
    ahead = text[at : at + LONGEST]
    for length in range(len(ahead), 0, -1):
        if not _ends(ahead, length):
            continue
        for name in (ahead[:length], ahead[:length].casefold()):
            if name in names and (name == ahead[:length] or length > ENDING):
                return name, at + length
    word = _LETTERS.match(ahead)
    letters = word.group().casefold() if word else ""
    for ending in range(1, ENDING + 1):
        name = letters[:-ending]
        if len(name) > ENDING and name in names:
            return name, at + len(letters)
    return "", at


def _ends(text: str, length: int) -> bool:
    """Whether a word ends there; where words have no spaces between them, it may."""
    last, following = text[length - 1], text[length : length + 1]
    return not (last.isalnum() and following.isalnum()) or bool(IS_UNSPACED.match(last))


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _currency_before(text: str, start: int) -> int:
    """Return where a currency's symbol or code before a number begins, or the number's place."""
    end = start - 1 if start and _SPACES.match(text[start - 1]) else start
    begin = end
    while begin > 0 and end - begin < 4 and not text[begin - 1].isspace():
        begin -= 1
    written = text[begin:end].lstrip("(|;~≈+-")
    marked = not written.isalpha() or written[:1].isupper()
    return end - len(written) if marked and written in _names().currencies else start


def _month_beside(text: str, start: int, end: int) -> bool:
    before = _WORD_BEFORE.search(text[max(0, start - LONGEST) : start])
    after = _WORD_AFTER.match(text[end : end + LONGEST])
    beside = [found.group(1) for found in (before, after) if found]
    return any(_is_date(word) or _names().short_dates & {word, f"{word}."} for word in beside)


@lru_cache(maxsize=1 << 15)
def _is_date(word: str) -> bool:
    """Whether a word is the name of a month or day, with the capital that its language gives it."""
    dates = _names().dates
    forms = [word, word[:-1]] if len(word) > LONG_NAME else [word]
    return any(form in dates or (form[:1].lower() + form[1:]) in dates for form in forms)


@lru_cache(maxsize=1 << 15)
def _is_unit(word: str) -> bool:
    """Whether a word names a unit by itself, as after a number in letters (ten days)."""
    names = _names()
    return len(word) > ENDING and (word in names.units or word in names.currencies)


def _named(header: str) -> Iterator[Asks]:
    """Yield the kinds of the units and currencies that a header names."""
    names = _names()
    for found in re.finditer(r"[^\s|;,()\[\]]+", header):
        word = found.group()
        if word in names.currencies:
            yield Asks.MONEY
        elif word in names.units:
            yield names.units[word]
