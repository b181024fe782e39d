"""The messages to a language model, made to fit its context: what matters least is left out."""

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ingest.errors import ModelError
from rag import prompts
from rag.model import LanguageModel, Message, reply_room
from rag.types import Quote, Turn, joined

CONVERSATION_SHARE = 0.25
"""Share of what the question leaves that the conversation may take; the sentences get the rest."""
MOST_CHARACTERS = 600
"""Of one sentence with its context, or one turn of the conversation; what is longer is cut."""
MARGIN = 32
"""Tokens that a model's own marks around the messages may take."""

Count = Callable[[str], int]


class Prompt(NamedTuple):
    """What a model is sent, and the sentences in it: the first so many of those given."""

    messages: tuple[Message, ...]
    sentences: tuple[str, ...] = ()


def described(quotes: Sequence[Quote]) -> str:
    """Return what a statement of these quotes would say, after its article's title and date."""
    source = ", ".join(filter(None, (quotes[0].title, quotes[0].published)))
    return f"({source}) {joined(quotes)}"


def to_choose(
    question: str, history: Sequence[Turn], candidates: Sequence[str], model: LanguageModel
) -> Prompt:
    """Return the question with numbered candidates, the first of them that fit.

    Raises:
        ModelError: not even one fits.
    """
    room = _room(prompts.CHOOSE + prompts.SENTENCES + question, model)
    turns = _newest(history, int(CONVERSATION_SHARE * room), model.count)
    room -= sum(map(model.count, turns))
    lines = [f"[{number}] {_line(text)}" for number, text in enumerate(candidates, 1)]
    shown = _first(lines, room, model.count)
    if not shown:
        raise ModelError(
            f"The language model {model.name} cannot read the sentences: its context is "
            f"{model.context} tokens (IBID_LLM_CONTEXT)."
        )
    mark = _mark([*shown, *turns, question])
    asked = prompts.SENTENCES.format(
        mark=mark,
        sentences="\n".join(shown),
        conversation=_conversation(turns, mark),
        question=question,
        none=prompts.NONE,
    )
    return Prompt(_messages(prompts.CHOOSE, asked), tuple(candidates[: len(shown)]))


def to_summarize(question: str, statements: Sequence[str], model: LanguageModel) -> Prompt:
    """Return the question with the numbered statements of its answer.

    Raises:
        ModelError: they do not all fit.
    """
    room = _room(prompts.SUMMARIZE + prompts.STATEMENTS + question, model)
    lines = [f"[{number}] {_line(text)}" for number, text in enumerate(statements, 1)]
    if len(_first(lines, room, model.count)) < len(lines):
        raise ModelError(f"The language model {model.name} cannot read all statements.")
    mark = _mark([*lines, question])
    asked = prompts.STATEMENTS.format(mark=mark, statements="\n".join(lines), question=question)
    return Prompt((Message("system", prompts.SUMMARIZE), Message("user", asked)))


def to_rewrite(
    question: str, history: Sequence[Turn], sample: str | None, model: LanguageModel
) -> Prompt:
    """Return the question with the conversation, and a sample of the articles' language."""
    examples = _line(sample or "")
    room = _room(prompts.REWRITE + prompts.REWRITTEN + question + examples, model)
    turns = _newest(history, room, model.count)
    mark = _mark([*turns, examples, question])
    asked = prompts.REWRITTEN.format(
        conversation=_conversation(turns, mark),
        examples=prompts.EXAMPLES.format(mark=mark, examples=examples) if examples else "",
        question=question,
    )
    return Prompt(_messages(prompts.REWRITE, asked.lstrip()))


def _room(told: str, model: LanguageModel) -> int:
    """Return how many tokens are left beside what is told anyway and the reply."""
    return model.context - reply_room(model.context) - model.count(told) - MARGIN


def _newest(history: Sequence[Turn], room: int, count: Count) -> list[str]:
    """Return the last turns that fit, in their order."""
    turns = [f"{turn.role}: {_line(turn.content)}" for turn in reversed(history)]
    return _first(turns, room, count)[::-1]


def _first(lines: Sequence[str], room: int, count: Count) -> list[str]:
    """Return the first lines that fit."""
    kept: list[str] = []
    for line in lines:
        room -= count(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _line(text: str) -> str:
    """Return text as one line, cut at a word where it is too long."""
    line = " ".join(text.split())
    if len(line) <= MOST_CHARACTERS:
        return line
    return f"{line[:MOST_CHARACTERS].rpartition(' ')[0] or line[:MOST_CHARACTERS]} …"


def _conversation(turns: Sequence[str], mark: str) -> str:
    return prompts.CONVERSATION.format(mark=mark, turns="\n".join(turns)) if turns else ""


def _mark(material: Sequence[str]) -> str:
    """Return a mark for what is material; whoever wrote that cannot have known it."""
    return hashlib.sha256("\n".join(material).encode()).hexdigest()[:8]


def _messages(told: str, asked: str) -> tuple[Message, ...]:
    return Message("system", told), Message("user", asked)
