"""What a language model may do: choose among numbered sentences, and word the question anew.

Only numbers come back, so nothing that a model or an article writes can get into an answer; the
worst that a text which tells the model what to do can reach is that the text itself is chosen. The
choice is evidence beside the engine's own, as strong as the model was measured to be
(rag/choice.json, made by `python -m evals.bench.fit_choice --data DIR --model SPEC --write`).
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from ingest.errors import ModelError
from rag import prompts
from rag.budget import Prompt, described, to_choose, to_rewrite
from rag.model import LanguageModel, Usage
from rag.reply import is_chosen, is_rewritten, read_choice, read_rewriting
from rag.types import Generation, Turn, Working

__all__ = ["Choice", "Chooser", "Rewriting", "described", "doubted", "fuse", "strength"]

UNREAD = "The reply of the language model {name} is no choice of sentences."
UNREAD_QUESTION = "The reply of the language model {name} is no question in other words."
EMPTY = "The language model {name} said nothing."
OVERRULED = "The language model {name} finds no answer, but the evidence is strong."
NOT_CHOSEN = -0.5
"""Evidence for a sentence that was not chosen; for the one at place n of the choice it is 1/n."""
DEFAULT = "default"
"""The strength of a model that was not measured."""


@dataclass(frozen=True)
class Rewriting:
    """A question as it is understood alone, and as a search in the articles' language.

    `problem` says why it stayed as it was; `usage` is None where no model was asked.
    """

    question: str
    query: str
    problem: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True)
class Choice:
    """Sentences by their number from 1, best first, with words copied from some of them.

    At most one of `numbers`, `declined` and `problem` says something; none where there was nothing
    to choose from, and no model was asked.
    """

    numbers: tuple[int, ...] = ()
    focuses: Mapping[int, str] = field(default_factory=dict)
    declined: bool = False
    problem: str | None = None
    usage: Usage | None = None


class Strength(NamedTuple):
    """What a model's word moves log-odds by: of a sentence chosen, of a question declined."""

    choice: float
    decline: float


class _Reply(NamedTuple):
    text: str
    usage: Usage | None
    problem: str | None


class Chooser:
    """Asks a language model; `price` is US dollars a token, read and written."""

    def __init__(self, model: LanguageModel, price: tuple[float, float] | None = None) -> None:
        self.model = model
        self.strength = strength(model.name)
        self._price = price

    def standalone(
        self, question: str, history: Sequence[Turn] = (), sample: str | None = None
    ) -> Iterator[Working | Rewriting]:
        """Yield signs of life, then the question as it is understood without the conversation.

        `sample` are two or three sentences of the articles, given where the question may be in
        another language than they are. With neither it nor a history, no model is asked.
        """
        if not history and not sample:
            yield Rewriting(question, question)
            return
        try:
            prompt = to_rewrite(question, history, sample, self.model)
        except ModelError as error:
            yield Rewriting(question, question, str(error))
            return
        reply = yield from self._ask(prompt, "reading", is_rewritten)
        said = "\n".join(turn.content for turn in history)
        found = None if reply.problem else read_rewriting(reply.text, question, said)
        if found is None:
            problem = reply.problem or UNREAD_QUESTION.format(name=self.model.name)
            yield Rewriting(question, question, problem, reply.usage)
        else:
            asked = found.question if history else question
            yield Rewriting(asked, found.query, None, reply.usage)

    def choose(
        self, question: str, history: Sequence[Turn], candidates: Sequence[str]
    ) -> Iterator[Working | Choice]:
        """Yield signs of life, then which candidates (see `described`), best first, answer."""
        if not candidates:
            yield Choice()
            return
        try:
            prompt = to_choose(question, history, candidates, self.model)
        except ModelError as error:
            yield Choice(problem=str(error))
            return
        shown = prompt.sentences
        reply = yield from self._ask(prompt, "choosing", lambda text: is_chosen(text, shown))
        found = None if reply.problem else read_choice(reply.text, shown)
        if found is None:
            problem = reply.problem or UNREAD.format(name=self.model.name)
            yield Choice(problem=problem, usage=reply.usage)
        else:
            yield Choice(found.numbers, found.focuses, found.declined, usage=reply.usage)

    def generation(
        self, rewriting: Rewriting, choice: Choice, shown: int, *, overruled: bool = False
    ) -> Generation | None:
        """Return what the model was asked, and what became of it; None where it was not.

        `shown` counts the chosen sentences in the answer; `overruled` says that it has others
        though the model declined.
        """
        usages = [asked.usage for asked in (rewriting, choice) if asked.usage]
        problem = choice.problem or rewriting.problem
        if not usages and not problem:
            return None
        read = sum(usage.prompt_tokens for usage in usages)
        written = sum(usage.completion_tokens for usage in usages)
        return Generation(
            model=self.model.name,
            prompts=prompts.VERSION,
            calls=len(usages),
            prompt_tokens=read,
            completion_tokens=written,
            cost=read * self._price[0] + written * self._price[1] if self._price else None,
            proposed=len(choice.numbers),
            shown=shown,
            problem=OVERRULED.format(name=self.model.name) if overruled else problem,
        )

    def _ask(
        self, prompt: Prompt, stage: Literal["reading", "choosing"], enough: Callable[[str], bool]
    ) -> Generator[Working, None, _Reply]:
        """Yield a sign of life for each piece of a reply; return what was said, or the problem."""
        said, problem = "", None
        usage: Usage | None = None
        try:
            with closing(self.model.stream(prompt.messages)) as pieces:
                for piece in pieces:
                    if isinstance(piece, Usage):
                        usage = piece
                        continue
                    said += piece
                    if piece and enough(said):
                        break
                    yield Working(stage=stage)
        except ModelError as error:
            problem = str(error)
        if not said.strip() and not problem:
            problem = EMPTY.format(name=self.model.name)
        return _Reply(said, usage or self._counted(prompt, said), problem)

    def _counted(self, prompt: Prompt, said: str) -> Usage:
        """Return what a call took that did not come to its end."""
        try:
            read = sum(self.model.count(message.content) for message in prompt.messages)
            return Usage(read, self.model.count(said))
        except ModelError:
            return Usage(0, 0)


def fuse(scores: Sequence[float], choice: Choice, weight: float) -> list[float]:
    """Return log-odds of candidates with the evidence of a choice, `weight` for its first."""
    if not choice.numbers:
        return list(scores)
    places = {number: place for place, number in enumerate(choice.numbers, 1)}
    return [
        score + weight * (1 / places[number] if number in places else NOT_CHOSEN)
        for number, score in enumerate(scores, 1)
    ]


def doubted(log_odds: float, choice: Choice, weight: float) -> float:
    """Return the log-odds that a question is answered, less `weight` where the model declines."""
    return log_odds - weight if choice.declined else log_odds


def strength(name: str) -> Strength:
    """Return how strong a model was measured to be, by its name."""
    measured = _measured()
    return measured.get(name, measured[DEFAULT])


@cache
def _measured() -> dict[str, Strength]:
    data = json.loads((Path(__file__).parent / "choice.json").read_text("utf-8"))
    return {name: Strength(*entry["strength"].values()) for name, entry in data["models"].items()}
