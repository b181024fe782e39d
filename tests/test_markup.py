"""What the chat page shows, as HTML: escaped, true to the article, with nothing invented."""

from dataclasses import replace
from html import unescape

import pytest

from ingest.types import Article, BlockKind, Metadata, Span, Unit
from rag.types import Answer, Citation, Disagreement, Quote, Reason, Refusal, Statement, Verdict
from ui.evidence import Around, Place, reader_page
from ui.markup import Exchange, Frame, conversation_page, header, start_page

TEXT = "🦉 <b>Owls</b> hunt at night & rest by day. [Mice](#) do not."


def make_article(text: str = TEXT, sha256: str = "a" * 64, **metadata: str) -> Article:
    return Article("owls", "/owls.txt", sha256, text, Metadata(title="On <i>owls</i>", **metadata))  # type: ignore[arg-type]


def make_quote(article: Article, words: str) -> Quote:
    start = article.text.index(words)
    return Quote.of(article, Span(start, start + len(words)))


def make_statement(article: Article, number: int, words: str) -> Statement:
    citation = Citation.numbered(number, make_quote(article, words))
    return Statement(citations=(citation,), verdict=Verdict(supported=True, score=1))


def marked(page: str) -> str:
    return unescape(page.split("<mark", 1)[1].split(">", 1)[1].split("</mark>")[0])


@pytest.mark.parametrize("words", ["<b>Owls</b> hunt at night & rest", "[Mice](#) do not.", "🦉"])
def test_the_reader_marks_the_quote_as_it_stands(words: str) -> None:
    article = make_article()
    page = reader_page(article, Place.of(make_quote(article, words)))
    assert marked(page) == words
    assert "<b>" not in page
    assert "<i>" not in page


def test_a_card_has_what_stands_around_its_quote_and_names_what_is_quoted_too() -> None:
    article = make_article()
    first, second = make_statement(article, 1, "<b>Owls</b>"), make_statement(article, 2, "hunt")
    around = Around(make_quote(article, "<b>Owls</b>"), make_quote(article, "& rest"))
    page = conversation_page((Exchange("?", (first, second)),), Frame(lambda _quote: around))
    card = page.split('class="card"')[2]
    assert '<span class="elsewhere">[1]</span> <mark>hunt</mark> … <span>&amp; rest</span>' in card


def test_around_a_quote_stand_the_units_next_to_it() -> None:
    spans = [Span(0, 41), Span(42, 58)]
    units = tuple(Unit(*span, kind=BlockKind.TEXT, block=0) for span in spans)
    article = replace(make_article(), units=units)
    first, second = (Quote.of(article, span) for span in spans)
    assert Around.of(article, first) == Around(None, second)
    assert Around.of(article, second) == Around(first, None)


def test_the_reader_says_that_an_article_has_changed() -> None:
    place = Place.of(make_quote(make_article(), "hunt at night"))
    page = reader_page(make_article("Owls sleep.", "b" * 64), place)
    assert "has changed since it was quoted" in page
    assert "<mark" not in page
    assert "Owls sleep." in page


def test_only_web_addresses_become_links() -> None:
    place = Place.of(make_quote(make_article(), "hunt at night"))
    assert "href" in reader_page(make_article(url="https://example.org/owls"), place)
    assert "href" not in reader_page(make_article(url="javascript:alert(1)"), place)
    assert "href" not in reader_page(make_article(), place)


def test_a_card_says_what_the_article_says_of_itself_and_no_more() -> None:
    bare = conversation_page((Exchange("?", (make_statement(make_article(), 1, "hunt"),)),))
    assert "no date given" in bare
    assert "None" not in bare
    full = make_article(author="A. <Owl>", publisher="Wood", published="2021-11-08")
    page = conversation_page((Exchange("?", (make_statement(full, 1, "hunt"),)),))
    assert "A. &lt;Owl&gt; · Wood · <time>2021-11-08</time>" in page
    assert "no date given" not in page


def test_both_sides_of_a_difference_stand_under_one_heading_with_their_sources() -> None:
    article = make_article(publisher="Wood", published="2021-11-08")
    statements = (make_statement(article, 1, "hunt"), make_statement(article, 2, "rest"))
    differing = (Disagreement(about="what owls do", statements=(0, 1)),)
    answer = Answer(
        question="?", status="answered", engine="e", statements=statements,
        disagreements=differing,
    )  # fmt: skip
    page = conversation_page((Exchange("?", statements, answer),))
    difference = page.split('class="difference"')[1].split("</section>")[0]
    assert "The sources differ" in difference
    assert difference.count("Wood · <time>2021-11-08</time>") == 2
    assert "[1]</button>" in difference
    assert "[2]</button>" in difference
    assert page.count('class="statement"') == 2


def test_a_rewritten_question_is_shown_escaped_and_only_where_there_is_one() -> None:
    statements = (make_statement(make_article(), 1, "hunt"),)
    answer = Answer(question="And it?", status="answered", engine="e", statements=statements)
    assert "Read as" not in conversation_page((Exchange("And it?", statements, answer),))
    read = answer.model_copy(update={"rewritten": "And the <b>owl</b>?"})
    page = conversation_page((Exchange("And it?", statements, read),))
    assert "Read as: And the &lt;b&gt;owl&lt;/b&gt;?" in page
    assert page.index("Read as") < page.index('class="statement"')


def test_a_refusal_without_passages_points_to_none() -> None:
    refusal = Refusal(reason=Reason.NO_EVIDENCE, message="Nothing <here>.")
    answer = Answer(question="?", status="refused", engine="e", refusal=refusal)
    page = conversation_page((Exchange("?", (), answer),))
    assert "Nothing &lt;here&gt;." in page
    assert "earest passages" not in page


def test_the_start_page_says_what_stands_behind_the_answers() -> None:
    assert "Answers from 1,200 articles" in header(1200)
    assert "Answers from 1 article." in header(1)
    assert "The library is empty" in start_page(0, ())
    assert "Example questions" not in start_page(1, ())
    assert 'data-question="Is 1 &lt; 2, &quot;really&quot;?"' in start_page(
        1, ['Is 1 < 2, "really"?']
    )
