"""A text read as tokens in one normal form, in which numbers, dates and names can be compared.

"twenty-eight" is read as 28, "$3 billion" as 3,000,000,000 dollars, "12%" as 12 per cent,
"November 8, 2021" and "8th of Nov. 2021" as the same day and year.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from ingest.words import STOP_WORDS, fold, stem, words


class Kind(StrEnum):
    """What a token is; function words are those of the stop list."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    WORD = "word"
    FUNCTION = "function word"
    NEGATION = "negation"
    MODAL = "modal"
    BREAK = "break"


class Token(NamedTuple):
    """A word, number or date as written, and its normal form.

    A number's `key` is its value, with % or a currency where it has one, "th" for an ordinal, "s"
    for a decade. A date's is --MM-DD or --MM; its year is a number that follows it.
    """

    key: str
    kind: Kind
    text: str
    opens: bool = False
    """Whether it opens a sentence, where a capital says nothing."""

    @property
    def carries(self) -> bool:
        """Whether it is a word that a statement must have from its quotes."""
        return self.kind in CONTENT or (self.kind is Kind.MODAL and self.key not in STOP_WORDS)


CONTENT = (Kind.NUMBER, Kind.DATE, Kind.NAME, Kind.WORD)

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_CARDINALS = {word: n for n, word in enumerate(_ONES)} | {
    word: 10 * n for n, word in enumerate(_TENS, 2)
}
_IRREGULAR = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
}  # fmt: skip
_ORDINALS = (
    {f"{word}th": n for word, n in _CARDINALS.items() if n not in _IRREGULAR.values()}
    | {f"{word[:-1]}ieth": n for word, n in _CARDINALS.items() if word in _TENS}
    | _IRREGULAR
)
_SCALES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "tn": 10**12,
}  # fmt: skip
_PARTS = {"halves": 2, "quarters": 4} | {f"{word}s": n for word, n in _ORDINALS.items() if n > 2}
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
_CURRENCIES = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₽": "₽", "dollar": "$", "euro": "€",
               "pound": "£", "yen": "¥", "rubl": "₽", "roubl": "₽", "usd": "$", "eur": "€",
               "gbp": "£"}  # fmt: skip
_NEGATIONS = {
    "not", "n't", "no", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor",
    "without",
}  # fmt: skip
_SHORTENED = {"wo": "will", "sha": "shall"}
_MODALS = re.compile(
    r"may|might|could|would|should|possibl[ey]|perhaps|probabl[ey]|likely|unlikely|potential(?:ly)?"
    r"|alleged(?:ly)?|supposed(?:ly)?|reported(?:ly)?|appears?|seems?|plan(?:s|ned)?|intends?"
    r"|hopes?|expect(?:s|ed)?|if|whether"
)

_LEXEME = re.compile(
    r"(?P<iso>\b\d{4}-\d\d-\d\d\b)"
    r"|(?P<range>\b\d{4}[-–—]\d\d\b)"
    r"|(?P<digits>\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<suffix>(?:st|nd|rd|th|s|k|m|mn|bn|tn)\b)?"
    r"|(?P<word>[^\W\d_]+?(?=n[’']t\b)|n[’']t\b|[^\W\d_]+)"
    r"|(?P<symbol>[%$€£¥₽])"
    r"|(?P<hyphen>(?<=\w)[-–](?=\w))"
    r"|(?P<stop>[.!?…]+(?=\W|$))"
    r"|(?P<mark>[,;:()\[\]—–“”\"«»„])",
    re.I,
)


_OPENING = ':“"«„'


class _Number(NamedTuple):
    value: Fraction
    ordinal: bool
    taken: int


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text."""
    return tuple(_dates(list(_tokens(list(_LEXEME.finditer(text)), text))))


def _tokens(found: Sequence[re.Match[str]], text: str) -> Iterator[Token]:
    """Yield words, breaks and whole numbers; months are still words."""
    place, opens = 0, True
    while place < len(found):
        match = found[place]
        kind = match.lastgroup if match.lastgroup != "suffix" else "digits"
        number = _number(found, place)
        if number is not None:
            unit, taken = _unit(found, place, number)
            end = place + taken
            raw = text[match.start() : found[end - 1].end()]
            mark = unit or ("th" if number.ordinal else _decade(match))
            yield Token(f"{_shown(number.value)}{mark}", Kind.NUMBER, raw, opens)
            place, opens = end, False
            continue
        if kind == "iso":
            year, month, day = match.group().split("-")
            yield Token(f"--{month}-{day}", Kind.DATE, match.group(), opens)
            yield Token(str(int(year)), Kind.NUMBER, year)
        elif kind == "range":
            year, end_year = match.group()[:4], match.group()[5:]
            yield Token(year, Kind.NUMBER, year, opens)
            yield Token(year[:2] + end_year, Kind.NUMBER, match.group())
        elif kind == "word":
            denied = place + 1 < len(found) and fold(found[place + 1].group()) in ("n't", "n’t")
            if not (denied and fold(match.group()) == "ca"):  # "cannot" is one negation, too
                yield _word(match.group(), opens, denied=denied)
        elif kind in ("stop", "mark"):
            abbreviates = match.group() == "." and place > 0 and _abbreviates(found[place - 1])
            if abbreviates:
                place += 1
                continue
            yield Token(match.group(), Kind.BREAK, match.group())
        opens = kind == "stop" or (kind in ("mark", "symbol") and opens) or match.group() in ':“"«„'
        place += 1


def _word(raw: str, opens: bool, *, denied: bool = False) -> Token:
    """Read a word; `denied`: "n't" follows, before which "will" is "wo"."""
    folded = fold(raw).replace("’", "'")
    if denied:
        folded = _SHORTENED.get(folded, folded)
    if folded in _NEGATIONS or folded == "cannot":
        return Token("not" if folded in ("n't", "cannot") else folded, Kind.NEGATION, raw, opens)
    if _MODALS.fullmatch(folded) and not (raw == "May" and not opens):
        return Token(folded if folded in STOP_WORDS else stem(folded), Kind.MODAL, raw, opens)
    key = " ".join(stem(word) for word in words(folded)) or folded
    if folded in STOP_WORDS:
        return Token(folded, Kind.FUNCTION, raw, opens)
    return Token(key, Kind.NAME if raw[0].isupper() and not opens else Kind.WORD, raw, opens)


def _abbreviates(match: re.Match[str]) -> bool:
    word = match.group().lower()
    return (word in _MONTHS and len(word) < 5) or (len(word) == 1 and match.group().isupper())


def _number(found: Sequence[re.Match[str]], place: int) -> _Number | None:
    """Read the number that starts here, in digits or words."""
    first = found[place]
    if first["digits"]:
        value = Fraction(re.sub(r"[,\u00a0\u202f]", "", first["digits"]))
        suffix = (first["suffix"] or "").lower()
        if suffix in ("st", "nd", "rd", "th"):
            return _Number(value, ordinal=True, taken=1)
        value *= _SCALES.get(suffix, 1)
        scale = _SCALES.get(_at(found, place + 1)) if not suffix else None
        if scale and len(_at(found, place + 1)) > 1:
            return _Number(value * scale, ordinal=False, taken=2)
        return _Number(value, ordinal=False, taken=1)
    return _spelled(found, place)


def _spelled(found: Sequence[re.Match[str]], place: int) -> _Number | None:
    """Read a number in words: "two hundred and fifty", "twenty-eighth", "two thirds"."""
    total, current, taken, ordinal = 0, 0, 0, False
    position, seen = place, False
    while not ordinal:
        word = _at(found, position)
        if word in _CARDINALS and (not seen or _adds(current, _CARDINALS[word])):
            current += _CARDINALS[word]
        elif word in _ORDINALS and (not seen or _adds(current, _ORDINALS[word])):
            current, ordinal = current + _ORDINALS[word], True
        elif seen and word == "hundred":
            current *= 100
        elif seen and len(word) > 2 and word in _SCALES:
            total, current = total + current * _SCALES[word], 0
        elif seen and word in ("and", "-") and _continues(found, position, total, current):
            position += 1
            continue
        else:
            break
        seen, position = True, position + 1
        taken = position - place
    if not seen:
        return _lone(found, place)
    after = _at(found, position + (_at(found, position) == "-"))
    if not ordinal and after in _PARTS and current:
        more = 1 + (_at(found, position) == "-")
        return _Number(Fraction(total + current, _PARTS[after]), ordinal=False, taken=taken + more)
    return _Number(Fraction(total + current), ordinal, taken)


def _lone(found: Sequence[re.Match[str]], place: int) -> _Number | None:
    """Read a number in one word that needs no other: half, a dozen, a hundred, a million."""
    word = _at(found, place)
    values = {"half": Fraction(1, 2), "dozen": Fraction(12)}
    if word in values:
        return _Number(values[word], ordinal=False, taken=1)
    if word in _SCALES and len(word) > 2 and _at(found, place - 1) in ("a", "the"):
        return _Number(Fraction(_SCALES[word]), ordinal=False, taken=1)
    return None


def _adds(current: int, more: int) -> bool:
    """Whether a number word goes on with the number before it: sixty two, not sixty twelve."""
    return (current % 100 == 0 or (current % 10 == 0 and current % 100 >= 20 and more < 10)) and (
        current == 0 or more > 0
    )


def _continues(found: Sequence[re.Match[str]], position: int, total: int, current: int) -> bool:
    """Whether "and" or a hyphen stands within a number."""
    after = _at(found, position + 1)
    small = _CARDINALS.get(after, _ORDINALS.get(after))
    if _at(found, position) == "and":
        return small is not None and (current >= 100 or (current == 0 and total > 0))
    return after in _SCALES or (small is not None and _adds(current, small))


def _unit(found: Sequence[re.Match[str]], place: int, number: _Number) -> tuple[str, int]:
    """Return a number's unit, % or a currency, and how many lexemes it and the number take."""
    end = place + number.taken
    if _at(found, end) in ("%", "percent"):
        return "%", number.taken + 1
    if _at(found, end) == "per" and _at(found, end + 1) == "cent":
        return "%", number.taken + 2
    before, after = _at(found, place - 1), stem(_at(found, end))
    if before in _CURRENCIES:
        return _CURRENCIES[before], number.taken
    if len(after) > 1 and after in _CURRENCIES:
        return _CURRENCIES[after], number.taken + 1
    return "", number.taken


def _at(found: Sequence[re.Match[str]], place: int) -> str:
    return fold(found[place].group()) if 0 <= place < len(found) else ""


def _decade(match: re.Match[str]) -> str:
    return "s" if (match["suffix"] or "").lower() == "s" else ""


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.6g}"


def _dates(tokens: Sequence[Token]) -> Iterator[Token]:
    """Join months with their days; the year stays a number after them."""
    place = 0
    while place < len(tokens):
        day, month, end = _day_and_month(tokens, place)
        if not month:
            yield tokens[place]
            place += 1
            continue
        raw = " ".join(token.text for token in tokens[place:end])
        yield Token(f"--{month:02}" + (f"-{day:02}" if day else ""), Kind.DATE, raw)
        if end + 1 < len(tokens) and tokens[end].key == "," and _is_year(tokens[end + 1]):
            end += 1
        place = end


def _day_and_month(tokens: Sequence[Token], place: int) -> tuple[int, int, int]:
    """Return the day (0 without one), the month (0: no date here) and where they end."""
    month = _month(tokens, place)
    if month:
        day = _day(tokens, place + 1)
        return day, month, place + 1 + bool(day)
    day = _day(tokens, place)
    if day:
        for gap in (1, 2, 3):
            between = [token.key for token in tokens[place + 1 : place + gap]]
            if set(between) <= {"of", "the"} and _month(tokens, place + gap):
                return day, _month(tokens, place + gap), place + gap + 1
    return 0, 0, place


def _month(tokens: Sequence[Token], place: int) -> int:
    if not 0 <= place < len(tokens) or not tokens[place].text[0].isupper():
        return 0
    token = tokens[place]
    if token.kind is Kind.NUMBER or (token.opens and token.text in ("May", "March", "Mar")):
        return 0
    return _MONTHS.get(token.text.lower(), 0)


def _day(tokens: Sequence[Token], place: int) -> int:
    if place >= len(tokens) or tokens[place].kind is not Kind.NUMBER:
        return 0
    digits = tokens[place].key.removesuffix("th")
    return int(digits) if digits.isdigit() and 0 < int(digits) <= 31 else 0


def _is_year(token: Token) -> bool:
    return token.kind is Kind.NUMBER and token.key.isdigit() and len(token.key) == 4
