"""Where a text names another thing in the place of the one asked for."""

import numpy as np
import pytest

from ingest.words import words
from rag.question import Kind, Question, Term
from rag.rivals import has_rival, places, tokenize


def question(text: str, anchors: dict[str, Kind]) -> Question:
    """Return a question whose words all say something; `anchors` are those that are none."""
    terms = tuple(Term(word, word, anchors.get(word, Kind.WORD), 1.0, word) for word in words(text))
    return Question(text, np.zeros(4, np.float32), terms, {}, {})


NAME, NUMBER = Kind.NAME, Kind.NUMBER


@pytest.mark.parametrize(
    ("asked", "anchors", "text", "rival"),
    [
        ("launched Maid of Tolver", {"maid": NAME, "tolver": NAME}, "The Maid of Orrin", True),
        ("launched Maid of Tolver", {"maid": NAME, "tolver": NAME}, "The Maid of Tolver", False),
        ("ouvrira ligne E", {"e": NUMBER}, "La ligne C ouvrira le 4 juin", True),
        ("умер Фёдор Зимовеев", {"fedor": NAME}, "Умер Аркадий Зимовеев 5 мая", True),
        ("умер Фёдор Зимовеев", {"fedor": NAME}, "Фёдор Зимовеев умер 5 мая", False),
        ("31路末班车", {"31": NUMBER}, "3路末班车为20时30分", True),
        ("train 107 leaves", {"107": NUMBER}, "Train 101 leaves at 9:15", True),
        ("train 107 leaves", {"107": NUMBER}, "Seven trains leave in the morning", False),
        ("owns Belsat", {"belsat": NAME}, "It is owned by Poland", False),
    ],
)
def test_a_rival_stands_where_the_name_asked_for_would(
    asked: str, anchors: dict[str, Kind], text: str, rival: bool
) -> None:
    read, said = question(asked, anchors), words(text)
    held = frozenset(term for term in read.terms if term.word in said)
    assert has_rival(places(read), held, tokenize(text)) is rival
