"""A follow-up question made to stand alone, from the conversation before it.

Three things lean on a conversation: a correction ("No, I meant 2019") and an ellipsis ("And in
2025?"), which are the last question with a part exchanged; and a pronoun, which gets the name or
noun phrase that it stands for. Anything else is left as it was asked.
"""

import re
from collections.abc import Sequence

from ingest.words import terms
from rag.conversation.antecedents import Exchange, with_antecedents
from rag.conversation.ellipsis import completed, corrected
from rag.conversation.phrases import last_sentence
from rag.types import Turn

MAX_TURNS = 12
"""How many turns are looked back."""
MAX_EXCHANGES = 3
"""How many of the last questions and answers a pronoun may point into."""
MAX_QUESTION = 300
MAX_ANSWER = 1000
"""Of an earlier question its last, of an answer its first characters are read."""


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """Return a question that means by itself what it means after the turns before it.

    Earlier follow-ups are resolved in their order. Only the last turns are read, of each a bounded
    part, and of an answer no more than a name or a noun phrase gets into the question.
    """
    exchanges: list[Exchange] = []
    for turn in history[-MAX_TURNS:]:
        if turn.role == "user" and turn.content.strip():
            asked = _resolve(_last_of(turn.content), exchanges[-MAX_EXCHANGES:])
            exchanges.append(Exchange(asked[:MAX_QUESTION]))
        elif exchanges:
            exchanges[-1] = exchanges[-1]._replace(answer=turn.content[:MAX_ANSWER])
    return _resolve(question.strip(), exchanges[-MAX_EXCHANGES:])


def _resolve(question: str, exchanges: Sequence[Exchange]) -> str:
    """Return a question with what it leans on, the last exchange before those before it."""
    if not exchanges:
        return question
    before = next((e.question for e in reversed(exchanges) if _asks(e.question)), "")
    before = last_sentence(before)
    return (
        (before and (corrected(question, before) or completed(question, before)))
        or with_antecedents(question, tuple(reversed(exchanges)))
        or question
    )


def _asks(text: str) -> bool:
    """Whether a turn asks for something: "Thank you!" does not."""
    return len(terms(text)) > 1 or (bool(terms(text)) and text.rstrip().endswith("?"))


def _last_of(text: str) -> str:
    """Return the end of a text, from the start of a sentence where there is one."""
    text = " ".join(text.split())
    if len(text) <= MAX_QUESTION:
        return text
    return re.sub(r"^\S*.*?[.!?] ", "", text[-MAX_QUESTION:], count=1)
