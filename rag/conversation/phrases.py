"""The noun phrases of a question, found without a tagger: by its determiners, verbs and names."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.words import STOP_WORDS, fold
from rag.conversation.names import NameKind, find_names

MAX_WORDS = 12
"""Longest noun phrase, in words."""

AUXILIARY = (
    r"(?:am|is|are|was|were|be|been|do|does|did|has|have|had|can|could|will|would|shall|should"
    r"|may|might|must)"
)
ASKING = r"(?:what|which|who|whom|whose|when|where|why|how)"
LEADER = re.compile(r"^(?:(?:and|but|or|so|then|ok|okay|well)\b[,.]? *)+", re.I)
"""What a follow-up begins with that a question of its own does not need."""
_TOKEN = re.compile(r"(?:\d[\d.,]*\d|[^\W_]+(?:[.'’&-]+[^\W_]+)*)|[^\s\w]")
_DETERMINERS = frozenset({"the", "a", "an"})
_ASKED = frozenset({"which", "what", "many", "much", "whose"})
_LINKS = frozenset({"of", "for", "in", "on", "over", "between", "with", "under", "by"})
_BEFORE_INVERSION = frozenset({"and", "or", "but", "then", "so"})
_PLURAL = re.compile(r"[^sui]s$")
_VERB_ENDING = re.compile(r"\w{2,}(?:ing|ed)")


class Phrase(NamedTuple):
    """A noun phrase: the span of its words in the text, and how it is introduced.

    `determiner` is its article or question word, empty without one; `sure` is false for a run of
    words that may as well be a verb with what follows it.
    """

    text: str
    start: int
    end: int
    determiner: str
    sure: bool

    @property
    def head(self) -> str:
        """The last word before what is joined to it by a preposition."""
        return re.split(rf" (?:{'|'.join(_LINKS)}) ", self.text)[0].rpartition(" ")[2]

    @property
    def plural(self) -> bool:
        """Whether it stands for several, by its ending."""
        return bool(_PLURAL.search(self.head)) or " and " in self.text

    @property
    def size(self) -> int:
        """How many content words it has."""
        return sum(fold(word) not in STOP_WORDS for word in self.text.split())

    @property
    def named_again(self) -> str:
        """The phrase as it is said the second time."""
        return f"the {self.text}" if self.determiner else self.text


class _Token(NamedTuple):
    text: str
    word: str
    start: int
    end: int

    @property
    def content(self) -> bool:
        return self.word not in STOP_WORDS | _ASKED and self.word[0].isalnum()

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() or self.text[0].isdigit()


def find_phrases(text: str, linked: bool = True) -> list[Phrase]:
    """Return the noun phrases of a text, in order; joined by their prepositions where `linked`."""
    tokens = [_Token(m.group(), fold(m.group()), *m.span()) for m in _TOKEN.finditer(text)]
    return list(_phrases(text, tokens, linked))


def main_phrase(question: str, plural: bool) -> Phrase | None:
    """Return a question's main noun phrase: of those that may be meant the longest."""
    persons = {name.text for name in find_names(question) if name.kind is NameKind.PERSON}
    return max(
        (phrase for phrase in find_phrases(question) if phrase.text not in persons),
        key=lambda phrase: (phrase.sure, phrase.plural is plural, phrase.size, -phrase.start),
        default=None,
    )


def bare(text: str) -> str:
    """Return a question without its mark."""
    return text.strip(" ?.!,;")


def last_sentence(text: str) -> str:
    """Return the last of a turn's sentences."""
    return re.split(r"(?<=[a-z0-9)][.!?]) (?=[A-Z])", text)[-1]


def _phrases(text: str, tokens: list[_Token], linked: bool) -> Iterator[Phrase]:
    place = 0
    while place < len(tokens):
        if not tokens[place].content:
            place += 1
            continue
        before = tokens[place - 1].word if place else ""
        determiner = before if before in _DETERMINERS | _ASKED else ""
        last = _segment(tokens, place, bool(determiner))
        if determiner in _ASKED:  # "which companies supply": the verb follows the plural
            plurals = [n for n in range(place, last) if _PLURAL.search(tokens[n].word)]
            last = plurals[-1] + 1 if plurals else last
        subject = _follows_auxiliary(tokens, place - bool(determiner))
        followed = tokens[last].word if last < len(tokens) else ""
        stripped = subject and _ends_in_verb(tokens, place, last)
        if stripped:
            last -= 1
        proper = tokens[place].capital and (place > 0 or last > 1)
        sure = bool(determiner) or subject or proper
        end = last
        if linked and not stripped and (sure or followed == "of"):
            end = _linked(tokens, last, subject)
        end = min(end, place + MAX_WORDS)
        span = tokens[place].start, tokens[end - 1].end
        words = any(token.word[0].isalpha() for token in tokens[place:end])
        yield Phrase(text[slice(*span)], *span, determiner, sure and words)
        place = end


def _segment(tokens: list[_Token], place: int, determined: bool) -> int:
    """Return where a run of content words ends: before a verb that its case or ending betrays."""
    end = place + 1
    while end < len(tokens) and tokens[end].content:
        here, before = tokens[end], tokens[end - 1]
        if before.capital and not here.capital and end - 1 > 0:
            break
        if not determined and (here.capital != before.capital or _is_verb(here)):
            break
        end += 1
    return end


def _is_verb(token: _Token) -> bool:
    return not token.capital and bool(_VERB_ENDING.fullmatch(token.word))


def _follows_auxiliary(tokens: list[_Token], place: int) -> bool:
    """Whether an auxiliary stands before its subject: "did Minsk", not "we did" or "to be"."""
    if place == 0 or not re.fullmatch(AUXILIARY, tokens[place - 1].word):
        return False
    start = place - 1
    while start > 0 and tokens[start - 1].content:
        start -= 1
    before = tokens[start - 1].word if start else ""
    if start < place - 1:  # the auxiliary follows a noun: "which roads did", not "roads are"
        return before in _ASKED
    return before in _BEFORE_INVERSION or bool(re.fullmatch(rf"{ASKING}|\W|", before))


def _ends_in_verb(tokens: list[_Token], place: int, last: int) -> bool:
    """Whether a subject's last word is the verb: not in "what is X", nor where one comes later."""
    asks_what = tokens[0].word in ("what", "who") and tokens[1].word in ("is", "are", "was", "were")
    after = _linked(tokens, last, subject=False)
    later = after < len(tokens) and (
        tokens[after].content or re.fullmatch(AUXILIARY, tokens[after].word)
    )
    of = last < len(tokens) and tokens[last].word == "of"
    return last - place > 1 and not tokens[last - 1].capital and not (asks_what or later or of)


def _linked(tokens: list[_Token], end: int, subject: bool) -> int:
    """Return where a phrase ends with the phrases that prepositions or "and" join to it."""
    while end + 1 < len(tokens) and (tokens[end].word in _LINKS or tokens[end].word == "and"):
        determined = tokens[end + 1].word in _DETERMINERS
        start = end + 1 + determined
        if start >= len(tokens) or not tokens[start].content or _is_verb(tokens[start]):
            break
        joins = tokens[end].word == "and"
        if joins and not (determined or tokens[start].capital):
            break
        end = _segment(tokens, start, determined=True)
        if joins and subject and end - start > 1 and not tokens[end - 1].capital:
            return end - 1  # the predicate: "are a bridge and a tunnel safe"
    return end
