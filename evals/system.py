"""What is measured, and the articles that it is marked against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from evals.facts import Place
from ingest.library import Library
from ingest.types import Article, Passage
from rag.engine import Trace
from rag.types import Answer, Turn


class System(Protocol):
    """Anything that answers questions as `rag.engine.Engine` does."""

    def traced(self, question: str, history: Sequence[Turn] = ()) -> tuple[Answer, Trace]:
        """Return the answer to a question in its conversation, and what it was made from."""
        ...


@dataclass(frozen=True)
class Reference:
    """The articles that answers are marked against, and every passage of them."""

    articles: Mapping[str, Article]
    passages: tuple[Passage, ...]

    @classmethod
    def of(cls, library: Library) -> Self:
        """Read a whole library."""
        articles = {entry.id: library.article(entry.id) for entry in library.catalogue()}
        passages = [passage for name in articles for passage in library.passages_of(name)]
        return cls(articles, tuple(passages))

    def passages_at(self, places: Sequence[Place]) -> list[str]:
        """Return the ids of the passages that hold a part of these places."""
        return [
            passage.id
            for passage in self.passages
            if any(p.overlaps(passage.article_id, passage.start, passage.end) for p in places)
        ]

    def units_at(self, places: Sequence[Place]) -> list[str]:
        """Return the units that hold a part of these places, each as `unit_id` names it."""
        return [
            unit_id(article, number)
            for article in self.articles.values()
            for number, unit in enumerate(article.units)
            if any(place.overlaps(article.id, unit.start, unit.end) for place in places)
        ]


def unit_id(article: Article, number: int) -> str:
    """Return a name for a unit."""
    return f"{article.id}:{number}"
