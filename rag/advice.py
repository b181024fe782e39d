"""What a language model adds to one answer: the question worded anew, and a say in the choice."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import numpy as np

from rag.choose import Choice as Said
from rag.choose import Chooser, Rewriting, described, doubted, fuse
from rag.conversation import stand_alone
from rag.evidence import Findings, sigmoid
from rag.question import Question
from rag.select import Choice, expand
from rag.statement import pieces
from rag.types import Generation, Quote, Turn, Working, joined

OFFERED = 20
"""Units that a model chooses from."""
UNKNOWN = 0.5
"""Share, by weight, of unknown terms from which a question may be in another language."""
SURE = 0.6
"""Probability from which a question is answered though the model declines."""

Ask = Callable[[str], Question]


class Advice:
    """The part that a language model has in one answer; without a chooser it has none."""

    def __init__(self, chooser: Chooser | None) -> None:
        self._chooser = chooser
        self._rewriting: Rewriting | None = None
        self._said = Said()
        self._offered: dict[tuple[str, int], int] = {}
        self._overruled = False

    @property
    def taken(self) -> bool:
        """Whether the model's choice had its part in the answer."""
        return bool(self._said.numbers) or (self._said.declined and not self._overruled)

    def read(
        self, text: str, history: Sequence[Turn], ask: Ask, sample: Callable[[], str]
    ) -> Generator[Working, None, Question]:
        """Return the question that is meant; `sample` gives some sentences of the articles."""
        own = stand_alone(text, history, ask)
        if self._chooser is None:
            return own
        shown = sample() if own.unknown >= UNKNOWN else None
        for item in self._chooser.standalone(text, history, shown):
            if isinstance(item, Working):
                yield item
            else:
                self._rewriting = item
        found = self._rewriting
        if found is None or found.problem or {found.question, found.query} == {text}:
            return own
        meant = ask(found.question)
        return replace(meant, vector=ask(found.query).vector) if found.query else meant

    def weigh(
        self, findings: Findings, history: Sequence[Turn]
    ) -> Generator[Working, None, Findings]:
        """Return the findings with the model's choice as evidence beside the engine's own."""
        offered = findings.evidence[:OFFERED]
        if self._chooser is None or not offered:
            return findings
        scores = {(item.article.id, item.number): item.score for item in offered}
        choices = [expand(item, findings.question, scores) for item in offered]
        texts = [described(pieces(c.article, c.first, c.last, c.context)) for c in choices]
        for reply in self._chooser.choose(findings.question.text, history, texts):
            if isinstance(reply, Working):
                yield reply
            else:
                self._said = reply
        self._offered = {(c.article.id, c.best.number): n for n, c in enumerate(choices, 1)}
        return self._fused(findings, self._chooser)

    def _fused(self, findings: Findings, chooser: Chooser) -> Findings:
        offered, rest = findings.evidence[:OFFERED], findings.evidence[OFFERED:]
        log_odds = fuse([_log_odds(i.score) for i in offered], self._said, chooser.strength.choice)
        ranked = sorted(
            (replace(i, score=_probability(o)) for i, o in zip(offered, log_odds, strict=True)),
            key=lambda item: -item.score,
        )
        self._overruled = self._said.declined and findings.probability >= SURE
        probability = findings.probability
        if self._said.declined and not self._overruled:
            doubt = doubted(_log_odds(probability), self._said, chooser.strength.decline)
            probability = _probability(doubt)
        return replace(findings, evidence=(*ranked, *rest), probability=probability)

    def focus(self, choice: Choice, quotes: Sequence[Quote]) -> tuple[int, int] | None:
        """Return where the words stand that the model copied from a unit, if it did."""
        number = self._offered.get((choice.article.id, choice.best.number), 0)
        words = self._said.focuses.get(number)
        start = joined(quotes).find(words) if words else -1
        return (start, start + len(words)) if words and start >= 0 else None

    def generation(self, choices: Sequence[Choice], *, refused: bool) -> Generation | None:
        """Return what the model was asked, and what became of it."""
        if self._chooser is None or self._rewriting is None:
            return None
        numbers = {self._offered.get((c.article.id, c.best.number)) for c in choices}
        shown = len(numbers.intersection(self._said.numbers))
        overruled = self._said.declined and not refused
        return self._chooser.generation(self._rewriting, self._said, shown, overruled=overruled)


def _log_odds(probability: float) -> float:
    share = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))


def _probability(log_odds: float) -> float:
    return float(sigmoid(np.array(log_odds)))
