"""What a sentence needs around it to stand alone: its antecedent, its speaker, its list.

Nothing is written here: the context of a sentence is other sentences of the same article.
"""

import re
from dataclasses import dataclass, field, replace

from ingest.types import Article, BlockKind, Sentence, Span
from ingest.words import words
from rag.verdict import JOINT, REPORTING, tidy

MAX_ANTECEDENTS = 2
MAX_ITEMS = 12
ENUMERATION_REACH = 6
"""How many sentences "The second …" may come after "The first …"."""
MIN_WORDS = 3

_ADDING = (
    r"Moreover|Also|In addition|Additionally|Furthermore|Meanwhile|At the same time|In particular"
)
_DEPENDING = (
    r"However|But|And|Yet|Then|So|Therefore|Thus|Hence|Instead|On the other hand|As a result"
    r"|Consequently|Nevertheless|In response|In turn|Perhaps|By doing so|This is why|That is why"
)
_CONNECTIVES = rf"{_ADDING}|{_DEPENDING}"
_ADDS = re.compile(rf"^(?:{_ADDING})\b|^(?:\w+,? ){{0,8}}also\b|^(?:another|finally)\b", re.I)
_CONNECTIVE = re.compile(rf"[“„\"'«(]?(?:{_DEPENDING})\b")
_EXPLETIVE = re.compile(
    rf"(?:(?:{_CONNECTIVES}),?\s+)*it (?:is|was|can|cannot|could|should|must|seems|appears)"
    r"(?! (?:he|she|they|this|that)\b)"
    r"(?: \w+){1,5} (?:that|who|to)\b",
    re.I,
)
_ANAPHOR = re.compile(
    rf"[“„\"'«(]?(?:(?:{_CONNECTIVES}),?\s+)*"
    r"(?:he|she|it|they|this|these|that|those|his|her|its|their|him|such|both|neither"
    r"|the (?:first|second|third|fourth|main|last|other|latter|former|others?|same)"
    r"(?: one| two)?(?! \w+ of\b)(?! of (?!them|these|those)))\b",
    re.I,
)
_BARE_DEFINITE = re.compile(
    r"The ([a-z]{3,}) (?!of|for|in|on|at|to|between|from|with|by|that|which|who|and|or|\w+ing\b)"
)
_FIRST_PERSON = re.compile(r"\b(?:I|we|my|our|me|us)\b", re.I)
_ORDINAL = re.compile(r"the (?:first|second|third|fourth|fifth|last)\b", re.I)
_ORDINALS = [
    re.compile(rf"(?:the )?{word}(?:ly)?\b", re.I)
    for word in ("first", "second", "third", "fourth", "fifth")
]
_CLOSED_BY_SPEAKER = re.compile(r"[,\"”]\s*[—–-]\s*(?:says?|said|adds?|explains?|notes?)\b")
_OPENING, _CLOSING = "“„«", "”»"


@dataclass(frozen=True)
class Unit:
    """A sentence with what it needs to stand alone; `numbers` are the article's, in order.

    `speaker` is the number of the sentence that introduces who says it, in a speech.
    """

    article: Article
    number: int
    numbers: tuple[int, ...]
    speaker: int | None = None

    def leans(self, other: "Unit") -> bool:
        """Whether one of two units has the other's sentence."""
        same = self.article.id == other.article.id
        return same and (self.number in other.numbers or other.number in self.numbers)

    def joined(self, other: "Unit") -> "Unit":
        """Return this unit with the sentences of another."""
        return replace(self, numbers=tuple(sorted({*self.numbers, *other.numbers})))

    @property
    def spans(self) -> list[Span]:
        """Where it stands: one span for each run of neighbouring sentences."""
        spans: list[Span] = []
        for count, number in enumerate(self.numbers):
            sentence = self.article.sentences[number]
            if count and self._touches(self.numbers[count - 1], number):
                spans[-1] = Span(spans[-1].start, sentence.end)
            else:
                spans.append(Span(sentence.start, sentence.end))
        return spans

    def _touches(self, before: int, number: int) -> bool:
        here, there = self.article.sentences[number], self.article.sentences[before]
        return number == before + 1 and here.block - there.block <= 1

    @property
    def text(self) -> str:
        """Its words, tidied for display."""
        return JOINT.join(tidy(self.article.text[span.start : span.end]) for span in self.spans)

    @property
    def source(self) -> str:
        """Who says it: the article, and in a speech the sentence that introduces the speaker."""
        return f"{self.article.id} {self.speaker}"

    @property
    def sentence(self) -> str:
        """The words of the sentence itself."""
        start, end = self.article.sentences[self.number][:2]
        return tidy(self.article.text[start:end])


@dataclass
class Reader:
    """Reads one article: who speaks where, and which sentences need which others."""

    article: Article
    _blocks: dict[int, list[int]] = field(init=False)
    _enumerations: list[set[int]] = field(init=False)
    _speakers: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._blocks = {}
        for number, sentence in enumerate(self.article.sentences):
            self._blocks.setdefault(sentence.block, []).append(number)
        self._enumerations = self._find_enumerations()
        self._speakers = self._find_speeches()

    def unit(self, number: int) -> Unit:
        """Return a sentence with the sentences that it needs."""
        chosen = {number, *self._list_around(number), *self._enumeration_around(number)}
        chosen |= self._antecedents(min(chosen)) | self._introduced(number)
        chosen |= self._quotation_around(number)
        introduction = self._speakers.get(self.article.sentences[number].block)
        if introduction is not None:
            chosen |= {introduction, *self._antecedents(introduction)}
        return Unit(self.article, number, tuple(sorted(chosen)), introduction)

    def _text(self, number: int) -> str:
        return self.article.text[slice(*self.article.sentences[number][:2])]

    def _antecedents(self, number: int) -> set[int]:
        """Step back while a sentence leans on the one before it."""
        found: set[int] = set()
        sentences = self.article.sentences
        for _ in range(MAX_ANTECEDENTS):
            if number == 0 or sentences[number - 1].kind is BlockKind.HEADING:
                break
            same_block = sentences[number - 1].block == sentences[number].block
            if not _leans(self._text(number), same_block) or (found and not same_block):
                break
            number -= 1
            found.add(number)
        return found

    def _introduced(self, number: int) -> set[int]:
        """Return where "The document …" was first spoken of: "a document titled …"."""
        bare = _BARE_DEFINITE.match(self._text(number))
        if bare is None:
            return set()
        first = re.compile(rf"\b(?:an?|another|new) (?:[\w-]+ ){{0,3}}{bare[1]}\b", re.I)
        block = self._blocks[self.article.sentences[number].block]
        before = [n for n in block if n < number and first.search(self._text(n))]
        return set(before[-1:])

    def _list_around(self, number: int) -> set[int]:
        """Return the lead-in and all items of the list that a sentence belongs to."""
        sentences = self.article.sentences
        first = number
        while first > 0 and sentences[first].kind is BlockKind.ITEM:
            first -= 1
        if not self._text(first).rstrip().endswith(":"):
            return set()
        last = first
        while last + 1 < len(sentences) and sentences[last + 1].kind is BlockKind.ITEM:
            last += 1
        if last == first and first == number:
            return self._paragraph_items(first)
        return set(range(first, last + 1)) if last - first <= MAX_ITEMS else {first}

    def _paragraph_items(self, lead: int) -> set[int]:
        """Paragraphs that each open with a quoted or ordinal label are items too."""
        sentences = self.article.sentences
        found: set[int] = set()
        for number in range(lead + 1, min(lead + 1 + MAX_ITEMS, len(sentences))):
            starts_block = sentences[number].block != sentences[number - 1].block
            labelled = re.match(r"[“„\"][^“”\"]{2,40}[”\"]\s*[–—:-]", self._text(number))
            if not starts_block or not (labelled or _ORDINAL.match(self._text(number))):
                if starts_block or not _ORDINAL.match(self._text(number - 1)):
                    break
                continue
            found.add(number)
        return found

    def _enumeration_around(self, number: int) -> set[int]:
        """Return "The first …", "The second …" and so on, with the sentence that leads to them."""
        return next((found for found in self._enumerations if number in found), set())

    def _find_enumerations(self) -> list[set[int]]:
        found: list[set[int]] = []
        current: list[int] = []
        for number in range(len(self.article.sentences)):
            if _ORDINALS[0].match(self._text(number)):
                current = [number]
            elif current and number - current[-1] > ENUMERATION_REACH:
                current = []
            elif current and _ORDINALS[len(current)].match(self._text(number)):
                current.append(number)
                if len(current) == 2:
                    found.append({max(current[0] - 1, 0), *current})
                else:
                    found[-1].add(number)
                if len(current) == len(_ORDINALS):
                    current = []
        return found

    def _quotation_around(self, number: int) -> set[int]:
        """Return the sentence that says who speaks, when this one is inside a quotation."""
        inside = self._blocks[self.article.sentences[number].block]
        opened: int | None = None
        for current in inside:
            text = self._text(current)
            depth = sum(text.count(mark) for mark in _OPENING) - sum(
                text.count(mark) for mark in _CLOSING
            )
            start = opened if opened is not None else current
            if depth > 0 and opened is None:
                opened = current
            closes = depth < 0 and opened is not None
            if closes and start <= number <= current:
                return self._who_says(start, current, inside)
            if closes:
                opened = None
        return set()

    def _who_says(self, start: int, end: int, inside: list[int]) -> set[int]:
        for number in (start, end, end + 1):
            if number in inside and REPORTING.search(_outside_quotation(self._text(number))):
                return {number, end} if number > end else {number}
        return set()

    def _find_speeches(self) -> dict[int, int]:
        """Map the blocks of speeches without quotation marks to the sentence introducing them."""
        order = sorted(self._blocks)
        speakers: dict[int, int] = {}
        for place, block in enumerate(order):
            introduction = self._introduction(self._blocks[block])
            if introduction is not None:
                for said in self._speech(order[place + 1 :]):
                    speakers[said] = introduction
        return speakers

    def _introduction(self, numbers: list[int]) -> int | None:
        if not self._text(numbers[-1]).rstrip().endswith(":"):
            return None
        for number in reversed(numbers):
            text = self._text(number)
            if REPORTING.search(text) and re.search(r"\s[A-Z]\w+", text):
                return number
        return None

    def _speech(self, following: list[int]) -> list[int]:
        """A speech is its first block, and goes on to the last one in the first person."""
        run: list[int] = []
        extent = 1
        for block in following:
            numbers = self._blocks[block]
            text = " ".join(self._text(number) for number in numbers)
            kind = self.article.sentences[numbers[0]].kind
            if kind is BlockKind.ITEM or (text.rstrip().endswith(":") and run):
                break
            if kind is BlockKind.HEADING:
                continue
            run.append(block)
            if _CLOSED_BY_SPEAKER.search(text):
                return run
            spoken = _FIRST_PERSON.search(_outside_quotation(text)) or _ORDINAL.match(text)
            if spoken and len(numbers) > 1:
                extent = len(run)
        return run[:extent]


def _leans(text: str, same_block: bool) -> bool:
    """Whether a sentence points back; one that only connects does so within its paragraph."""
    if _EXPLETIVE.match(text):
        return False
    return bool(_ANAPHOR.match(text) or (same_block and _CONNECTIVE.match(text)))


def adds(text: str) -> bool:
    """Whether a sentence adds to the one before it: "It also …", "In addition, …"."""
    return bool(_ADDS.search(text))


def _outside_quotation(text: str) -> str:
    text = re.sub(r"[“„«\"][^“”„«»\"]*[”»\"]", " ", text)
    return re.sub(r"[“„«][^”»]*$|^[^“„«]*[”»]", " ", text)


def is_statement(sentence: Sentence, text: str) -> bool:
    """Headings, questions and exclamations of a word or two state nothing."""
    says_enough = len(words(text)) >= MIN_WORDS
    asks = text.rstrip("”\"'» ").endswith("?")
    return sentence.kind is not BlockKind.HEADING and says_enough and not asks
