"""What stands around a sentence so that it can be read alone."""

import pytest
from rag.context import Reader

from ingest.pipeline import make_article


def unit_of(text: str, words: str) -> str:
    article = make_article("a", "a.txt", text)
    number = next(n for n, s in enumerate(article.sentences) if words in text[s.start : s.end])
    return Reader(article).unit(number).text


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (
            "The port reopened. It handles forty ships a day. Bread is cheap.",
            "forty",
            "The port reopened. It handles forty ships a day.",
        ),
        (
            "Ann Lee is mayor. However, she lost the vote. Bread is cheap.",
            "lost",
            "Ann Lee is mayor. However, she lost the vote.",
        ),
        ("The port reopened. It is clear that bread is cheap.", "clear", None),
        ("The port reopened. The first of many ships came.", "many", None),
        ("The port reopened.\n\nOn the other hand, bread is cheap.", "bread", None),
        ("The port reopened. Bread is cheap.", "Bread", None),
    ],
)
def test_a_sentence_that_points_back_brings_what_it_points_to(
    text: str, words: str, expected: str | None
) -> None:
    alone = next(s for s in text.replace("\n\n", " ").split(". ") if words in s).rstrip(".") + "."
    assert unit_of(text, words) == (expected or alone)


def test_a_list_comes_whole_with_its_lead_in() -> None:
    text = "Plans are ready.\n\nThe port will get:\n\n• a quay.\n• a crane.\n\nBread is cheap."
    whole = "The port will get: • a quay. • a crane."
    assert unit_of(text, "crane") == unit_of(text, "will get") == whole
    assert unit_of(text, "Bread") == "Bread is cheap."


def test_a_sentence_inside_a_quotation_brings_its_speaker() -> None:
    text = (
        "Ships are few. “The quay is old. Nobody will pay for a new one. Winters are hard,” "
        "Mayor Ann Lee said. Bread is cheap."
    )
    assert unit_of(text, "Nobody") == "Nobody will pay for a new one. Winters are hard,” " + (
        "Mayor Ann Lee said."
    )
    opened = "Ann Lee added: “The quay is old. Nobody will pay for a new one.” Bread is cheap."
    assert unit_of(opened, "Nobody").startswith("Ann Lee added:")
    assert unit_of(opened, "Bread") == "Bread is cheap."


SPEECH = """Ann Lee, the mayor, believes that the port has no future:

The quay is old. We have asked the capital for money for years, and none has come.

I was there when the last crane fell. Our ships go to Harnow now.

The council meets on Friday. Bread is cheap."""


@pytest.mark.parametrize("words", ["quay is old", "none has come", "last crane", "to Harnow"])
def test_a_speech_without_quotation_marks_brings_its_speaker(words: str) -> None:
    assert unit_of(SPEECH, words).startswith("Ann Lee, the mayor, believes")


def test_a_speech_ends_where_nobody_speaks_of_himself() -> None:
    assert "Ann Lee" not in unit_of(SPEECH, "Friday")


def test_a_speech_ends_with_the_words_that_name_its_speaker() -> None:
    text = (
        "Ann Lee answers:\n\nThe quay is old. Nobody pays.\n\nThe winters are hard. "
        "The ships are small, — says Ann Lee.\n\nWe know that bread is cheap. It always was."
    )
    assert unit_of(text, "winters").startswith("Ann Lee answers:")
    assert "Ann Lee" not in unit_of(text, "bread")


def test_units_are_the_articles_own_sentences() -> None:
    article = make_article("a", "a.txt", SPEECH)
    for number in range(len(article.sentences)):
        unit = Reader(article).unit(number)
        assert number in unit.numbers
        covered = " ".join(SPEECH[start:end] for start, end in unit.spans)
        assert unit.text.replace(" … ", " ") == " ".join(covered.split())
