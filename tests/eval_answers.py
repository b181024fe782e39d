"""Articles, answers and cases made by hand, for what marks and measures them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from evals.facts import Expectation, Fact, FactQuote, Kind, Sources
from evals.mark import StatementMark
from evals.run import Case, Outcome
from ingest.types import Article, BlockKind, Metadata, Span, Unit
from rag.engine import Trace
from rag.types import Answer, Citation, Quote, Reason, Statement, Turn, Verdict, refusal

OPENED = "The bridge was opened in 1901."
ARCHES = "It has 12 arches."
SPEAKER = "Ann Lee spoke to us."
LASTS = "“It may not last.”"
RED = "The tower is red."
TEXT = f"The bridge\n\n{OPENED} {ARCHES}\n\n{SPEAKER}\n{LASTS}\n\n{RED}\n"
GOOD = Verdict(supported=True, score=1)


def span(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


def article(name: str = "bridge", text: str = TEXT) -> Article:
    """Five sentences under one heading, of which one needs the one before: who says it."""
    units = [
        Unit(
            *span(words, text),
            BlockKind.TEXT,
            block,
            (span(SPEAKER, text),) if words == LASTS else (),
            (span("The bridge\n", text)._replace(end=span("The bridge\n", text).end - 1),),
        )
        for words, block in ((OPENED, 1), (ARCHES, 1), (SPEAKER, 2), (LASTS, 2), (RED, 3))
    ]
    digest = hashlib.sha256(text.encode()).hexdigest()
    metadata = Metadata("The bridge", "Ann Lee")
    return Article(name, f"/{name}.txt", digest, text, metadata, tuple(units))


BRIDGE = article()
ARTICLES = {"bridge": BRIDGE}
FACT = Fact(
    id="A-1",
    kind=Kind.SINGLE_FACT,
    fact="opened",
    expect=Expectation.ANSWER,
    question="When was the bridge opened?",
    answers=("1901",),
    sources=Sources(any_of=("bridge",)),
    quotes=(FactQuote(file="bridge", text=OPENED),),
)


def quote(words: str, of: Article = BRIDGE) -> Quote:
    return Quote.of(of, span(words, of.text))


def statement(*said: str | Quote, focus: str = "") -> Statement:
    """A statement of these words of the article; a citation's number is where it starts."""
    quotes = [quote(item) if isinstance(item, str) else item for item in said]
    cited = [Citation.numbered(item.start + 1, item) for item in quotes]
    made = Statement.model_construct(citations=tuple(cited), focus=None, verdict=GOOD)
    start = made.text.find(focus)
    return made.model_copy(update={"focus": (start, start + len(focus)) if focus else None})


def answer(*statements: Statement, **others: Any) -> Answer:
    given: dict[str, Any] = {"question": "?", "status": "answered", "engine": "made"}
    return Answer.model_construct(**{**given, "statements": statements, **others})


def refused() -> Answer:
    return answer(status="refused", refusal=refusal(Reason.WEAK_EVIDENCE))


class Made:
    """A system that gives one answer, or raises; `asked` is what it heard."""

    def __init__(self, given: Answer | Exception, trace: Trace | None = None) -> None:
        self._given = given
        self._trace = trace or Trace(probability=0.5)
        self.asked: list[tuple[str, tuple[Turn, ...]]] = []

    def traced(self, question: str, history: Sequence[Turn] = ()) -> tuple[Answer, Trace]:
        self.asked.append((question, tuple(history)))
        if isinstance(self._given, Exception):
            raise self._given
        return self._given, self._trace


def stated(**values: Any) -> StatementMark:
    return StatementMark(**{"supported": True, "citations": 2, "exact": 2, **values})


def case(name: str, right: bool = True, status: str = "answered", **values: Any) -> Case:
    """A case with a statement of five words for each mark."""
    said: dict[str, Any] = {"text": "five words are said here", "focus": None, "citations": []}
    made = {
        "status": status,
        "statements": [said] * len(values.get("statements", ())),
        "refusal": {"reason": "weak_evidence", "message": "no"} if status == "refused" else None,
        "disagreements": [],
        "citations": [],
        "nearest": [],
        "engine": "extractive",
    }
    given: dict[str, Any] = {
        "id": name,
        "file": "f",
        "kind": Kind.SINGLE_FACT,
        "expect": Expectation.ANSWER,
        "question": "?",
        "outcome": Outcome.PASSED if right else Outcome.FAILED,
        "answer": made if status != "failed" else None,
    }
    return Case(**{**given, **values})


def generated(name: str, **values: Any) -> Case:
    """A case whose answer a language model was asked for."""
    made = case(name)
    assert made.answer is not None
    made.answer["generation"] = {"model": "model", "prompts": "1", **values}
    return made
