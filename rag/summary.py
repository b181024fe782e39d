"""A summary in a language model's own words: marked as that, and no part of what is checked.

Of each sentence it is only seen to that it names statements of the answer, and no number, name or
identifier that those do not have; whether it is true of them is not. A number in words and a name
in a script without capital letters pass.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from ingest.embed import Embedding
from ingest.errors import ModelError
from ingest.sentences import split_sentences
from ingest.words import tokens, words
from rag.budget import to_summarize
from rag.model import LanguageModel, Usage
from rag.question import RARE, Kind, kind_of
from rag.types import Statement, SummarySentence, Working

MOST = 3
"""Most sentences of a summary."""

_MARKS = re.compile(r"(?:\s*\[\s*\d{1,3}(?:\s*,\s*\d{1,3})*\s*\])+(?P<stop>[.!?。！？]?)")


class Summarizer:
    """Asks a language model for two or three sentences on an answer's statements."""

    def __init__(self, model: LanguageModel, embedding: Embedding) -> None:
        self._model = model
        self._embedding = embedding

    def summarize(
        self, question: str, statements: Sequence[Statement]
    ) -> Generator[Working, None, tuple[SummarySentence, ...]]:
        """Return what may be shown of the model's summary, yielding signs of life.

        Where the model fails there is none: it is an extra.
        """
        said = ""
        try:
            prompt = to_summarize(question, [item.text for item in statements], self._model)
            with closing(self._model.stream(prompt.messages)) as pieces:
                for piece in pieces:
                    if not isinstance(piece, Usage):
                        said += piece
                        yield Working(stage="summarizing")
        except ModelError:
            return ()
        return self.read(said, question, statements)

    def read(
        self, said: str, question: str, statements: Sequence[Statement]
    ) -> tuple[SummarySentence, ...]:
        """Return the sentences of a reply that stand on statements and add nothing to them."""
        found = []
        for text, numbers in _sentences(said):
            held = [question, *(_told(statements[n - 1]) for n in numbers if n <= len(statements))]
            if len(held) > len(numbers) and self._adds_nothing(text, " ".join(held)):
                stands_on = tuple(number - 1 for number in numbers)
                found.append(SummarySentence(text=text, statements=stands_on))
        return tuple(found[:MOST])

    def _adds_nothing(self, text: str, held: str) -> bool:
        known = set(words(held))
        return all(
            known.issuperset(words(token)) for token in tokens(text) if self._says_what(text, token)
        )

    def _says_what(self, text: str, token: str) -> bool:
        """Whether a word is a number, an identifier or a name, also as the first of a sentence."""
        rarity = self._embedding.rarity(token)
        return kind_of(text, token, rarity) is not Kind.WORD or (
            token[0].isupper() and text.startswith(token) and rarity > RARE
        )


def _told(statement: Statement) -> str:
    """Return what a statement says, and of whom: its text, its title, author, publisher and day."""
    first = statement.citations[0]
    about = (first.title, first.author, first.publisher, first.published)
    return " ".join(filter(None, (statement.text, *about)))


def _sentences(said: str) -> Iterator[tuple[str, list[int]]]:
    """Yield the sentences of a reply that numbers follow, with these; others stand on nothing."""
    begun = 0
    for marks in _MARKS.finditer(said):
        before = said[begun : marks.start()]
        begun = marks.end()
        *_, last = [before[start:end] for start, end in split_sentences(before)] or [""]
        numbers = sorted({int(number) for number in re.findall(r"\d+", marks.group())} - {0})
        text = " ".join(last.split())
        if text and numbers:
            yield text + marks["stop"], numbers
