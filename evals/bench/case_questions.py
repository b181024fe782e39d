"""Cases (evals/cases) as libraries with questions, for fitting and measuring on them."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from evals.bench.collections import Question
from ingest.embed import Embedding
from ingest.library import Library
from ingest.pipeline import ingest_bytes

LIMIT_MB = 20


def case_libraries(path: Path, embedding: Embedding) -> Iterator[tuple[Library, list[Question]]]:
    """Yield the library of each case of a file with its questions; follow-ups are left out."""
    for case in yaml.safe_load(path.read_text("utf-8")):
        with tempfile.TemporaryDirectory() as folder, Library(Path(folder), embedding) as library:
            for file in case["files"]:
                data = file["text"].encode(file.get("encoding", "utf-8"))
                ingest_bytes(library, embedding, f"case:{file['name']}", data, None, LIMIT_MB)
            yield library, [_question(item) for item in case["ask"] if not item.get("before")]


def _question(item: dict[str, Any]) -> Question:
    patterns = item.get("all") or ()
    return Question(
        str(item["q"]),
        str(item["q"]),
        item.get("expect") != "refuse",
        pattern=re.compile("|".join(map(str, patterns)), re.I) if patterns else None,
    )
