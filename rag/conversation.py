"""A follow-up question made to stand alone, from the conversation before it."""

import re
from collections.abc import Sequence

from ingest.words import terms
from rag.types import Turn

_LEANS = re.compile(
    r"^(?:and|but|or|so|also|then|what about|how about|why|when|where|who|really)\b[^a-z]*\??$"
    r"|^(?:and|but|so|what about|how about)\b"
    r"|\b(?:he|she|it|they|him|them|his|her|hers|its|their|theirs|this|these|those"
    r"|there|then|former|latter|same|one|ones)\b(?!\s+(?:is|are|was|were)\s+(?:a|an|any)\b)",
    re.I,
)


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """Return the question with the user's last one before it, where it leans on that."""
    before = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    leans = _LEANS.search(question.strip()) or len(terms(question)) < 2
    return f"{before[-1].strip()} {question.strip()}" if before and leans else question.strip()
