"""The lies that can be told with true quotes, in several languages: each is refused."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.types import Article, BlockKind, Span
from rag.statement import pieces
from rag.types import Quote, Verdict, joined
from rag.verdict import judge
from tests.articles import article, find, quote, quotes, sentences

TEXT, ITEM, ROW = BlockKind.TEXT, BlockKind.ITEM, BlockKind.ROW

HARBOUR = article(
    "# The harbour\n\nThe quay was not repaired. It handled 1,250 ships. Ferries run daily.\n\n"
    "## What Lee says\n\nLee spoke on Monday. “I do not think so.” “It may close.”\n\n"
    "## Fees\n\n| Ship | Fee |\n|---|---|\n| Ferry | 5 € |\n| Tug | 9 € |\n\n"
    "| Berth | Depth |\n|---|---|\n| East | 4 m |\n\n"
    "None of these is allowed:\n- fishing\n- swimming\n\nThe end came in May.",
    ("The quay was not repaired.", TEXT, 1, (), ()),
    ("It handled 1,250 ships.", TEXT, 1, (), ()),
    ("Ferries run daily.", TEXT, 1, (), ()),
    ("Lee spoke on Monday.", TEXT, 3, (), ("## What Lee says",)),
    ("“I do not think so.”", TEXT, 3, ("Lee spoke on Monday.",), ("## What Lee says",)),
    ("“It may close.”", TEXT, 3, ("Lee spoke on Monday.",), ("## What Lee says",)),
    ("| Ferry | 5 € |", ROW, 7, ("| Ship | Fee |",), ("## Fees",)),
    ("| Tug | 9 € |", ROW, 8, ("| Ship | Fee |",), ("## Fees",)),
    ("| East | 4 m |", ROW, 11, ("| Berth | Depth |",), ("## Fees",)),
    ("None of these is allowed:", TEXT, 12, (), ("## Fees",)),
    ("- fishing", ITEM, 13, ("None of these is allowed:",), ("## Fees",)),
    ("- swimming", ITEM, 14, ("None of these is allowed:",), ("## Fees",)),
    ("The end came in May.", TEXT, 15, (), ("## Fees",)),
    title="The harbour",
)
OTHER = sentences("The quay was repaired in June.", article_id="b")
GERMAN = article(
    "Die Eintragung ist nicht übertragbar. Sie gilt fünf Jahre.\n\n"
    "Anna: Das stimmt. Ich gehe nicht.",
    ("Die Eintragung ist nicht übertragbar.", TEXT, 0, (), ()),
    ("Sie gilt fünf Jahre.", TEXT, 0, (), ()),
    ("Anna: Das stimmt.", TEXT, 1, (), ()),
    ("Ich gehe nicht.", TEXT, 1, ("Anna:",), ()),
)
CHINESE = sentences("登记不可转让。", "有效期五年。", gap="")
DENIED = article(
    "他是凶手吗？不。他走了。",
    ("他是凶手吗？", TEXT, 0, (), ()),
    ("不。", TEXT, 0, (), ()),
    ("他走了。", TEXT, 0, ("他是凶手吗？",), ()),
)
RUSSIAN = sentences("Регистрация не может быть передана.", "Срок — пять лет.")
ARTICLES = {"harbour": HARBOUR, "german": GERMAN, "chinese": CHINESE, "russian": RUSSIAN}


def said(source: Article, *words: str, text: str | None = None) -> Verdict:
    return judge(quotes(source, *words), {"a": source, "b": OTHER}, text)


@pytest.mark.parametrize(
    "words",
    [
        ("The quay was not repaired.",),
        ("The quay was not repaired.", "It handled 1,250 ships."),
        ("The harbour", "Ferries run daily."),
        ("## What Lee says", "Lee spoke on Monday.", "“I do not think so.”", "“It may close.”"),
        ("Lee spoke on Monday.", "“It may close.”"),
        ("| Ship | Fee |", "| Tug | 9 € |"),
        ("## Fees", "| Ship | Fee |", "| Ferry | 5 € |", "| Tug | 9 € |"),
        ("| Ship | Fee |", "| Tug | 9 € |", "| Berth | Depth |", "| East | 4 m |"),
        ("None of these is allowed:", "- swimming"),
    ],
)
def test_whole_units_with_what_they_need_are_supported(words: tuple[str, ...]) -> None:
    assert said(HARBOUR, *words).reasons == ()


@pytest.mark.parametrize(
    ("source", "words", "reason"),
    [
        (HARBOUR, ["repaired."], "no whole"),
        (HARBOUR, ["The quay was not repaired"], "no whole"),
        (GERMAN, ["übertragbar."], "no whole"),
        (CHINESE, ["可转让。"], "no whole"),
        (RUSSIAN, ["может быть передана."], "no whole"),
        (HARBOUR, ["The quay was not repaired. It handled 1,250 ships."], "no whole"),
        (HARBOUR, ["It handled 1,250 ships.", "Ferries"], "no whole"),
        (HARBOUR, ["“It may close.”"], "left out"),
        (HARBOUR, ["## What Lee says", "“I do not think so.”"], "left out"),
        (GERMAN, ["Ich gehe nicht."], "left out"),
        (HARBOUR, ["| Tug | 9 € |"], "left out"),
        (HARBOUR, ["| Berth | Depth |", "| Tug | 9 € |"], "order"),
        (HARBOUR, ["| Ship | Fee |", "| East | 4 m |"], "left out"),
        (HARBOUR, ["| Ship | Fee |", "| Tug | 9 € |", "| Berth | Depth |"], "not the context"),
        (HARBOUR, ["- fishing"], "left out"),
        (HARBOUR, ["The quay was not repaired.", "None of these is allowed:", "- fishing"],
         "side by side"),
        (HARBOUR, ["The quay was not repaired.", "Ferries run daily."], "side by side"),
        (HARBOUR, ["Ferries run daily.", "Lee spoke on Monday."], "left out"),
        (HARBOUR, ["The quay was not repaired.", "## Fees"], "not the context"),
        (HARBOUR, ["## What Lee says", "| Ship | Fee |", "| Tug | 9 € |"], "not the context"),
        (HARBOUR, ["## Fees"], "no whole"),
        (HARBOUR, ["The harbour"], "no whole"),
        (HARBOUR, ["The harbour", "## Fees"], "no whole"),
        (HARBOUR, ["| Ship | Fee |"], "no whole"),
        (HARBOUR, ["It handled 1,250 ships.", "The quay was not repaired."], "order"),
        (HARBOUR, ["Ferries run daily.", "Ferries run daily."], "overlap"),
        (GERMAN, ["Anna:", "Anna: Das stimmt.", "Ich gehe nicht."], "overlap"),
        (DENIED, ["他是凶手吗？", "他走了。"], "stands between"),
    ],
)  # fmt: skip
def test_true_quotes_do_not_tell_a_lie(source: Article, words: list[str], reason: str) -> None:
    found = said(source, *words)
    assert not found.supported
    assert any(reason in item for item in found.reasons), found.reasons


def test_units_of_two_articles_make_no_statement() -> None:
    pair = [quote(HARBOUR, "The quay was not repaired."), quote(OTHER, OTHER.text)]
    for order in (pair, pair[::-1]):
        found = judge(order, {"a": HARBOUR, "b": OTHER})
        assert found.reasons == ("its quotes are of several articles",)


def test_a_statement_over_a_heading_shows_it() -> None:
    both = pieces(HARBOUR, 2, 3)
    assert [item.quote for item in both][1] == "## What Lee says"
    assert judge(both, {"a": HARBOUR}).supported


def test_a_speakers_label_is_not_repeated_before_the_sentence_it_begins() -> None:
    both = pieces(GERMAN, 2, 3)
    assert joined(both) == "Anna: Das stimmt. Ich gehe nicht."
    assert judge(both, {"a": GERMAN}).supported
    alone = pieces(GERMAN, 3, 3)
    assert joined(alone) == "Anna: … Ich gehe nicht."
    assert judge(alone, {"a": GERMAN}).supported


def test_units_that_need_one_another_can_be_said() -> None:
    text = "First. “One.” Said Lee. “Two.”"
    circle = article(
        text,
        ("First.", TEXT, 0, (), ()),
        ("“One.”", TEXT, 0, ("Said Lee.",), ()),
        ("Said Lee.", TEXT, 0, ("“One.”",), ()),
        ("“Two.”", TEXT, 0, ("Said Lee.",), ()),
    )
    assert said(circle, "“One.”", "Said Lee.").supported
    assert said(circle, "“One.”", "Said Lee.", "“Two.”").supported
    assert not said(circle, "“One.”").supported
    assert not said(circle, "First.", "Said Lee.").supported


def test_a_title_that_is_cut_out_of_a_sentence_is_no_context() -> None:
    source = sentences("Nobody says the dam is safe.", "It leaks.")
    source.metadata.said_at["title"] = find(source.text, "the dam is safe")
    assert not said(source, "the dam is safe", "It leaks.").supported
    source.metadata.said_at["published"] = find(source.text, "Nobody")
    assert not said(source, "Nobody", "It leaks.").supported


@pytest.mark.parametrize(
    ("source", "words", "text"),
    [
        (HARBOUR, "The quay was not repaired.", "The quay was repaired."),
        (HARBOUR, "The quay was not repaired.", "the quay was not repaired."),
        (HARBOUR, "The quay was not repaired.", " The quay was not repaired."),
        (HARBOUR, "The quay was not repaired.", "The quay remains unrepaired."),
        (HARBOUR, "The quay was not repaired.", ""),
        (GERMAN, "Die Eintragung ist nicht übertragbar.", "Die Eintragung ist übertragbar."),
        (CHINESE, "登记不可转让。", "登记可转让。"),
        (RUSSIAN, RUSSIAN.text.split(".")[0] + ".", "Регистрация может быть передана."),
    ],
)
def test_any_other_wording_is_unsupported(source: Article, words: str, text: str) -> None:
    assert said(source, words, text=words).supported
    assert said(source, words, text=text).reasons == ("its text is not the quotes' own words",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"start": 1}, "are not the quote"),
        ({"end": 25}, "are not the quote"),
        ({"quote": "The quay was repaired."}, "are not the quote"),
        ({"sha256": "0" * 64}, "another version"),
        ({"article_id": "c"}, "no article 'c'"),
        ({"title": "The port"}, "the title of 'a' is 'The harbour', not 'The port'"),
        ({"author": "Ann Lee"}, "the author of 'a' is None"),
        ({"publisher": "BBC"}, "the publisher of 'a' is None"),
        ({"published": "2024-01-01"}, "the published of 'a' is None"),
        ({"url": "https://a.example"}, "the url of 'a' is None"),
    ],
)
def test_a_quote_that_is_not_the_articles_supports_nothing(
    change: dict[str, object], reason: str
) -> None:
    true = quote(HARBOUR, "The quay was not repaired.")
    found = judge([true.model_copy(update=change)], {"a": HARBOUR})
    assert (found.supported, found.score) == (False, 0)
    assert reason in found.reasons[0]


def test_a_quote_ends_where_its_words_end() -> None:
    true = quote(HARBOUR, "The end came in May.")
    beyond = true.model_copy(update={"end": true.end + 5})
    assert "are not the quote" in judge([beyond], {"a": HARBOUR}).reasons[0]


def test_no_quotes_no_support() -> None:
    assert judge([], {}).reasons == ("it has no quote",)
    assert judge([], {"a": HARBOUR}, "").reasons == ("it has no quote",)


chosen = st.sampled_from(sorted(ARTICLES)).map(ARTICLES.__getitem__)


@st.composite
def statements(draw: st.DrawFn) -> tuple[Article, tuple[Quote, ...]]:
    """Any statement: units side by side with what they need, and some of their headings."""
    source = draw(chosen)
    first = draw(st.integers(0, len(source.units) - 1))
    last = draw(st.integers(first, min(first + 3, len(source.units) - 1)))
    headings = sorted({span for unit in source.units[first : last + 1] for span in unit.headings})
    context = draw(st.lists(st.sampled_from(headings), unique=True)) if headings else []
    return source, pieces(source, first, last, context)


def known(source: Article) -> set[Span]:
    """Return all spans that may be pieces of a statement."""
    units = source.units
    around = (span for unit in units for span in (unit.span, *unit.needs, *unit.headings))
    return {*around, *source.metadata.said_at.values()}


@given(statements())
def test_what_is_made_of_units_is_supported(made: tuple[Article, tuple[Quote, ...]]) -> None:
    source, whole = made
    assert judge(whole, {"a": source}, joined(whole)).reasons == ()


@given(statements(), st.data())
def test_no_piece_can_be_cut(made: tuple[Article, tuple[Quote, ...]], data: st.DataObject) -> None:
    source, whole = made
    place = data.draw(st.integers(0, len(whole) - 1))
    start = data.draw(st.integers(0, len(source.text) - 1))
    cut = Span(start, data.draw(st.integers(start + 1, len(source.text))))
    if cut in known(source):
        return
    changed = [*whole[:place], Quote.of(source, cut), *whole[place + 1 :]]
    assert not judge(changed, {"a": source}).supported


@given(statements(), st.data())
def test_the_order_is_the_articles(
    made: tuple[Article, tuple[Quote, ...]], data: st.DataObject
) -> None:
    source, whole = made
    other: Sequence[Quote] = data.draw(st.permutations(whole))
    assert judge(other, {"a": source}).supported == (tuple(other) == whole)


@given(statements(), st.data())
def test_a_text_with_a_character_altered_is_refused(
    made: tuple[Article, tuple[Quote, ...]], data: st.DataObject
) -> None:
    source, whole = made
    text = joined(whole)
    place = data.draw(st.integers(0, len(text) - 1))
    other = text[:place] + data.draw(st.text(max_size=3)) + text[place + 1 :]
    assert judge(whole, {"a": source}, other).supported == (other == text)


@given(statements(), st.data())
def test_what_a_unit_needs_cannot_be_dropped(
    made: tuple[Article, tuple[Quote, ...]], data: st.DataObject
) -> None:
    source, whole = made
    spans = {Span(item.start, item.end): item for item in whole}
    needed = [n for unit in source.units if unit.span in spans for n in unit.needs if n in spans]
    if not needed:
        return
    left = data.draw(st.sampled_from(needed))
    short = [item for span, item in spans.items() if span != left]
    assert not judge(short, {"a": source}).supported


@given(statements(), statements())
def test_two_statements_are_one_only_if_side_by_side(
    one: tuple[Article, tuple[Quote, ...]], other: tuple[Article, tuple[Quote, ...]]
) -> None:
    if one[0] is not other[0]:
        twin = replace(other[0], id="other")
        both = [*one[1], *(item.model_copy(update={"article_id": "other"}) for item in other[1])]
        assert not judge(both, {"a": one[0], "other": twin}).supported
        return
    source = one[0]
    merged = {(item.start, item.end): item for item in (*one[1], *other[1])}
    found = judge([merged[key] for key in sorted(merged)], {"a": source})
    whole = [
        n for n, unit in enumerate(source.units) if any(unit.span == Span(*key) for key in merged)
    ]
    needed = {need for n in whole for need in source.units[n].needs}
    alone = [n for n in whole if source.units[n].span not in needed]
    if alone and len(set(range(alone[0], alone[-1] + 1)) - set(whole)):
        assert not found.supported
