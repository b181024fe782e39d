import pytest
from pydantic import ValidationError

from ingest.pipeline import make_article
from ingest.types import Span
from rag.types import Answer, Citation, Quote, Statement, Verdict

ARTICLE = make_article("a", "a.txt", "One thing happened. Another did not.")
FINE = Verdict(supported=True, score=1)


def citation(number: int, start: int = 0, end: int = 19) -> Citation:
    return Citation.numbered(number, Quote.of(ARTICLE, Span(start, end)))


def answer(*statements: Statement) -> Answer:
    return Answer(question="q", status="answered", engine="extractive", statements=statements)


def test_a_quote_is_cut_from_the_article() -> None:
    quote = Quote.of(ARTICLE, Span(0, 19))
    assert quote.quote == ARTICLE.text[quote.start : quote.end] == "One thing happened."
    assert quote.sha256 == ARTICLE.sha256


def test_a_statement_without_citation_cannot_be_built() -> None:
    with pytest.raises(ValidationError):
        Statement(text="One thing happened.", citations=(), verdict=FINE)


def test_an_answer_has_statements_or_a_refusal() -> None:
    with pytest.raises(ValidationError, match="either statements or a refusal"):
        answer()
    with pytest.raises(ValidationError, match="either statements or a refusal"):
        Answer(question="q", status="refused", engine="extractive")


def test_numbers_run_from_one_in_order_of_use_and_mean_one_quote() -> None:
    def said(*cited: Citation) -> Statement:
        return Statement(text="t", citations=cited, verdict=FINE)

    fine = answer(said(citation(1)), said(citation(2, 20, 36), citation(1)))
    assert [item.number for item in fine.citations] == [1, 2]
    assert fine.model_dump()["statements"][1]["citations"] == [2, 1]
    with pytest.raises(ValidationError, match="numbered from 1"):
        answer(said(citation(2)))
    with pytest.raises(ValidationError, match="stands for two quotes"):
        answer(said(citation(1)), said(citation(1, 20, 36)))
