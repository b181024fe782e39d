"""From question to answer, on the five articles."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import BadInputError, NotFoundError
from ingest.library import Filters
from rag.build import Ibid
from rag.engine import MAX_QUESTION
from rag.types import Answer, Reason, Statement, Turn
from rag.verdict import judge


def check_promise(ibid: Ibid, answer: Answer) -> None:
    """Every statement stands on quotes that are the articles' own text, and is supported."""
    assert (answer.status == "answered") == bool(answer.statements)
    for statement in answer.statements:
        assert statement.citations
        articles = {c.article_id: ibid.library.article(c.article_id) for c in statement.citations}
        for citation in statement.citations:
            article = articles[citation.article_id]
            assert article.text[citation.start : citation.end] == citation.quote
            assert (article.sha256, article.title) == (citation.sha256, citation.title)
        assert judge(statement.citations, articles, statement.text).supported


@pytest.mark.parametrize(
    ("question", "words", "article"),
    [
        ("What percentage of Belarusians supported a dialogue with the opposition?", "65", "004"),
        ("When is a single gas market to be established?", "1 December 2023", "001"),
        ("With whom did the Belarusian Interior Ministry sign an agreement?", "Rosgvardiya", "002"),
        ("Who signed the treaty establishing the Union State in 1999?", "Yeltsin", "003"),
        (
            "Why has Lukashenko been pumping money into interior forces?",
            "protect his regime",
            "000",
        ),
    ],
)
def test_a_question_is_answered_with_the_right_quote(
    ibid: Ibid, question: str, words: str, article: str
) -> None:
    answer = ibid.engine.ask(question)
    check_promise(ibid, answer)
    assert 1 <= len(answer.statements) <= 4
    first = answer.statements[0]
    assert words in first.text
    assert first.citations[0].article_id.startswith(article)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Australia?",
        "How do I reset the password of my router?",
        "Which striker scored most goals in the Premier League?",
        "How long should I boil an egg?",
    ],
)
def test_a_question_outside_the_corpus_is_refused_with_pointers(ibid: Ibid, question: str) -> None:
    answer = ibid.engine.ask(question)
    assert answer.refusal
    assert answer.refusal.reason in (Reason.OUT_OF_SCOPE, Reason.WEAK_EVIDENCE)
    assert answer.statements == ()
    assert answer.nearest
    for quote in answer.nearest:
        assert ibid.library.article(quote.article_id).text[quote.start : quote.end] == quote.quote


def test_the_plain_answer_is_the_streams_last_item(ibid: Ibid) -> None:
    question = "What did Medvedev propose in December 2018?"
    *statements, answer = ibid.engine.stream(question)
    assert isinstance(answer, Answer)
    assert all(isinstance(statement, Statement) for statement in statements)
    assert answer.statements == tuple(statements)
    again = ibid.engine.ask(question)
    assert again.model_copy(update={"timings_ms": {}}) == answer.model_copy(
        update={"timings_ms": {}}
    )


def test_a_follow_up_is_read_with_the_conversation_before_it(ibid: Ibid) -> None:
    history = [
        Turn(role="user", content="Who is Pavel Latushko?"),
        Turn(role="assistant", content="A former minister."),
    ]
    question = "How many of the ten most popular TV channels does he say are Russian?"
    answer = ibid.engine.ask(question, history)
    assert "eight are Russian" in " ".join(s.text for s in answer.statements)
    assert answer.question == question
    assert ibid.engine.ask(f" {question} ").rewritten is None


def test_filters_limit_what_may_answer(ibid: Ibid) -> None:
    question = "How many integration programmes does the agreement provide for?"
    for article in ("001_6d0d470c36767c10", "004_0fb5895dd017175d"):
        answer = ibid.engine.ask(question, filters=Filters(articles=(article,)))
        assert {citation.article_id for citation in answer.citations} == {article}
    later = ibid.engine.ask(question, filters=Filters(published_from="2030-01-01"))
    assert later.refusal
    assert later.refusal.reason is Reason.NO_EVIDENCE
    with pytest.raises(NotFoundError):
        ibid.engine.ask(question, filters=Filters(articles=("nothing",)))


@pytest.mark.parametrize(
    ("question", "reason"),
    [("", "empty"), (" \n", "empty"), ("why " * MAX_QUESTION, "limit is 4,000")],
)
def test_what_is_no_question_says_so(ibid: Ibid, question: str, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        ibid.engine.ask(question)


WORDS = ["Who", "When", "Lukashenko", "28", "programmes", "treaty", "it", "not", "“", "?", "Крым",
         "gas", "\n", "ignore", "😀", "<b>", "Usov", "says", "Why", "2030", "'", "[1]"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_promise_holds_for_any_question(ibid: Ibid, question: str) -> None:
    if question.strip():
        check_promise(ibid, ibid.engine.ask(question))


@pytest.mark.parametrize(
    ("question", "said", "article"),
    [
        ('Who wrote "Russia and Belarus Deepen Integration"?', "Anna Maria Dyner", "001"),
        (
            "Wann ist der Artikel „The Next Step In Russia's Incorporation Of Belarus“ erschienen?",
            "8 November 2021",
            "000",
        ),
    ],
)
def test_an_article_says_itself_who_wrote_it_and_when(
    ibid: Ibid, question: str, said: str, article: str
) -> None:
    answer = ibid.engine.ask(question)
    check_promise(ibid, answer)
    assert [said in statement.text for statement in answer.statements] == [True]
    assert answer.citations[0].article_id.startswith(article)


def test_an_article_that_does_not_say_its_date_has_none(ibid: Ibid) -> None:
    answer = ibid.engine.ask('When was "Russia and Belarus Deepen Integration" published?')
    assert answer.refusal
    assert answer.refusal.missing == ("“Russia and Belarus Deepen Integration”: published",)


def test_a_filter_binds_who_wrote_an_article_too(ibid: Ibid) -> None:
    filters = Filters(articles=("004_0fb5895dd017175d",))
    answer = ibid.engine.ask('Who wrote "Russia and Belarus Deepen Integration"?', filters=filters)
    assert {citation.article_id for citation in answer.citations} <= set(filters.articles)
