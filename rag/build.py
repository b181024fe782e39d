"""From settings to a working Ibid: the only place that chooses components."""

from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from ingest.embed import OnnxEmbedding, load_embedding
from ingest.library import Library
from ingest.settings import Settings
from rag.check import Checker
from rag.engine import Engine
from rag.evidence import EvidenceFinder
from rag.generate import Generator
from rag.llm import load_model
from rag.model import LanguageModel
from rag.retrieve import Retriever


@dataclass(frozen=True)
class Ibid:
    """An open library and what answers from it. Close it, or use it in a `with`."""

    settings: Settings
    embedding: OnnxEmbedding
    library: Library
    retriever: Retriever
    finder: EvidenceFinder
    engine: Engine
    checker: Checker

    def with_model(self, model: LanguageModel | None) -> "Ibid":
        """Return the same open library answered by a language model, or by extraction."""
        generator = Generator(model, self.finder.reader, self.settings.price) if model else None
        return replace(self, engine=Engine(self.library, self.retriever, self.finder, generator))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.library.close()


def build(settings: Settings, command: str = "ibid") -> Ibid:
    """Open the library of these settings; `command` is the name its lock shows to others."""
    model = load_model(settings.llm, settings) if settings.llm else None
    embedding = load_embedding(settings.embedding)
    library = Library(settings.library.resolve(), embedding, command, settings.chroma_url)
    retriever = Retriever(library, embedding)
    finder = EvidenceFinder(library, embedding, retriever)
    engine = Engine(library, retriever, finder)
    checker = Checker(library, retriever, finder)
    ibid = Ibid(settings, embedding, library, retriever, finder, engine, checker)
    return ibid.with_model(model)
