"""The answer's values, and how quotes become the text of a statement."""

import pytest
from pydantic import ValidationError

from ingest.types import Span
from rag.types import Answer, Citation, Quote, Statement, Verdict, joined, tidy
from tests.articles import quotes, sentences

ARTICLE = sentences("One thing happened.", "Another did not.")
FINE = Verdict(supported=True, score=1)


def citation(number: int, start: int = 0, end: int = 19) -> Citation:
    return Citation.numbered(number, Quote.of(ARTICLE, Span(start, end)))


def answer(*statements: Statement) -> Answer:
    return Answer(question="q", status="answered", engine="extractive", statements=statements)


def said(*cited: Citation, focus: tuple[int, int] | None = None) -> Statement:
    return Statement(citations=cited, focus=focus, verdict=FINE)


def test_a_quote_is_cut_from_the_article() -> None:
    quote = Quote.of(ARTICLE, Span(0, 19))
    assert quote.quote == ARTICLE.text[quote.start : quote.end] == "One thing happened."
    assert quote.sha256 == ARTICLE.sha256


def test_a_statement_without_citation_cannot_be_built() -> None:
    with pytest.raises(ValidationError):
        said()


def test_a_statement_has_no_words_but_its_quotes() -> None:
    assert said(citation(1)).text == "One thing happened."
    with pytest.raises(ValidationError):
        Statement.model_validate({"text": "Else.", "citations": (citation(1),), "verdict": FINE})


@pytest.mark.parametrize("focus", [(-1, 3), (3, 3), (4, 2), (0, 20), (30, 40)])
def test_a_focus_is_inside_the_text(focus: tuple[int, int]) -> None:
    assert said(citation(1), focus=(0, 19)).focus == (0, 19)
    with pytest.raises(ValidationError, match="outside"):
        said(citation(1), focus=focus)


def test_an_answer_has_statements_or_a_refusal() -> None:
    with pytest.raises(ValidationError, match="either statements or a refusal"):
        answer()
    with pytest.raises(ValidationError, match="either statements or a refusal"):
        Answer(question="q", status="refused", engine="extractive")


def test_numbers_run_from_one_in_order_of_use_and_mean_one_quote() -> None:
    fine = answer(said(citation(1)), said(citation(2, 20, 36), citation(1)))
    assert [item.number for item in fine.citations] == [1, 2]
    assert fine.model_dump()["statements"][1]["citations"] == [2, 1]
    with pytest.raises(ValidationError, match="numbered from 1"):
        answer(said(citation(2)))
    with pytest.raises(ValidationError, match="stands for two quotes"):
        answer(said(citation(1)), said(citation(1, 20, 36)))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("| Corva 3 | 12 € |", "Corva 3 | 12 €"),
        ("|Corva 3||12 €|", "Corva 3 | | 12 €"),
        ("Corva 3\t12 €", "Corva 3 | 12 €"),
        ("|x| < 3 holds.", "|x| < 3 holds."),
        ("- a pen;", "a pen;"),
        ("•\ta pen", "a pen"),
        ("3. Close the valve.", "3. Close the valve."),
        ("3.\tClose the valve.", "3. Close the valve."),
        ("## Accounts", "Accounts"),
        ("See [the law](https://a.example/law_(2020)).", "See the law."),
        ('See ![a map](map.png "Lindow") and [[1]](#n1).', "See a map and [1]."),
        ("Two\n  lines\u00a0here.", "Two lines here."),
        ("登记\n不可转让。", "登记不可转让。"),
        ("-5 °C was measured.", "-5 °C was measured."),
    ],
)
def test_text_is_tidied_for_display_only(written: str, shown: str) -> None:
    assert tidy(written) == shown
    assert tidy(shown) == shown


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("One fell. Two rose.", ["One fell.", "Two rose."], "One fell. Two rose."),
        ("One fell.\r\n\r\nTwo rose.", ["One fell.", "Two rose."], "One fell. Two rose."),
        ("One fell. No. Two rose.", ["One fell.", "Two rose."], "One fell. … Two rose."),
        ("登记有效。不可转让。", ["登记有效。", "不可转让。"], "登记有效。不可转让。"),
        ("“Yes.”She left.", ["“Yes.”", "She left."], "“Yes.”She left."),
        ("## Fees (2024)\n\nIt costs 5 €.", ["## Fees (2024)", "It costs 5 €."],
         "Fees (2024)\nIt costs 5 €."),
        ("Bring:\n- a pen\n- a cup", ["Bring:", "- a pen", "- a cup"], "Bring:\na pen\na cup"),
        ("Bring:\n- a pen\n- a cup", ["Bring:", "- a cup"], "Bring:\n… a cup"),
        ("|a|b|\n|-|-|\n|1|2|\n|3|4|", ["|a|b|", "|3|4|"], "a | b\n3 | 4"),
        ("Mr. Lee sold it. Dr. Wu left.", ["Mr. Lee sold it.", "Dr. Wu left."],
         "Mr. Lee sold it. Dr. Wu left."),
    ],
)  # fmt: skip
def test_quotes_are_joined_as_they_stand(text: str, words: list[str], shown: str) -> None:
    assert joined(quotes(sentences(text), *words)) == shown


def test_quotes_of_two_articles_never_stand_side_by_side() -> None:
    other = sentences("X", "Another did not.", gap=" " * 19, article_id="b")
    pair = [Quote.of(ARTICLE, Span(0, 19)), Quote.of(other, Span(20, 36))]
    assert joined(pair) == "One thing happened. … Another did not."
    assert joined([]) == ""
