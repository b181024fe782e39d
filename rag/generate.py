"""An answer written by a language model: it proposes statements with quotes, the code disposes.

Of every proposed statement the quotes are looked up in the passages that the model was shown, and
the verdict decides on the articles' own words. What it rejects goes back to the model once, with
the reasons; what it rejects then is dropped, and where the sentence that it was to stand on is
evidence itself, that sentence is shown.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Literal

from ingest.errors import ModelError
from ingest.types import Article
from ingest.words import terms, words
from rag import prompts
from rag.budget import Prompt, again, fit
from rag.context import Reader, Unit
from rag.evidence import Evidence
from rag.extract import draft_of, worth_showing
from rag.locate import Place, copied, in_context, places, quotes_of
from rag.model import LanguageModel, Message, Usage
from rag.reply import Proposal, Reply
from rag.retrieve import Retrieved
from rag.types import Draft, Generation, Quote, Turn, Verdict, Working
from rag.verdict import REPORTING, judge, tidy

MAX_STATEMENTS = 8
"""How many statements an answer has at most; the prompt asks for six."""
MAX_PROPOSALS = 16
"""After how many statements a model that does not stop is stopped."""

NONE_SUPPORTED = "No statement that the language model {name} wrote is supported by the articles."
NONE_WRITTEN = "The language model {name} wrote no statement."


class Generator:
    """Writes answers with a language model; `price` is US dollars a token, read and written."""

    def __init__(
        self,
        model: LanguageModel,
        reader: Callable[[Article], Reader],
        price: tuple[float, float] | None = None,
    ) -> None:
        self.model = model
        self.reader = reader
        self.price = price

    def write(
        self,
        question: str,
        history: Sequence[Turn],
        evidence: Evidence,
        articles: Mapping[str, Article],
    ) -> "Writing":
        """Begin an answer to a question that has evidence."""
        passages = [(articles[p.passage.article_id], p) for p in evidence.passages]
        return Writing(self, question, history, passages, evidence)


class Writing:
    """One answer as it is written. After `drafts` is through, `generation` says what became."""

    def __init__(
        self,
        generator: Generator,
        question: str,
        history: Sequence[Turn],
        passages: Sequence[tuple[Article, Retrieved]],
        evidence: Evidence,
    ) -> None:
        self._model = generator.model
        self._reader = generator.reader
        self._price = generator.price
        self._question = question
        self._history = history
        self._passages = passages
        self._found = evidence
        self._texts: set[tuple[str, ...]] = set()
        self._failed: list[tuple[Proposal, Verdict]] = []
        self._usages: list[Usage] = []
        self._shown: set[Quote] = set()
        self._proposed = self._supported = self._repaired = self._quoted = 0
        self._left_out: tuple[str, ...] = ()
        self._problem: str | None = None
        self.declined = False

    def drafts(self) -> Iterator[Draft | Working]:
        """Yield the statements that their quotes support, and a sign of life between them."""
        try:
            prompt = fit(self._question, self._history, self._passages, self._model)
            self._left_out = prompt.left_out
            for draft in self._propose(prompt, "writing"):
                self._supported += isinstance(draft, Draft)
                yield draft
            if self._failed:
                failed = [proposal for proposal, _ in self._failed]
                for draft in self._propose(again(prompt, self._failed, self._model), "repairing"):
                    self._repaired += isinstance(draft, Draft)
                    yield draft
                yield from self._copied(failed, prompt)
        except ModelError as error:
            self._problem = str(error)
        if not self._supported + self._repaired and not self.declined and not self._problem:
            said = NONE_SUPPORTED if self._proposed else NONE_WRITTEN
            self._problem = said.format(name=self._model.name)

    @property
    def generation(self) -> Generation:
        """What the model was asked, and what became of what it wrote."""
        prompt_tokens = sum(usage.prompt_tokens for usage in self._usages)
        completion_tokens = sum(usage.completion_tokens for usage in self._usages)
        supported = self._supported + self._repaired
        cost = None
        if self._price:
            cost = prompt_tokens * self._price[0] + completion_tokens * self._price[1]
        return Generation(
            model=self._model.name,
            prompts=prompts.VERSION,
            calls=len(self._usages),
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost=cost,
            proposed=self._proposed,
            supported=supported,
            repaired=self._repaired,
            dropped=self._proposed - supported,
            quoted=self._quoted,
            left_out=self._left_out,
            problem=self._problem,
        )

    def _propose(
        self, prompt: Prompt, stage: Literal["writing", "repairing"]
    ) -> Iterator[Draft | Working]:
        """Yield what of one reply is supported; keep what is not, unless it is repaired already."""
        failed, self._failed = self._failed, []
        most = MAX_PROPOSALS if stage == "writing" else len(failed)
        seen = 0
        for proposal in self._read(prompt.messages):
            if proposal is None:
                yield Working(stage=stage)
                continue
            if seen >= most or self._supported + self._repaired >= MAX_STATEMENTS:
                return
            seen += 1
            key = tuple(words(proposal.text))
            if key not in self._texts:
                self._proposed += stage == "writing"
                draft, verdict = self._draft(proposal, prompt)
                if verdict.supported:
                    self._texts.add(key)
                    self._shown.update(draft.quotes)
                    yield draft
                elif stage == "writing":
                    self._failed.append((proposal, verdict))

    def _read(self, messages: Sequence[Message]) -> Iterator[Proposal | None]:
        """Yield each proposal of a reply, and None while the model is at it."""
        reply = Reply()
        usage: Usage | None = None
        try:
            with closing(self._model.stream(messages, prompts.SCHEMA)) as pieces:
                for piece in pieces:
                    if isinstance(piece, Usage):
                        usage = piece
                        continue
                    yield from reply.feed(piece)
                    yield None
            yield from reply.finish()
        finally:
            self._usages.append(usage or self._counted(messages, reply.text))
        self.declined = reply.declined and not self._proposed

    def _counted(self, messages: Sequence[Message], reply: str) -> Usage:
        """Return what a call took that did not come to its end."""
        count = self._model.count
        return Usage(sum(count(message.content) for message in messages), count(reply))

    def _copied(self, failed: Sequence[Proposal], prompt: Prompt) -> Iterator[Draft]:
        """Yield the sentences that failed statements were to stand on, where they are evidence.

        An answer of which nothing is left gets none: the extractive answer takes its place.
        """
        worth = {(c.unit.article.id, c.unit.number): c for c in worth_showing(self._found)}
        for place in (place for proposal in failed for place in copied(proposal, prompt.passages)):
            for number in place.numbers:
                candidate = worth.pop((place.article.id, number), None)
                room = 0 < self._supported + self._repaired < MAX_STATEMENTS - self._quoted
                if candidate and room and not self._is_shown(candidate.unit):
                    draft = draft_of(candidate, self._found)
                    self._shown.update(draft.quotes)
                    self._quoted += 1
                    yield draft

    def _is_shown(self, unit: Unit) -> bool:
        sentence = unit.article.sentences[unit.number]
        return any(
            quote.article_id == unit.article.id
            and quote.start <= sentence.start
            and sentence.end <= quote.end
            for quote in self._shown
        )

    def _draft(self, proposal: Proposal, prompt: Prompt) -> tuple[Draft, Verdict]:
        """Return a proposed statement on the first quotes that support it, else on the best."""
        best: tuple[Draft, Verdict] | None = None
        for found in self._evidence(proposal, prompt):
            articles = {place.article.id: place.article for place in found}
            quotes = quotes_of(found)
            verdict = judge(proposal.text, quotes, articles, derived=True)
            if verdict.supported:
                units = self._units(proposal.text, found)
                copied_one = next((u for u in units if u.sentence == proposal.text), None)
                if copied_one:
                    return _as_it_stands(copied_one), verdict
                verdict = _attributed(proposal.text, units)
            if verdict.supported:
                needed = _needed(proposal.text, quotes, articles)
                return Draft(proposal.text, needed, proposal.text, units[0].source), verdict
            if best is None or verdict.score > best[1].score:
                best = Draft(proposal.text, quotes, proposal.text), verdict
        return best or (Draft(proposal.text, ()), judge(proposal.text, (), {}))

    def _units(self, text: str, found: Sequence[Place]) -> list[Unit]:
        """Return the sentences of places that share words with a text, each with its context."""
        wanted = set(terms(text))
        units = [self._reader(place.article).unit(n) for place in found for n in place.numbers]
        return [unit for unit in units if wanted & set(terms(unit.sentence))] or units

    def _evidence(self, proposal: Proposal, prompt: Prompt) -> Iterator[tuple[Place, ...]]:
        tried: set[tuple[tuple[str, tuple[int, ...]], ...]] = set()
        for found in places(proposal, prompt.passages):
            for evidence in (found, in_context(found, self._reader)):
                key = tuple((place.article.id, place.numbers) for place in evidence)
                if key not in tried:
                    tried.add(key)
                    yield evidence


def _as_it_stands(unit: Unit) -> Draft:
    """Return a sentence that a model copied as its statement, with what it needs to stand alone."""
    place = Place(unit.article, unit.numbers)
    return Draft(unit.text, quotes_of([place]), unit.sentence, unit.source)


def _attributed(text: str, units: Sequence[Unit]) -> Verdict:
    """Say whether a text made of a speech names who is speaking, though its sentences do not."""
    for unit in units:
        if unit.speaker in (None, unit.number):
            continue
        introduction = unit.article.sentences[unit.speaker or 0]
        said = tidy(unit.article.text[introduction.start : introduction.end])
        names = words(" ".join(re.findall(r"[^\W\da-z_]\w+", said)))
        if not (set(names) & set(words(text)) and REPORTING.search(text)):
            reason = f"it drops who says so: it is said after “{said}”"
            return Verdict(supported=False, score=0, reasons=(reason,))
    return Verdict(supported=True, score=1)


def _needed(
    text: str, quotes: tuple[Quote, ...], articles: Mapping[str, Article]
) -> tuple[Quote, ...]:
    """Return quotes without those that a statement neither needs nor stands on alone."""
    kept = list(quotes)
    for quote in quotes:
        others = [other for other in kept if other != quote]
        needless = others and judge(text, others, articles, derived=True).supported
        if needless and not judge(text, [quote], articles, derived=True).supported:
            kept = others
    return tuple(kept)
