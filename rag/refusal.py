"""Whether a question is refused, and why: what the evidence lacks, said in code and in words."""

import re
from collections.abc import Iterator

from ingest.types import Span
from ingest.words import terms
from rag.evidence import Candidate, Evidence, Model
from rag.features import SHOWN, Query, coverage, lacks_value, missing_names
from rag.speaker import asked_speaker, is_by
from rag.types import MESSAGES, Quote, Reason, Refusal

NEAREST = 3
DENIED = 0.5
"""Least share of a question's terms, by weight, in a sentence that may deny what it presupposes."""
_REACH = 4

_START = r"(?:^|[.!?:;]\s+|\bplease\s+)"
_MATERIAL = (
    r"instructions?|rules?|prompts?|articles?|sources?|guidelines?|quotes?|corpus|documents?"
)
_INSTRUCTION = re.compile(
    rf"^\s*(?:system|assistant|developer|admin)\s*:"
    rf"|{_START}(?:ignore|disregard|forget|override|bypass)\b[^.?!]*\b(?:{_MATERIAL})\b"
    rf"|{_START}you (?:are now|are no longer|must now|no longer|need no)\b"
    rf"|{_START}from now on\b|{_START}(?:pretend|act as|role-?play)\b|\bdeveloper mode\b"
    rf"|{_START}(?:print|reveal|repeat|show|output|state|say|translate|write|compose)\b"
    rf"(?! (?:what|who|when|where|why|how|which|whether))"
    rf"|{_START}(?:answer|reply|respond)\b[^.?!]*\b(?:your own|without|in the style)\b",
    re.I,
)
_DENIAL = re.compile(
    r"not|never|no|none|nobody|nothing|neither|nor|without|cannot|\w+n[’']t|block\w*|refus\w*"
    r"|reject\w*|den(?:y|ied|ies)|declin\w*|cancel\w*|fail\w*|prevent\w*",
    re.I,
)
_WORD = re.compile(r"[\w'’-]+")
INSTRUCTION = (
    "This is an instruction, not a question. Ibid only answers questions, and only from its "
    "articles: ask the question alone."
)


def refuse(evidence: Evidence, model: Model) -> Refusal | None:
    """Return why the evidence does not carry an answer, and what is missing; None when it does."""
    if is_instruction(evidence.query.text):
        return Refusal(reason=Reason.OUT_OF_SCOPE, message=INSTRUCTION)
    if not evidence.candidates:
        return _refusal(Reason.NO_EVIDENCE, evidence)
    if evidence.probability < model.scope_threshold:
        return _refusal(Reason.OUT_OF_SCOPE, evidence)
    speaker = asked_speaker(evidence.query.text)
    if speaker and not any(is_by(candidate.unit, speaker) for candidate in evidence.candidates):
        return _refusal(Reason.WEAK_EVIDENCE, evidence)
    if evidence.probability < model.answer_threshold:
        denied = denial(evidence) is not None
        return _refusal(Reason.FALSE_PREMISE if denied else Reason.WEAK_EVIDENCE, evidence)
    return None


def is_instruction(question: str) -> bool:
    """Whether a text tells Ibid what to do instead of asking something."""
    return bool(_INSTRUCTION.search(question))


def denial(evidence: Evidence) -> Candidate | None:
    """Return the sentence, among the best, that denies what the question takes for granted.

    It has most of the question's terms, one of them next to a word of denial that the question
    does not have. That alone refutes nothing (on SQuAD 2.0 such sentences are as frequent beside
    questions that are answered there), so it only tells a question that is refused anyway why.
    """
    query = evidence.query
    if any(_DENIAL.fullmatch(word) for word in _WORD.findall(query.text)):
        return None
    for candidate in evidence.candidates[:SHOWN]:
        found = _WORD.findall(candidate.unit.sentence)
        about = [bool(query.weights.keys() & set(terms(word))) for word in found]
        denies = any(
            _DENIAL.fullmatch(word) and any(about[max(0, n - _REACH) : n + _REACH + 1])
            for n, word in enumerate(found)
        )
        if denies and coverage(query, terms(candidate.unit.sentence)) >= DENIED:
            return candidate
    return None


def nearest(evidence: Evidence, reason: Reason) -> tuple[Quote, ...]:
    """Return the best sentence of each passage that came nearest; first the one that denies."""
    candidates = list(evidence.candidates)
    denied = denial(evidence) if reason is Reason.FALSE_PREMISE else None
    found: dict[str, Quote] = {}
    for candidate in [denied, *candidates] if denied else candidates:
        sentence = candidate.unit.article.sentences[candidate.unit.number]
        quote = Quote.of(candidate.unit.article, Span(sentence.start, sentence.end))
        found.setdefault(candidate.passage.passage.id, quote)
    return tuple(found.values())[:NEAREST]


def missing(evidence: Evidence) -> Iterator[str]:
    """Yield what the question asks for and the best sentences do not have."""
    query, shown = evidence.query, evidence.candidates[:SHOWN]
    said: set[str] = set()
    if query.asked and all(lacks_value(query, c.unit.text) for c in shown):
        said = {*query.asked.counted, *terms("many")}
        kind = query.asked.kind.value
        yield f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}{_of_what(query)}"
    context = " ".join(candidate.context for candidate in shown)
    absent = {*query.unknown, *missing_names(query, context)} - said
    for word in dict.fromkeys(_WORD.findall(query.text)):
        if absent & set(terms(word)):
            yield f"“{word}”"


def _of_what(query: Query) -> str:
    """Return " of " and what is counted, up to the plural: "how many Russian soldiers serve"."""
    counted = query.asked.counted if query.asked else frozenset()
    found = [word for word in _WORD.findall(query.text) if counted & set(terms(word))]
    plural = next((n for n, word in enumerate(found, 1) if word.endswith("s")), len(found))
    return f" of {' '.join(found[:plural])}" if found else ""


def _refusal(reason: Reason, evidence: Evidence) -> Refusal:
    return Refusal(reason=reason, message=MESSAGES[reason], missing=tuple(missing(evidence)))
