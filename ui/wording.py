"""An answer as plain text with its sources, for clients that show nothing but text."""

import re
from collections.abc import Iterator, Sequence

from rag.engine import EXTRACTIVE
from rag.types import (
    Answer,
    Disagreement,
    Generation,
    Quote,
    Refusal,
    Statement,
    SummarySentence,
)

DIFFERING = "The sources differ: see"
SOURCES = "Sources:"
NOTE = "Note:"
SUMMED = "Summary in {model}'s own words, not checked; in brackets, the statements it stands on:"
LACKING = "The nearest passages lack:"
NEAREST = "Nearest passages, which do not answer the question:"

_APPENDIX = re.compile(
    rf"(?:^|\s*\n)(?:{SOURCES}\s*\[1\]|{NOTE} |{DIFFERING} \[|{LACKING} |{NEAREST}\s).*", re.DOTALL
)
_MARKERS = re.compile(r"[ \t]*(?:\[\d+\])+[ \t]*$", re.MULTILINE)


def paragraph(statement: Statement) -> str:
    """Return a statement with the numbers of its citations."""
    return f"{statement.text} {_numbers([statement])}"


def appendix(answer: Answer) -> str:
    """Return what follows the statements: where they differ, and the sources; or the refusal."""
    if answer.refusal:
        return "\n\n".join(_refused(answer.refusal, answer.nearest))
    differing = [_differing(answer, difference) for difference in answer.disagreements]
    sources = [_source(f"[{citation.number}]", citation) for citation in answer.citations]
    told = [f"{NOTE} {note}" for note in notes(answer.engine, answer.generation)]
    return "\n\n".join([*differing, *told, SOURCES, *sources])


def notes(engine: str, generation: Generation | None) -> Iterator[str]:
    """Yield what a reader should know of how a language model came to the answer."""
    if generation is None:
        return
    problem = f" {generation.problem}" if generation.problem else ""
    if engine == EXTRACTIVE:
        yield f"Chosen without the language model.{problem}"
    else:
        yield f"{generation.model} had a say in which sentences answer.{problem}"


def summary(model: str, sentences: Sequence[SummarySentence]) -> str:
    """Return a summary with the numbers of its statements, marked as the model's own words."""
    lines = (
        f"{item.text} ({', '.join(str(number + 1) for number in item.statements)})"
        for item in sentences
    )
    return f"{SUMMED.format(model=model)} {' '.join(lines)}"


def without_appendix(text: str) -> str:
    """Return an answer's text as its statements or its refusal alone, without numbers."""
    return _MARKERS.sub("", _APPENDIX.sub("", text, count=1)).strip()


def _numbers(statements: list[Statement]) -> str:
    return "".join(f"[{item.number}]" for side in statements for item in side.citations)


def _differing(answer: Answer, difference: Disagreement) -> str:
    sides = [answer.statements[index] for index in difference.statements]
    return f"{DIFFERING} {_numbers(sides)}"


def _refused(refusal: Refusal, nearest: tuple[Quote, ...]) -> Iterator[str]:
    yield refusal.message
    if refusal.missing:
        yield f"{LACKING} {', '.join(refusal.missing)}."
    if nearest:
        yield NEAREST
        yield from (_source("-", quote) for quote in nearest)


def _source(label: str, quote: Quote) -> str:
    known = [quote.title, quote.author, quote.publisher, quote.published or "undated", quote.place]
    return f"{label} {', '.join(filter(None, known))}\n“{' '.join(quote.quote.split())}”"
