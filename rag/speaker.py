"""Whose words a question asks for: "according to X", "in X's view", "what did X say"."""

import re

from ingest.words import terms
from rag.context import Unit
from rag.features import has_term

_VERBS = (
    r"say|think|believe|argue|claim|explain|warn|predict|insist|suggest|tell|announce|declare|note"
    r"|admit|mention|recall|name|cite"
)
_WHOSE = (
    re.compile(rf"\b(?:does|did|do) ((?:[\w.’'-]+ ){{0,5}}?[\w.’'-]+) (?:{_VERBS})\b", re.I),
    re.compile(r"\bin ((?:[\w.-]+ ){0,4}?[\w.-]+)[’']s? (?:view|opinion|account|words|eyes)\b"),
    re.compile(r"\baccording to ((?:[\w.-]+ ){0,3}?[A-ZÀ-ÖØ-Þ][\w.-]+(?: [A-ZÀ-ÖØ-Þ][\w.-]+)*)"),
)
_OTHERWISE = re.compile(r"\b(?:it|its|his|her|their|my|our|you|we|they|he|she|a|an)\b", re.I)
_SOURCES = frozenset(terms("the article articles author authors text texts report reports sources"))


def asked_speaker(question: str) -> frozenset[str]:
    """Return the terms that name whose words are asked for; none where nobody's are."""
    found = next((match[1] for pattern in _WHOSE if (match := pattern.search(question))), "")
    named = frozenset(terms(re.sub(r"[’']s?\b", "", found)))
    is_name = re.search(r"[A-ZÀ-ÖØ-Þ]", found) and not _OTHERWISE.search(found)
    return named if is_name and not named & _SOURCES else frozenset()


def is_by(unit: Unit, speaker: frozenset[str]) -> bool:
    """Whether a unit, or who wrote or published its article, bears the name of a speaker."""
    data = unit.article.metadata
    present = set(terms(f"{unit.text} {data.author or ''} {data.publisher or ''}"))
    return all(has_term(term, present) for term in speaker)
