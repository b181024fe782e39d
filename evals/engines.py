"""The engines that a run asks: the extractive one, and language models whose calls are recorded."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.calls import RecordedModel
from evals.errors import CannotRunError
from evals.run import Replayed, none_replayed
from ingest.settings import Settings
from rag.build import Ibid
from rag.engine import EXTRACTIVE
from rag.model import LanguageModel

LoadModel = Callable[[str, Settings], LanguageModel]
"""Makes a language model from what the setting IBID_LLM takes."""


class Contender(NamedTuple):
    """Ibid over one engine, its name, and how long its replayed calls took when they were made."""

    ibid: Ibid
    name: str
    replayed: Replayed


def contender(ibid: Ibid, spec: str, calls: Path, load: LoadModel) -> Contender:
    """Return an extractive Ibid with the engine of this name; models record calls in a folder.

    Raises:
        CannotRunError: no call is recorded yet, and the model cannot be loaded.
    """
    if spec == EXTRACTIVE:
        return Contender(ibid, spec, none_replayed)
    name = engine_name(spec)
    path = calls / f"{folder_name(name)}.jsonl"
    model = RecordedModel(name, lambda: load(spec, ibid.settings), path, ibid.settings.llm_context)
    model.prepare()
    return Contender(ibid.with_model(model), name, model.replayed)


def engine_name(spec: str) -> str:
    """Return the name that a model has in answers, as rag.llm gives it, without loading it."""
    provider, colon, model = spec.partition(":")
    if provider == "openai-like":
        model = model.rpartition("#")[2]
    elif provider == "llamacpp":
        model = Path(model).stem
    return provider + colon + model


def folder_name(engine: str) -> str:
    """Return an engine's name as that of a file or folder."""
    return re.sub(r"[^\w.]+", "-", engine).strip("-.")


def run_folders(out: Path, engines: Sequence[str]) -> dict[str, Path]:
    """Return the folder of each engine's run: `out` itself while no engine is named.

    Raises:
        CannotRunError: two of them would share a folder.
    """
    folders = {spec: out / folder_name(engine_name(spec)) for spec in engines}
    if len(set(folders.values())) < len(engines):
        raise CannotRunError(
            f"--engine names one engine twice: {', '.join(map(engine_name, engines))}."
        )
    return folders or {EXTRACTIVE: out}
