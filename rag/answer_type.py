"""What kind of thing a question asks for, and whether a text has one."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from ingest.words import STOP_WORDS, terms

_MONTHS = r"January|February|March|April|May|June|July|August|September|October|November|December"
_COUNTS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|twenty|thirty|forty"
    r"|fifty|hundreds?|thousands?|millions?|billions?|half|third|quarter|once|twice|majority"
    r"|several"
)


class AnswerType(StrEnum):
    """The kinds told apart; a question may ask for none of them."""

    YEAR = "year"
    DATE = "date"
    COUNT = "count"
    MONEY = "amount of money"
    SHARE = "percentage"
    NUMBER = "number"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"


EXACT = frozenset({AnswerType.YEAR, AnswerType.COUNT, AnswerType.MONEY, AnswerType.SHARE})
"""The kinds whose absence is sure: a text without a year gives none. (Of the SQuAD 2.0 questions
for a year whose best sentence has none, all 20 are impossible, of those for a count 50 of 65; for
dates, persons and places it tells little.)"""


class Asked(NamedTuple):
    """What a question asks for; `counted` are the stems of what a count is to be of."""

    kind: AnswerType
    counted: frozenset[str] = frozenset()


_ASKS = {
    AnswerType.YEAR: r"\b(?:which|what) (?:year|decade|century)\b",
    AnswerType.DATE: r"^(?:(?:and|but|so)\W+)?when\b|\b(?:since|until|from) when\b"
    r"|\bcalendar date\b|\b(?:which|what) (?:date|day|month)\b",
    AnswerType.MONEY: r"\bhow much (?:money|did\b.* (?:cost|pay|spend|earn)|does\b.* cost|will\b.*"
    r" (?:cost|pay)|was\b.* paid)\b|\b(?:what|which) (?:price|cost|sum)\b",
    AnswerType.SHARE: r"\b(?:what|which) (?:percentage|share|proportion|fraction|per ?cent)\b"
    r"|\bhow many per ?cent\b",
    AnswerType.COUNT: r"\bhow many\b",
    AnswerType.NUMBER: r"\bhow (?:much|long|old|far|large|often|high|tall|big)\b"
    r"|\b(?:what|which) (?:number|amount|population)\b",
    AnswerType.PERSON: r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|leader|politician"
    r"|author|minister|president|ambassador|analyst|expert|journalist)\b",
    AnswerType.PLACE: r"\bwhere\b|\b(?:what|which) (?:city|town|country|countries|place|region"
    r"|state|river|continent|area)\b",
    AnswerType.REASON: r"\bwhy\b|\bwhat (?:(?:is|was|are) the )?(?:reason|cause)",
}
_YEAR = r"\b(?:1\d|20)\d\d\b|\b\d0s\b|\bcentury\b"
_NUMBER = rf"\d|(?i:\b(?:{_COUNTS})\b)"
_HAS = {
    AnswerType.YEAR: _YEAR,
    AnswerType.DATE: rf"{_YEAR}|\b(?:{_MONTHS})\b|\b\d{{1,2}}(?:st|nd|rd|th)\b",
    AnswerType.MONEY: r"[$€£¥]\s?\d|(?i:\b(?:dollars?|euros?|pounds?|r(?:o)?ubles?|francs?|yen|USD"
    r"|EUR|cents?)\b)",
    AnswerType.SHARE: r"\d\s?%|(?i:\b(?:per ?cent|percent\w*|half|third|quarter|majority)\b)",
    AnswerType.COUNT: _NUMBER,
    AnswerType.NUMBER: _NUMBER,
    AnswerType.PERSON: r"\b[A-ZÀ-ÖØ-Þ][a-zà-ÿ’']+(?: [A-ZÀ-ÖØ-Þ][a-zà-ÿ’']+)+"
    r"|\b[A-ZÀ-ÖØ-Þ][a-zà-ÿ]+ (?:said|says|added|noted|argued|believes|explained)\b",
    AnswerType.PLACE: r"\b(?:in|at|near|from|to|of|on|outside|across) (?:the )?[A-Z]\w+",
    AnswerType.REASON: r"(?i:\b(?:because|due to|since|reason|in order to|so that|so as to"
    r"|caused?|result(?:ed)?|therefore|as|believing|related to|thanks to|needed|wants?"
    r"|to [a-z]+)\b)",
}
_ASKS_COMPILED = {kind: re.compile(pattern, re.I) for kind, pattern in _ASKS.items()}
_HAS_COMPILED = {kind: re.compile(pattern) for kind, pattern in _HAS.items()}
_HOW_MANY = re.compile(r"\bhow many((?: [\w'’-]+){1,4})", re.I)
_WORD = re.compile(r"\d[\d.,]*|[\w'’-]+")
_COUNT = re.compile(rf"\d[\d.,]*|{_COUNTS}|many|few|no", re.I)
_REACH = 4
"""How many words after a number what it counts is looked for."""


def asked_for(question: str) -> Asked | None:
    """Return the kind of thing that a question asks for: its first cue, then the closest kind."""
    cues = [
        (cue.start(), order, kind)
        for order, (kind, pattern) in enumerate(_ASKS_COMPILED.items())
        if (cue := pattern.search(question))
    ]
    if not cues:
        return None
    kind = min(cues)[2]
    return Asked(kind, _counted(question) if kind is AnswerType.COUNT else frozenset())


def has_type(text: str, asked: Asked) -> bool:
    """Whether a text holds a thing of this kind; a count must be one of what is counted."""
    if asked.counted:
        return _counts(_WORD.findall(text), asked.counted)
    return bool(_HAS_COMPILED[asked.kind].search(text))


def _counted(question: str) -> frozenset[str]:
    """Return the stems of the noun phrase after "how many": its words up to a stop word."""
    found = _HOW_MANY.search(question)
    phrase: list[str] = []
    for word in found[1].split() if found else []:
        if word.lower() in STOP_WORDS:
            break
        phrase.append(word)
    return frozenset(terms(" ".join(phrase)))


def _counts(words: Sequence[str], counted: frozenset[str]) -> bool:
    return any(
        _COUNT.fullmatch(word) and counted.intersection(terms(" ".join(words[n + 1 :][:_REACH])))
        for n, word in enumerate(words)
    )
