"""Questions that the articles themselves ask, and that get an answer: examples to begin with."""

import re
from collections.abc import Iterator
from itertools import islice

from ingest.errors import IbidError
from ingest.library import Library
from ingest.types import BlockKind
from rag.engine import Engine
from rag.types import tidy

EXAMPLES = 3
TRIES = 6
ARTICLES = 50
"""Articles looked through for example questions."""

_STANDS_ALONE = re.compile(
    r"(?:What|When|Where|Which|Who|Whom|Whose|Why|How)\b(?=.* (?:[A-Z]|\d)).{10,90}\?"
)
"""A question with a name or number in it, so that it means something outside its article."""


class Examples:
    """Example questions of a library as it is; looked for anew once its articles change."""

    def __init__(self, library: Library, engine: Engine) -> None:
        self._library, self._engine = library, engine
        self._hashes: tuple[str, ...] | None = None
        self._found: tuple[str, ...] = ()

    @property
    def found(self) -> tuple[str, ...]:
        """Return those found last."""
        return self._found

    def now(self) -> tuple[str, ...]:
        """Return a few questions that the library answers."""
        hashes = tuple(item.sha256 for item in self._library.catalogue())
        if hashes != self._hashes:
            questions = islice(dict.fromkeys(self._asked_by_articles()), TRIES)
            self._found = tuple(islice(filter(self._is_answered, questions), EXAMPLES))
            self._hashes = hashes
        return self._found

    def _is_answered(self, question: str) -> bool:
        try:
            return self._engine.ask(question).status == "answered"
        except IbidError:
            return False

    def _asked_by_articles(self) -> Iterator[str]:
        catalogue = self._library.catalogue()[:ARTICLES]
        articles = [self._library.article(item.id) for item in catalogue]
        for kind in (BlockKind.HEADING, BlockKind.TEXT):
            for article in articles:
                spans = [unit.span for unit in article.units if unit.kind is kind]
                if kind is BlockKind.HEADING:
                    spans = [span for unit in article.units for span in unit.headings]
                for span in dict.fromkeys(spans):
                    text = tidy(article.text[span.start : span.end])
                    if _STANDS_ALONE.fullmatch(text):
                        yield text
