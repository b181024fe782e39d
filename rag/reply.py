"""A language model's reply, read tolerantly: numbers of sentences, or a question in other words.

Replies are a line or two. Thinking aloud (`<think>`), Markdown and what is said around the line do
not matter. Whatever cannot be read is no choice, never a guess.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rag.prompts import NONE

MOST_NUMBERS = 8
"""How many numbers of a choice are read."""
LONGEST_CHOICE = 240
LONGEST_REWRITING = 1000
"""Characters after which a reply is cut: some 60 and 250 tokens."""
MOST_WORDS = 4
"""Words in a line up to which a bare number in it is taken for a sentence's, not for an answer."""
LONGEST_QUESTION = 400
"""Characters of a question in other words."""

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_THOUGHT_END = re.compile(r"</think(?:ing)?>", re.I)
_MARKDOWN = re.compile(r"^[ \t]*`{3,}\w*[ \t]*$|[`*]", re.M)
_DECLINED = re.compile(rf"\W*(?:{NONE}\b.*|0\W*|\[\s*\]\W*)", re.I)
_NUMBER = re.compile(r"(?<![\w.])\d{1,4}(?![\w%]|\.\d)")
_BRACKETED = re.compile(r"\[\s*(\d{1,4})\s*\]")
_FOCUS = re.compile(
    r"(?:^\W*(?:[^\W\d]+\s+)?|[;,]\s*)[\[\"']*(\d{1,4})[\]\"']*\s*[:.)\]-]\s+(?=[^;,\[\n]*[^\W\d_])"
)
_GOES_ON = re.compile(r"[-\s\[\]\"',]*(?:\d|$)")
_LABEL = re.compile(
    r"\s*(?:[-#>]+\s+)?(?:\d[.)]\s+)?(?:[\"'\[]?(question|search)(?: query)?\s*:)?\s*", re.I
)
_QUOTATION = "\"'“”„«»‘’"


@dataclass(frozen=True)
class Chosen:
    """What a reply chooses: numbers from 1, best first, and what was copied for some of them."""

    numbers: tuple[int, ...] = ()
    focuses: dict[int, str] = field(default_factory=dict)
    declined: bool = False


class Rewritten(NamedTuple):
    """The two lines of a rewriting."""

    question: str
    query: str


class _Named(NamedTuple):
    number: int
    copied: str = ""


def visible(reply: str) -> str:
    """Return what a reply says, without its thoughts and its Markdown."""
    return _MARKDOWN.sub("", _THOUGHT_END.split(_THOUGHT.sub("", reply))[-1])


def is_chosen(reply: str, sentences: Sequence[str]) -> bool:
    """Whether a reply that still goes on has said its choice, or too much."""
    text = visible(reply).lstrip()
    return len(text) > LONGEST_CHOICE or _lines(text, sentences)[1]


def read_choice(reply: str, sentences: Sequence[str]) -> Chosen | None:
    """Return what a reply chooses of these sentences; None where it cannot be read.

    Ignored are numbers of no sentence, and words that were not copied from the sentence.
    """
    text = visible(reply).lstrip()
    if len(text) > LONGEST_CHOICE:  # a number at the end may be half of one
        text = re.sub(r"\d+$", "", text[:LONGEST_CHOICE])
    lines, _ = _lines(text, sentences)
    if lines and _DECLINED.fullmatch(lines[0]):
        return Chosen(declined=True)
    found: dict[int, str] = {}
    for named in (named for line in lines for named in _named(line, sentences)):
        if 0 < named.number <= len(sentences) and len(found) < MOST_NUMBERS:
            found.setdefault(named.number, named.copied)
    focuses = {n: words for n, words in found.items() if _stands_in(words, sentences[n - 1])}
    return Chosen(tuple(found), focuses) if found else None


def _lines(text: str, sentences: Sequence[str]) -> tuple[list[str], bool]:
    """Return the lines of a text that make its choice, and whether no more can follow.

    That is the first that names a number or declines, and, where it names only one or copies words,
    those after it that name more.
    """
    found: list[str] = []
    goes_on = True
    *finished, last = text.split("\n")
    for line in finished:
        if found and not (goes_on and _GOES_ON.match(line) and line.strip()):
            return found, True
        named = list(_named(line, sentences))
        if not found:
            goes_on = len(named) == 1 or any(item.copied for item in named)
        if found or named or _DECLINED.fullmatch(line):
            found.append(line)
    if found and not (goes_on and _GOES_ON.match(last)):
        return found, True
    return ([*found, last] if last.strip() else found), False


def _named(line: str, sentences: Sequence[str]) -> Iterator[_Named]:
    """Yield the numbers that a line names, each with the words copied for it."""
    marks = list(_FOCUS.finditer(line))
    if marks and marks[0].start() == 0:
        ends = [mark.start() for mark in marks[1:]] + [len(line)]
        for mark, end in zip(marks, ends, strict=True):
            yield _Named(int(mark[1]), line[mark.end() : end].strip(f" \t\r;,{_QUOTATION}"))
    elif _BRACKETED.search(line):
        yield from (_Named(int(number)) for number in _BRACKETED.findall(line))
    elif len(words := re.findall(r"[^\W\d_]+", line)) <= MOST_WORDS:
        said = line.strip(f" \t\r.{_QUOTATION}")
        if not words or not any(_stands_in(said, sentence) for sentence in sentences):
            yield from (_Named(int(number)) for number in _NUMBER.findall(line))


def _stands_in(words: str, sentence: str) -> bool:
    return bool(words) and " ".join(words.split()) in " ".join(sentence.split())


def is_rewritten(reply: str) -> bool:
    """Whether a reply that still goes on has said both lines, or too much."""
    finished = _labelled(visible(reply).rpartition("\n")[0])
    return (
        any(label == "search" for label, _ in finished) or len(visible(reply)) > LONGEST_REWRITING
    )


def read_rewriting(reply: str, question: str, said: str) -> Rewritten | None:
    """Return a question in other words; None where the reply cannot be read.

    A line that is too long is no rewriting, nor one that lacks a number of the question or has one
    that neither the question nor what was `said` before has.
    """
    lines = _labelled(visible(reply))
    named = {label: line for label, line in reversed(lines) if label}
    if not named and len(lines) <= 2:
        named = dict(zip(("question", "search"), (line for _, line in lines), strict=False))
    asked = named.get("question", question)
    found = Rewritten(asked, named.get("search", asked))
    wanted, known = _numbers(question), _numbers(f"{question} {said}")
    usable = named and all(
        len(line) <= LONGEST_QUESTION and wanted <= _numbers(line) <= known for line in found
    )
    return found if usable else None


def _labelled(text: str) -> list[tuple[str, str]]:
    """Return the lines that say something, each with its label or ""."""
    found = []
    for line in text.splitlines():
        label = _LABEL.match(line)
        assert label  # noqa: S101 it may be empty
        said = line[label.end() :].strip(f" \t{_QUOTATION}")
        if said:
            found.append(((label[1] or "").lower(), said))
    return found


def _numbers(text: str) -> set[str]:
    """Return the numbers and identifiers of a text."""
    return {word.casefold() for word in re.findall(r"\w*\d\w*", text)}
