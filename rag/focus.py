"""The focus: the range of a statement's text that answers. It is display only."""

import re
from collections.abc import Iterator, Sequence

from ingest.types import BlockKind
from ingest.words import words
from rag.question import Asks, Question
from rag.select import Choice
from rag.types import Quote, joined, tidy
from rag.values import VALUES, find_values, match

_NAME = re.compile(r"(?:[^\W\d_a-z][\w’'-]*)(?:[ -][^\W\d_a-z][\w’'-]*)*")


def focus(question: Question, choice: Choice, quotes: Sequence[Quote]) -> tuple[int, int] | None:
    """Return the range of the statement's text that answers, or None where form cannot tell."""
    unit = tidy(choice.best.text)
    start = joined(quotes).find(unit)
    if start < 0:
        return None
    unit_kind = choice.best.unit.kind
    found = _cell(question, choice) if unit_kind is BlockKind.ROW else None
    found = found or _value(question, unit)
    return (start + found[0], start + found[1]) if found else None


def _value(question: Question, text: str) -> tuple[int, int] | None:
    """Return the first value of the kind asked for that the question does not have itself."""
    kind = question.asked
    if kind in VALUES:
        found = [value for value in find_values(text) if not question.says(value.said)]
        best = max(found, key=lambda value: match(kind, value.kinds), default=None)
        return (best.start, best.end) if best and match(kind, best.kinds) else None
    if kind in (Asks.PERSON, Asks.PLACE):
        names = (name for name in _NAME.finditer(text) if name.start() > 0)
        return next((name.span() for name in names if not question.says(name.group())), None)
    return None


def _cell(question: Question, choice: Choice) -> tuple[int, int] | None:
    """Return the cell of a row under the header that the question has most words of."""
    article, unit = choice.article, choice.best.unit
    if not unit.needs:
        return None
    header = tidy(article.text[unit.needs[-1].start : unit.needs[-1].end])
    row = tidy(choice.best.text)
    names, cells = list(_cells(header)), list(_cells(row))
    if len(names) != len(cells) or len(cells) < 2:
        return None
    asked = {term.word for term in question.terms if term.weight > 0}
    scores = [len(asked.intersection(words(header[a:b]))) for a, b in names]
    best = max(range(1, len(cells)), key=lambda n: scores[n])
    return cells[best] if scores[best] or len(cells) == 2 else None


def _cells(line: str) -> Iterator[tuple[int, int]]:
    for cell in re.finditer(r"[^|;\t]+", line):
        start = cell.start() + len(cell.group()) - len(cell.group().lstrip())
        end = cell.start() + len(cell.group().rstrip())
        if start < end:
            yield start, end
