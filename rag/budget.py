"""What of passages and conversation fits a model's context: nothing is left out in silence."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingest.errors import ModelError
from ingest.types import Article
from rag import prompts
from rag.model import LanguageModel, Message, reply_room
from rag.reply import Proposal
from rag.retrieve import Retrieved
from rag.types import Turn, Verdict
from rag.verdict import tidy

CONVERSATION_SHARE = 0.25
"""Share of what the question leaves that the conversation may take; the passages get the rest."""


class ShownSentence(NamedTuple):
    """A sentence as a model sees it, `text[start:end]` of its passage, and its article's number."""

    start: int
    end: int
    number: int


@dataclass(frozen=True)
class ShownPassage:
    """A passage as a model sees it, under its number from 1: whole sentences, tidied."""

    number: int
    article: Article
    text: str
    sentences: tuple[ShownSentence, ...]


class Prompt(NamedTuple):
    """What a model is sent, the passages in it, and in words what did not fit."""

    messages: tuple[Message, ...]
    passages: tuple[ShownPassage, ...]
    left_out: tuple[str, ...]


Count = Callable[[str], int]


def fit(
    question: str,
    history: Sequence[Turn],
    passages: Sequence[tuple[Article, Retrieved]],
    model: LanguageModel,
) -> Prompt:
    """Return the prompt for a question, within the model's context.

    The newest turns are kept; passages go in by rank, the one that does not fit is cut at the end
    of a sentence.

    Raises:
        ModelError: not even one sentence fits.
    """
    empty = prompts.QUESTION.format(mark=8 * "0", passages="", conversation="", question=question)
    room = model.context - reply_room(model.context)
    room -= model.count(prompts.SYSTEM) + model.count(empty)
    turns = _newest(history, int(CONVERSATION_SHARE * room), model.count)
    room -= sum(model.count(turn) for turn in turns)
    shown, cut = _within(passages, room, model.count)
    if not shown:
        raise ModelError(
            f"The language model {model.name} cannot read the passages: its context is "
            f"{model.context} tokens (IBID_LLM_CONTEXT)."
        )
    return Prompt(
        _messages(question, turns, shown),
        tuple(shown),
        tuple(_left_out(len(history) - len(turns), len(history), "earlier turn"))
        + tuple(_left_out(len(passages) - len(shown), len(passages), "passage"))
        + ((f"the end of passage {shown[-1].number}",) if cut else ()),
    )


def again(
    prompt: Prompt, failed: Sequence[tuple[Proposal, Verdict]], model: LanguageModel
) -> Prompt:
    """Return the prompt that asks for failed statements once more, with the reasons.

    They may take half of what is kept for the reply; those beyond that are not asked for again.
    """
    room = reply_room(model.context) // 2
    told: list[str] = []
    written: list[dict[str, object]] = []
    for proposal, verdict in failed:
        reasons = "; ".join(verdict.reasons)
        told.append(prompts.FAILED.format(text=proposal.text, reasons=reasons))
        quotes = [quote._asdict() for quote in proposal.quotes]
        written.append({"quotes": quotes, "text": proposal.text})
        room -= model.count(told[-1]) + model.count(proposal.text)
        if room < 0:
            break
    before = Message("assistant", json.dumps({"statements": written}, ensure_ascii=False))
    asked = Message("user", prompts.REPAIR.format(failed="\n".join(told)))
    return prompt._replace(messages=(*prompt.messages, before, asked))


def _newest(history: Sequence[Turn], room: int, count: Count) -> list[str]:
    """Return the last turns that fit, in their order."""
    kept: list[str] = []
    for turn in reversed(history):
        line = f"{turn.role}: {tidy(turn.content)}"
        room -= count(line)
        if room < 0:
            break
        kept.insert(0, line)
    return kept


def _within(
    passages: Sequence[tuple[Article, Retrieved]], room: int, count: Count
) -> tuple[list[ShownPassage], bool]:
    """Return the passages that fit, and whether the last of them is cut."""
    shown: list[ShownPassage] = []
    for number, (article, retrieved) in enumerate(passages, 1):
        first, last = retrieved.passage.first, retrieved.passage.last
        whole = _show(number, article, range(first, last + 1))
        taken = count(_passage(whole))
        if taken <= room:
            shown.append(whole)
            room -= taken
            continue
        part = _part(whole, room - count(_passage(_show(number, article, ()))), count)
        if part.sentences:
            shown.append(part)
        return shown, bool(part.sentences)
    return shown, False


def _part(whole: ShownPassage, room: int, count: Count) -> ShownPassage:
    """Return the first sentences of a passage that fit."""
    kept: list[int] = []
    for sentence in whole.sentences:
        room -= count(whole.text[sentence.start : sentence.end]) + 1
        if room < 0:
            break
        kept.append(sentence.number)
    return _show(whole.number, whole.article, kept)


def _show(number: int, article: Article, numbers: Sequence[int]) -> ShownPassage:
    text = ""
    shown: list[ShownSentence] = []
    block = None
    for each in numbers:
        sentence = article.sentences[each]
        joint = "" if block is None else " " if sentence.block == block else "\n"
        said = tidy(article.text[sentence.start : sentence.end])
        shown.append(ShownSentence(len(text) + len(joint), len(text) + len(joint + said), each))
        text += joint + said
        block = sentence.block
    return ShownPassage(number, article, text, tuple(shown))


def _passage(shown: ShownPassage) -> str:
    data = shown.article.metadata
    said = (shown.article.title, data.author, data.publisher, data.published)
    source = ", ".join(tidy(item) for item in said if item)
    return prompts.PASSAGE.format(number=shown.number, source=source, text=shown.text)


def _messages(
    question: str, turns: Sequence[str], shown: Sequence[ShownPassage]
) -> tuple[Message, ...]:
    """Write the messages; the mark around what is material cannot be known to who wrote it."""
    passages = "\n\n".join(map(_passage, shown))
    mark = hashlib.sha256("\n".join([passages, *turns, question]).encode()).hexdigest()[:8]
    conversation = prompts.CONVERSATION.format(mark=mark, turns="\n".join(turns)) if turns else ""
    asked = prompts.QUESTION.format(
        mark=mark, passages=passages, conversation=conversation, question=question
    )
    return Message("system", prompts.SYSTEM), Message("user", asked)


def _left_out(count: int, of: int, what: str) -> Iterator[str]:
    if count:
        yield f"{count} of {of} {what}{'s' if of > 1 else ''}"
