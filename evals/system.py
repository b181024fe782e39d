"""What is measured: the engine that users get, and a look at what its retrieval found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ingest.library import Library
from ingest.types import Article, Passage
from rag.build import Ibid
from rag.conversation import stand_alone
from rag.evidence import EvidenceFinder
from rag.types import Answer, Turn

DEPTH = 10
"""How many passages the retrieval measures look at."""


class Look(NamedTuple):
    """What stands behind an answer: passages, best first, and how probable it is that they answer.

    An answer from an article's metadata has a look too, though it did not use it.
    """

    passages: tuple[Passage, ...]
    probability: float


class System(Protocol):
    """Anything that answers questions as Ibid does."""

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:
        """Return the answer to a question in its conversation."""
        ...

    def look(self, question: str, history: Sequence[Turn]) -> Look:
        """Return what retrieval finds for the question."""
        ...


@dataclass(frozen=True)
class IbidSystem:
    """Ibid itself."""

    ibid: Ibid

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:
        """Return the engine's answer."""
        return self.ibid.engine.ask(question, history)

    def look(self, question: str, history: Sequence[Turn]) -> Look:
        """Return what the engine's retriever and evidence finder make of the question."""
        query = stand_alone(question, history)
        retriever = self.ibid.retriever
        finder = EvidenceFinder(self.ibid.library, self.ibid.embedding, retriever)
        evidence = finder.find(query, retriever.find(query))
        found = retriever.find(query, limit=DEPTH)
        return Look(tuple(item.passage for item in found), evidence.probability)


@dataclass(frozen=True)
class Reference:
    """The articles that answers are marked against, and every passage of them."""

    articles: Mapping[str, Article]
    passages: tuple[Passage, ...]

    @classmethod
    def of(cls, library: Library) -> "Reference":
        """Read a whole library."""
        articles = {entry.id: library.article(entry.id) for entry in library.catalogue()}
        passages = [passage for name in articles for passage in library.passages_of(name)]
        return cls(articles, tuple(passages))
