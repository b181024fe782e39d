"""What readers say of answers, kept in a file of the library's folder, and made a known fact of.

`feedback.jsonl` has a line for each rating. A draft known fact is an item of a facts file as `ibid
facts` writes it (docs/evaluation.md), for somebody to read before it is used.
"""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.errors import BadInputError, LibraryError
from ingest.library import Library
from ingest.words import words
from rag.types import Answer, Reason, Statement
from ui.saved import Entry, restore

FILE = "feedback.jsonl"
MAX_REASON = 4000
DOUBTED = (
    "# Rated bad. If the articles do answer this, write what a right answer says: expect: answer,\n"
    "# with answers, sources and quotes.\n"
)
_TELLING = re.compile(r"\d[\d.,]*\d|\d|(?<!^)\b[^\W\d_a-z][\w’-]+")
_writing = Lock()


class Rating(BaseModel):
    """What a reader says of an answer that the browser kept."""

    model_config = ConfigDict(extra="forbid")

    rating: Literal["good", "bad"]
    reason: str = Field("", max_length=MAX_REASON)
    entry: Entry


class Rated(BaseModel):
    """Where a rating was kept, and the known fact that can be made of it."""

    told: str
    fact: str


def rate(data: object, library: Library) -> Rated:
    """Keep a rating of an answer that holds today.

    Raises:
        BadInputError: it is none, or its answer no longer holds.
        LibraryError: the library's folder cannot be written.
    """
    try:
        rating = Rating.model_validate(data)
    except ValidationError as error:
        raise BadInputError(f"This is no rating: {error.errors()[0]['msg']}.") from None
    answer = restore(rating.entry, library).answer
    if answer is None:
        raise BadInputError("This answer no longer holds, so there is nothing to rate.")
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rating": rating.rating,
        "reason": rating.reason,
        "answer": answer.model_dump(mode="json"),
    }
    _append(library.folder / FILE, json.dumps(line, ensure_ascii=False))
    return Rated(told=f"Kept in {FILE} of the library.", fact=known_fact(answer, rating))


def known_fact(answer: Answer, rating: Rating) -> str:
    """Return a draft of what a right answer to this question is, as an item of a facts file."""
    question = answer.rewritten or answer.question
    name = f"draft-{hashlib.sha256(question.encode()).hexdigest()[:8]}"
    good = rating.rating == "good"
    item = {
        "id": name.upper(),
        **(_answered(answer, name, question) if good and answer.statements else {}),
    }
    if "kind" not in item:
        item |= {"kind": _refused_kind(answer), "fact": name, "expect": "abstain"}
        item["question"] = question
    if rating.reason.strip():
        item["notes"] = rating.reason.strip()
    written = yaml.safe_dump([item], allow_unicode=True, sort_keys=False, width=1_000_000)
    return written if good else DOUBTED + written


def _answered(answer: Answer, name: str, question: str) -> dict[str, Any]:
    differing = bool(answer.disagreements)
    ids = list(dict.fromkeys(citation.article_id for citation in answer.citations))
    quotes = [
        {"file": citation.article_id, "text": " ".join(citation.quote.split())}
        for citation in answer.citations
    ]
    return {
        "kind": "conflict" if differing else "single_fact",
        "fact": name,
        "expect": "show_both" if differing else "answer",
        "question": question,
        "answers": _telling(answer.statements[0], question),
        "sources": {"all_of" if differing else "any_of": ids},
        "quotes": quotes,
    }


def _telling(statement: Statement, question: str) -> list[str]:
    """Return what tells the answer: what it marks, or else its numbers and names, or its words."""
    if statement.focus:
        return [re.escape(statement.text[slice(*statement.focus)])]
    asked = set(words(question))
    found = dict.fromkeys(_TELLING.findall(statement.text))
    told = [rf"\b{re.escape(word)}\b" for word in found if not asked.issuperset(words(word))]
    return told or [re.escape(statement.text)]


def _refused_kind(answer: Answer) -> str:
    outside = (Reason.NO_EVIDENCE, Reason.OUT_OF_SCOPE)
    known = answer.refusal and answer.refusal.reason in outside
    return "out_of_scope" if known else "unanswerable_near"


def _append(file: Path, line: str) -> None:
    try:
        with _writing, file.open("a", encoding="utf-8") as opened:
            opened.write(line + "\n")
    except OSError as error:
        raise LibraryError(f"{file} cannot be written ({error}). Mend its permissions.") from None
