"""Corrections and ellipses: the last question with a part of it exchanged, or one added."""

import re

from ingest.words import terms
from rag.conversation.names import Name, find_names
from rag.conversation.phrases import (
    ASKING,
    AUXILIARY,
    LEADER,
    Phrase,
    bare,
    find_phrases,
    main_phrase,
)

MAX_PART = 8
"""Longest ellipsis, in words; what is longer is a question of its own."""

_ABOUT = re.compile(r"^(?:what|how) about ", re.I)
_NO = re.compile(
    r"^(?:(?:no|nope|sorry|actually|wait|oops|pardon)\b[,.!:;]? *)+(?:(?:i|we) meant? |make that )?"
    r"|^(?:i|we) meant? ",
    re.I,
)
_NOT = re.compile(
    r"(?P<new>.+?),? (?:not|instead of|rather than) (?P<old>.+)"
    r"|not (?P<wrong>.+?),? but (?P<right>.+)",
    re.I,
)
_CLAUSE = re.compile(
    rf"\b(?:{ASKING}|{AUXILIARY}|i|you|we|he|she|they|it|not|his|her|its|their)\b", re.I
)
_ASKS_AGAIN = re.compile(
    r"^(?P<word>(?:(?:since|until|by|with|to|from) )?(?:why|when|where|who|whom|how"
    r"(?: (?:many|much|long|often))?)(?: (?:and|or) (?:why|when|where|who|how))*)"
    r"(?: (?:not|exactly|else|so))?"
    r"(?: (?:is|was|were|did|does) (?:that|this)(?: so| happen(?:ed)?)?)?$",
    re.I,
)
_ASKED = re.compile(
    rf"^(?P<asked>(?:(?:in|on|at|by|from|to|with|for|into|since|until) )?{ASKING}\b(?P<noun>.*?)) "
    rf"(?P<clause>{AUXILIARY} .+)$",
    re.I,
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_KINDS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b(?:\d{{1,2}} )?{_MONTH}(?: \d{{1,2}}\b,?)?(?: \d{{4}})?\b",
        r"\b(?:1\d|20)\d\ds?\b",
        r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|other"
        r"|\d+(?:st|nd|rd|th))\b(?: ones?\b)?",
        r"\b\d[\d.,]*\b%?",
    )
)
"""Kinds of parts that are exchanged for one another: dates, years, ordinals, numbers."""
_PREPOSITION = re.compile(
    r"^(?:in|on|at|by|from|to|with|for|into|since|until|before|after|during|under|near|between) ",
    re.I,
)


def corrected(question: str, before: str) -> str | None:
    """Return the last question with the part that the user takes back exchanged."""
    lead = _NO.match(question)
    part = bare(question[lead.end() :]) if lead else ""
    if not part:
        return None
    sides = _NOT.fullmatch(part)
    if sides:
        new, old = sides["new"] or sides["right"], sides["old"] or sides["wrong"]
        there = re.search(rf"\b{re.escape(old)}\b", before, re.I)
        if there:
            return _asked(f"{before[: there.start()]}{new}{before[there.end() :]}")
        part = new
    return _exchanged(before, part) if _is_part(part) else None


def completed(question: str, before: str) -> str | None:
    """Return what an ellipsis asks: the last question anew, or with a part exchanged or added."""
    lead = LEADER.match(question)
    rest = bare(question[lead.end() :] if lead else question)
    again = _ASKS_AGAIN.match(rest)
    if again:
        return _asked_again(again["word"], before)
    about = _ABOUT.match(rest)
    part = rest[about.end() :] if about else rest
    if not part or not _is_part(part):
        return None
    if lead or about:
        return _exchanged(before, part)
    # without "and", it is only what plainly takes the place of another
    return _of_same_kind(before, part) if question.rstrip().endswith("?") else None


def _asked(text: str) -> str:
    """Return a question with its capital and its mark."""
    text = bare(text)
    return f"{text[:1].upper()}{text[1:]}?"


def _is_part(text: str) -> bool:
    return len(text.split()) <= MAX_PART and not _CLAUSE.search(text)


def _asked_again(word: str, before: str) -> str:
    """Return a question word with the clause of the last question."""
    found = _ASKED.match(bare(before))
    if found:
        noun = "" if _PREPOSITION.match(found["asked"]) else bare(found["noun"] or "")
        noun = re.sub(r"^(?:many|much) ", "", noun)
        return _asked(f"{word} {found['clause']}{f' the {noun}' if noun else ''}")
    if re.match(rf"{AUXILIARY}\b", before, re.I):
        return _asked(f"{word} {before[:1].lower()}{before[1:]}")
    if re.match(rf"{ASKING}\b", before, re.I):
        return _asked(f"{word} and {before[:1].lower()}{before[1:]}")
    return _asked(f"{word} {before}")


def _exchanged(before: str, part: str) -> str:
    """Return the last question with a part in the place of its like, else with it added."""
    joint = " " if _PREPOSITION.match(part) else ", "
    return (
        _of_same_kind(before, part)
        or _like_noun(before, part)
        or _asked(f"{bare(before)}{joint}{part}")
    )


def _of_same_kind(before: str, part: str) -> str | None:
    """Exchange a date, year, ordinal, number or name for the last of its kind."""
    preposition = _PREPOSITION.match(part)
    core = re.sub(r"^(?:the|an?) ", "", part[preposition.end() :] if preposition else part)
    for kind in _KINDS:
        if kind.fullmatch(core):
            return _last_exchanged(before, core, list(kind.finditer(before)))
    names = [name for name in find_names(part) if name.text == core]
    if not names:
        return None
    alike = [name for name in find_names(before) if name.kind is names[0].kind]
    if preposition:
        named = preposition.group().lower()
        same = [n for n in find_names(before) if before[: n.start].lower().endswith(named)]
        alike = same or alike
    return _replaced(before, alike[-1], core) if alike else None


def _last_exchanged(before: str, core: str, found: list[re.Match[str]]) -> str | None:
    if found:
        old, year = found[-1], re.search(r" \d{4}$", found[-1].group())
        if year and re.search(_MONTH, core) and not re.search(r"\d{4}$", core):
            core += year.group()
        core = re.sub(r" ones?$", "", core)
        return _asked(f"{before[: old.start()]}{core}{before[old.end() :]}")
    if re.search(r" ones?$", core):  # "the second one" of what the last question is about
        phrase = main_phrase(before, plural=False)
        if phrase:
            ordinal = re.sub(r" ones?$", "", core)
            return _asked(f"{before[: phrase.start]}{ordinal} {before[phrase.start :]}")
    return None


def _replaced(text: str, old: Name | Phrase, new: str) -> str:
    return _asked(f"{text[: old.start]}{new}{text[old.end :]}")


def _like_noun(before: str, part: str) -> str | None:
    """Exchange a common noun for the only one said as it is, or the one that shares a word."""
    if _PREPOSITION.match(part):
        return None
    article = re.match(r"(?:the|an?) ", part, re.I)
    core = part[article.end() :] if article else part
    if [phrase.text for phrase in find_phrases(f"the {core}", linked=False)] != [core]:
        return None
    names = {name.text for name in find_names(before)}
    nouns = [p for p in find_phrases(before, linked=False) if p.sure and p.text not in names]
    shared = [p for p in nouns if set(terms(p.text)) & set(terms(core))]
    alike = [p for p in nouns if (p.determiner in ("the", "a", "an")) is bool(article)]
    chosen = shared if len(shared) == 1 else alike
    return _replaced(before, chosen[0], core) if len(chosen) == 1 else None
