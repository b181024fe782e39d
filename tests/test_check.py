"""A draft is compared with the articles; nothing is said to be true or false."""

from pathlib import Path

import pytest

from ingest.embed import Embedding
from ingest.errors import BadInputError
from ingest.library import Library
from ingest.types import Span
from rag.check import MAX_DRAFT, Checker, Finding, Kind, SkippedText, split_draft
from rag.engine import Engine
from rag.evidence import EvidenceFinder
from rag.retrieve import Retriever
from tests.conftest import ingest

RULES = """By-laws of the rowing club

The registration is not transferable. Members pay 48 francs a year. Edda Lunde keeps the keys.

Die Anmeldung ist nicht übertragbar. L'inscription n'est pas transmissible.

Członkostwo nie wygasa po roku.

Регистрация не передаётся. 会员资格不可转让给他人。
"""


@pytest.fixture
def checker(library: Library, embedding: Embedding, tmp_path: Path) -> Checker:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "rules.txt").write_text(RULES)
    ingest(library, embedding, folder)
    return Checker(Engine(library, embedding, Retriever(library), EvidenceFinder(library)))


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("The registration is transferable.", "not"),
        ("Die Anmeldung ist übertragbar.", "nicht"),
        ("Członkostwo wygasa po roku.", "nie"),
        ("会员资格可转让给他人。", "不"),
    ],
)
def test_a_negation_left_out_is_a_word_that_differs(
    checker: Checker, sentence: str, missing: str
) -> None:
    (found,) = checker.check(sentence).sentences
    assert found.finding is Finding.DIFFERS
    assert missing in {item.quoted for item in found.differences} | {
        word for item in found.differences for word in item.quoted.split()
    }


def test_differences_are_marked_in_both_and_named_by_form(checker: Checker) -> None:
    draft = "Members pay 84 francs a year. Edda Lund keeps the keys."
    number, name = checker.check(draft).sentences
    (difference,) = number.differences
    assert (difference.kind, difference.said, difference.quoted) == (Kind.NUMBER, "84", "48")
    assert difference.draft
    assert draft[slice(*difference.draft)] == "84"
    assert difference.quote
    assert number.quotes[0].quote[slice(*difference.quote)] == "48"
    assert [item.kind for item in name.differences] == [Kind.NAME]


def test_verbatim_is_the_articles_words_and_nothing_else(checker: Checker) -> None:
    result = checker.check("“The registration is NOT transferable”. Edda Lunde keeps the keys.")
    assert result.verbatim
    assert {item.finding for item in result.sentences} == {Finding.VERBATIM}
    other = checker.check("Nobody may hand on a membership to somebody else.")
    assert not other.verbatim
    assert other.sentences[0].finding is Finding.NEAREST
    assert other.sentences[0].quotes


def test_what_states_nothing_is_named() -> None:
    parts = list(split_draft("# Keys\n\nWho keeps the keys of the club? Edda Lunde keeps them.\n"))
    assert [part.why for part in parts if isinstance(part, SkippedText)] == ["heading", "question"]
    assert sum(isinstance(part, Span) for part in parts) == 1


@pytest.mark.parametrize("draft", ["", " \n", "Who keeps the keys?", "word " * MAX_DRAFT])
def test_a_draft_that_cannot_be_checked_says_why(checker: Checker, draft: str) -> None:
    with pytest.raises(BadInputError):
        checker.check(draft)
