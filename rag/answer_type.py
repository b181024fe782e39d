"""What kind of thing a question asks for, and whether a sentence has one."""

import re
from enum import StrEnum

_MONTHS = r"January|February|March|April|May|June|July|August|September|October|November|December"


class AnswerType(StrEnum):
    """The kinds told apart; a question may ask for none of them."""

    DATE = "date"
    NUMBER = "number"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"


_ASKS = {
    AnswerType.DATE: r"^(?:(?:and|but|so)\W+)?when\b|\b(?:since|until) when\b|\bcalendar date\b"
    r"|\b(?:which|what) (?:date|day|month|year|decade|century)\b",
    AnswerType.NUMBER: r"\bhow (?:many|much|long|old|far|large|often|high|tall|big)\b"
    r"|\b(?:what|which) (?:percentage|share|number|proportion|price|amount|population)\b",
    AnswerType.PERSON: r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|leader|politician"
    r"|author|minister|president|ambassador|analyst|expert|journalist)\b",
    AnswerType.PLACE: r"\bwhere\b|\b(?:what|which) (?:city|town|country|countries|place|region"
    r"|state|river|continent|area)\b",
    AnswerType.REASON: r"\bwhy\b|\bwhat (?:(?:is|was|are) the )?(?:reason|cause)",
}
_HAS = {
    AnswerType.DATE: rf"\b(?:1[0-9]|20)\d\d\b|\b(?:{_MONTHS})\b|\b\d{{1,2}}(?:st|nd|rd|th)\b",
    AnswerType.NUMBER: r"\d|(?i:\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|dozen|twenty|thirty|forty|fifty|hundred|thousand|million|billion|half|third|once|twice"
    r"|majority|several)\b)",
    AnswerType.PERSON: r"\b[A-ZÀ-ÖØ-Þ][a-zà-ÿ’']+(?: [A-ZÀ-ÖØ-Þ][a-zà-ÿ’']+)+"
    r"|\b[A-ZÀ-ÖØ-Þ][a-zà-ÿ]+ (?:said|says|added|noted|argued|believes|explained)\b",
    AnswerType.PLACE: r"\b(?:in|at|near|from|to|of|on|outside|across) (?:the )?[A-Z]\w+",
    AnswerType.REASON: r"(?i:\b(?:because|due to|since|reason|in order to|so that|so as to"
    r"|caused?|result(?:ed)?|therefore|as|believing|related to|thanks to|needed|wants?"
    r"|to [a-z]+)\b)",
}
_ASKS_COMPILED = {kind: re.compile(pattern, re.I) for kind, pattern in _ASKS.items()}
_HAS_COMPILED = {kind: re.compile(pattern) for kind, pattern in _HAS.items()}


def asked_for(question: str) -> AnswerType | None:
    """Return the kind of thing that a question asks for, by its first cue."""
    cues = [
        (cue.start(), kind)
        for kind, pattern in _ASKS_COMPILED.items()
        if (cue := pattern.search(question))
    ]
    return min(cues)[1] if cues else None


def has_type(text: str, kind: AnswerType) -> bool:
    """Whether a text holds a thing of this kind."""
    return bool(_HAS_COMPILED[kind].search(text))
