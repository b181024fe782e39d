"""From settings to a working Ibid: the only place that chooses components."""

from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from ingest.embed import Embedding, load_embedding
from ingest.library import Library
from ingest.settings import Settings
from rag.check import Checker
from rag.choose import Chooser
from rag.engine import Engine
from rag.evidence import EvidenceFinder
from rag.llm import load_model
from rag.model import LanguageModel
from rag.retrieve import Retriever
from rag.summary import Summarizer


@dataclass(frozen=True)
class Ibid:
    """An open library and what answers from it. Close it, or use it in a `with`."""

    settings: Settings
    embedding: Embedding
    library: Library
    retriever: Retriever
    engine: Engine
    checker: Checker

    def with_model(self, model: LanguageModel | None) -> "Ibid":
        """Return the same open library, a language model choosing among its sentences, or none."""
        chooser = Chooser(model, self.settings.price) if model else None
        wanted = model is not None and self.settings.summary
        summarizer = Summarizer(model, self.embedding) if model and wanted else None
        return replace(self, engine=self.engine.with_model(chooser, summarizer))

    def with_configured_model(self) -> "Ibid":
        """Return the same open library with the language model of the settings, if any."""
        name = self.settings.llm
        return self.with_model(load_model(name, self.settings)) if name else self

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
    embedding = load_embedding(settings.embedding)
    library = Library(settings.library.resolve(), embedding, command, settings.chroma_url)
    return equip(settings, embedding, library)


def equip(settings: Settings, embedding: Embedding, library: Library) -> Ibid:
    """Return what answers from an open library."""
    retriever = Retriever(library)
    engine = Engine(library, embedding, retriever, EvidenceFinder(library))
    return Ibid(settings, embedding, library, retriever, engine, Checker(engine))
