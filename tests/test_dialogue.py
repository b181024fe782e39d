"""The conversation's handlers, without a browser."""

from typing import Any

from rag.build import Ibid
from ui.dialogue import STOPPED, Dialogue, View
from ui.markup import Conversation, Exchange

QUESTION = "How many TV channels watched in Belarus are Russian?"


def last(views: Any) -> View:
    *_, view = [view for view in views if isinstance(view.exchanges, tuple)]
    return View(*view)


def test_statements_are_shown_before_the_answer_is_complete(ibid: Ibid) -> None:
    shown = [view.exchanges[-1] for view in Dialogue(ibid).ask(QUESTION, ())]
    assert any(exchange.statements and exchange.running for exchange in shown)
    assert not shown[-1].running


def test_a_filter_on_an_article_that_is_gone_says_so(ibid: Ibid) -> None:
    exchange = last(Dialogue(ibid).ask(QUESTION, (), ["gone"], [], "", "")).exchanges[-1]
    assert "gone" in exchange.problem
    line, _ = Dialogue(ibid).limits(["<gone>"], [], "", "")
    assert "&lt;gone&gt;" in line
    assert "Only" not in line


def test_a_wrong_day_is_told_and_no_filter_is_none(ibid: Ibid) -> None:
    line, _ = Dialogue(ibid).limits([], [], "20", "")
    assert "is not a day" in line
    assert Dialogue(ibid).limits([], [], "", " ")[0] == ""


def test_asking_again_leaves_the_history_before(ibid: Ibid) -> None:
    dialogue = Dialogue(ibid)
    before: Conversation = last(dialogue.ask(QUESTION, ())).exchanges
    again = last(dialogue.ask_again(before)).exchanges
    assert [exchange.question for exchange in again] == [QUESTION]
    assert again[0].key != before[0].key


def test_what_is_stopped_keeps_what_it_has(ibid: Ibid) -> None:
    view = Dialogue(ibid).stop((Exchange(QUESTION),))
    assert view.exchanges[-1].problem == STOPPED
    assert Dialogue(ibid).stop(view.exchanges).exchanges is not view.exchanges


def test_an_export_of_what_is_none_is_empty(ibid: Ibid) -> None:
    given: list[Any] = [None, [], {"format": "exe"}, {"format": ["md"], "entries": []}]
    for data in given:
        assert Dialogue(ibid).export(data).strip() == ""
