"""Answers to take away: what articles say stays text in Markdown and in HTML."""

from tests.test_markup import make_article, make_statement
from ui.export import as_html, as_markdown, as_text
from ui.markup import Exchange

OWLS = "<b>Owls</b> hunt at night & rest by day."


def test_what_articles_say_is_no_markup() -> None:
    exchange = Exchange("<script>#1?", (make_statement(make_article(), 1, OWLS),))
    html = as_html((exchange,))
    assert "&lt;script&gt;#1?" in html
    assert "&lt;b&gt;Owls&lt;/b&gt; hunt at night &amp; rest by day." in html
    assert "<script" not in html
    markdown = as_markdown((exchange,))
    assert r"## \<script\>\#1?" in markdown
    assert r"\<b\>Owls\</b\> hunt at night \& rest by day. [^1]" in markdown
    assert "[^1]: On" in markdown.replace("\\", "")


def test_footnotes_of_several_answers_have_names_of_their_own() -> None:
    exchange = Exchange("?", (make_statement(make_article(), 1, OWLS),))
    markdown = as_markdown((exchange, exchange))
    for number in (1, 2):
        assert markdown.count(f"[^{number}-1]") == 2
    assert as_html((exchange, exchange)).count('id="2-1"') == 1


def test_what_no_longer_holds_is_named() -> None:
    exchange = Exchange("?", lapses=("A statement is not shown.",))
    for written in (as_text, as_markdown, as_html):
        assert "A statement is not shown." in written((exchange,))
