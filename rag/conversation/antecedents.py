"""Pronouns: the name or noun phrase of the conversation that each stands for."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.words import fold, terms
from rag.conversation.names import ROLE, NameKind, find_names
from rag.conversation.phrases import (
    ASKING,
    AUXILIARY,
    LEADER,
    bare,
    find_phrases,
    last_sentence,
    main_phrase,
)

_PERSON = re.compile(r"\b(?:he|she|him|his|her|hers)\b", re.I)
_THING = re.compile(
    r"\b(?:it|its|they|them|their)\b"
    r"|(?<!which )(?<!that )(?<!this )(?<!other )(?<!the )(?<!each )(?<!no )\bone(?=\W*$)",
    re.I,
)
_POINTED = re.compile(
    rf"(?:^(?!that)|\b(?:{AUXILIARY}|{ASKING}|about|of|for|in|on|with|to|at|by|from|under|like) )"
    r"(?P<word>this|that|these|those)\b(?P<noun> [a-z]{3,})?",
    re.I,
)
_LAST = re.compile(r"(?<!before )(?<!after )(?<!since )(?<!until )\b(?:this|that)(?=\W*$)", re.I)
"""What was said or done: "Why did she say that?"."""
_NOW = re.compile(r" (?:year|month|week|century|decade|day|time|way|kind|sort)s?", re.I)
"""What "this" points at outside the conversation."""
_THERE = re.compile(
    r"\bthere(?= *(?:[?.,!;]|$)| (?:in|on|now|today|before|after|and|since)\b)", re.I
)
_EXPLETIVE = re.compile(
    r"\bit(?:['’]s| is| was) (?:\w+ ){1,2}(?:that|to|for|whether|if)\b"
    r"|\bit (?:(?:takes?|took|costs?) (?:\w+ )?to|rains?|snows?|means? (?:that|i|we|you|they))\b"
    r"|\b(?:is|was|be) it (?:\w+ ){0,2}(?:that|whether|if)\b"
    r"|\b(?:is|was|be) it (?:im)?(?:possible|necessary|true|hard|easy|difficult|safe|(?:il)?legal"
    r"|important|better|best|enough|worth|time|ok|okay)\b|\bit (?:seems|appears) that\b",
    re.I,
)
_OWN_ROLE = re.compile(rf"\b(?:the|an?|every|each) (?:\w+ )?{ROLE}\b", re.I)
_BOUNDARY = re.compile(
    r"[,;.?!]| (?:and|but|or|if|when|that|because|while|after|before|who|which) ", re.I
)
_INVERTED = re.compile(rf"\b(?!ha[sd]|have){AUXILIARY} $", re.I)
_POSSESSIVE = frozenset({"his", "her", "hers", "its", "their"})


class Exchange(NamedTuple):
    """A question of the conversation, standing alone, and what was answered."""

    question: str
    answer: str = ""


def with_antecedents(question: str, exchanges: Sequence[Exchange]) -> str | None:
    """Return a question with the first pronoun of each kind replaced; None without any.

    The others of the kind are bound by the one replaced.
    """
    text = question
    for replace in (_person_named, _thing_named, _place_named):
        text = replace(text, exchanges)
    if text == question and _is_incomplete(question):
        text = _with_topic(question, exchanges)
    if text == question:
        return None
    lead = LEADER.match(text)
    rest = text[lead.end() :] if lead else text
    return rest[:1].upper() + rest[1:]


def _is_incomplete(question: str) -> bool:
    """Whether a question names nothing that it could be about: "How can I apply?"."""
    named = any(phrase.sure for phrase in find_phrases(question))
    asks = re.match(rf"(?:{ASKING}|{AUXILIARY})\b", question, re.I)
    return bool(asks) and not named and len(terms(question)) == 1


def _with_topic(question: str, exchanges: Sequence[Exchange]) -> str:
    """Return a question with what the last one is about in brackets."""
    topic = _antecedent(exchanges, plural=False) or bare(last_sentence(exchanges[0].question))
    return f"{bare(question)} ({topic})?"


def _person_named(question: str, exchanges: Sequence[Exchange]) -> str:
    pronoun = _PERSON.search(question)
    if pronoun is None:
        return question
    own, after = question[: pronoun.start()], question[pronoun.end() :]
    if _OWN_ROLE.search(own) or _of_kind(own, NameKind.PERSON) or _is_embedded(own, after):
        return question
    person = next(_persons(exchanges), None)
    return _put(question, pronoun.start(), pronoun.group(), person) if person else question


def _persons(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield who "he" or "she" may be, the most likely first."""
    for exchange in exchanges:
        yield from _of_kind(exchange.question, NameKind.PERSON)
        phrases = find_phrases(exchange.question)
        yield from (p.named_again for p in phrases if re.fullmatch(ROLE, p.head, re.I))
        yield from _of_kind(exchange.answer, NameKind.PERSON)
        if re.match(r"who (?:is|was) the ", exchange.question, re.I):
            yield from (phrase.named_again for phrase in phrases if phrase.determiner)


def _of_kind(text: str, kind: NameKind) -> list[str]:
    return [name.text for name in find_names(text) if name.kind is kind]


def _thing_named(question: str, exchanges: Sequence[Exchange]) -> str:
    pronoun = _THING.search(question)
    if pronoun is None:
        return _pointed_at(question, exchanges)
    start, word = pronoun.start(), pronoun.group()
    if _EXPLETIVE.search(question) or _is_bound(question, start, word):
        return question
    phrase = _antecedent(exchanges, plural=fold(word).startswith("the"))
    return _put(question, start, word, phrase) if phrase else _with_topic(question, exchanges)


def _pointed_at(question: str, exchanges: Sequence[Exchange]) -> str:
    """Replace "this" or "these reforms" by what the conversation says of it."""
    pointed, last = _POINTED.search(question), _LAST.search(question)
    if pointed is None and last and not _is_bound(question, last.start(), "it"):
        return _with_topic(question, exchanges)
    if pointed is None or _is_bound(question, pointed.start("word"), "it"):
        return question
    noun, start, end = pointed["noun"] or "", pointed.start("word"), pointed.end("word")
    if _NOW.fullmatch(noun):
        return question
    if terms(noun):
        phrase = _phrase_with(noun, exchanges)
        if phrase is None:
            return _with_topic(question, exchanges)
        end = _end_of(phrase, question, pointed.end())
    else:
        phrase = _antecedent(exchanges, plural=fold(pointed["word"]) in ("these", "those"))
    if phrase is None:
        return _with_topic(question, exchanges)
    return f"{question[:start]}{phrase}{question[end:]}"


def _end_of(phrase: str, question: str, end: int) -> int:
    """Return where words end that a phrase has too."""
    held = set(terms(phrase))
    while (word := re.match(r" \w+", question[end:])) and set(terms(word.group())) & held:
        end += word.end()
    return end


def _is_bound(question: str, start: int, pronoun: str) -> bool:
    """Whether the question itself says before a pronoun what that stands for."""
    before, after = question[:start], question[start + len(pronoun) :]
    phrases = [phrase for phrase in find_phrases(before) if phrase.sure]
    if fold(pronoun).startswith("it"):
        persons = set(_of_kind(before, NameKind.PERSON))
        phrases = [phrase for phrase in phrases if phrase.text not in persons]
    if fold(pronoun) in _POSSESSIVE and phrases:
        return not _INVERTED.search(before)
    boundaries = [found.start() for found in _BOUNDARY.finditer(before)]
    return _is_embedded(before, after) or any(
        phrase.end <= place for phrase in phrases for place in boundaries
    )


def _is_embedded(before: str, after: str) -> bool:
    """Whether a pronoun is in a quotation, or the subject of what is said or thought in it."""
    quoted = before.count('"') % 2 == 1 or before.count("“") > before.count("”")
    subject = re.match(rf" {AUXILIARY}\b", after, re.I) and re.search(r"\w{3,}(?: that)? $", before)
    return quoted or bool(subject and not re.search(rf"\b(?:{AUXILIARY}|{ASKING}) $", before, re.I))


def _phrase_with(noun: str, exchanges: Sequence[Exchange]) -> str | None:
    """Return the last phrase of the questions that has a noun."""
    for exchange in exchanges:
        for phrase in find_phrases(exchange.question):
            if phrase.sure and set(terms(noun)) & set(terms(phrase.text)):
                return phrase.named_again
    return None


def _antecedent(exchanges: Sequence[Exchange], plural: bool) -> str | None:
    """Return the noun phrase that the last question is about that plainly has one."""
    for exchange in exchanges:
        found = main_phrase(exchange.question, plural)
        if found and found.sure:
            return found.named_again
    return None


def _place_named(question: str, exchanges: Sequence[Exchange]) -> str:
    there = _THERE.search(question)
    own = question[: there.start()] if there else ""
    if there is None or re.search(rf"\b{AUXILIARY} $", own) or _of_kind(own, NameKind.PLACE):
        return question
    for exchange in exchanges:
        for text in exchange:
            places = _of_kind(text, NameKind.PLACE)
            if places:
                return f"{question[: there.start()]}in {places[-1]}{question[there.end() :]}"
    return question


def _put(question: str, start: int, pronoun: str, phrase: str) -> str:
    """Put a phrase in the place of a pronoun, as a possessive where that is one."""
    after = question[start + len(pronoun) :]
    if fold(pronoun) in _POSSESSIVE and (fold(pronoun) != "her" or re.match(r" \w{3,}", after)):
        phrase += "'" if phrase.endswith("s") else "'s"
    return f"{question[:start]}{phrase}{after}"
