import pytest

from ingest.pipeline import make_article
from ingest.types import Article, Span
from rag.types import Quote, Verdict
from rag.verdict import JOINT, judge, tidy

TEXT = (
    "The port of Lindow may close in May 2024, Mayor Ann Lee said. "
    "In 2023 it handled 1,250 ships, 12 per cent more than before. "
    "The quay was not repaired. "
    "The council called the plan “a costly mistake” on [Monday](#).\n\n"
    "Ferries run daily."
)
ARTICLE = make_article("a", "a.txt", TEXT)


def quote(words: str, article: Article = ARTICLE) -> Quote:
    start = article.text.index(words)
    return Quote.of(article, Span(start, start + len(words)))


def verdict(text: str, *words: str) -> Verdict:
    return judge(text, [quote(item) for item in words], {"a": ARTICLE})


SHIPS = "In 2023 it handled 1,250 ships, 12 per cent more than before."
MAYOR = "The port of Lindow may close in May 2024, Mayor Ann Lee said."
QUAY = "The quay was not repaired."
PLAN = "The council called the plan “a costly mistake” on [Monday](#)."


def test_whole_quotes_are_supported_by_construction() -> None:
    assert verdict(SHIPS, SHIPS).supported
    assert verdict(tidy(PLAN), PLAN).supported
    assert verdict(f"{MAYOR}{JOINT}Ferries run daily.", MAYOR, "Ferries run daily.").supported


@pytest.mark.parametrize(
    ("text", "words", "reason"),
    [
        (
            "In 2023 it handled 1,350 ships, 12 per cent more than before.",
            SHIPS,
            "1,350 where",
        ),
        (
            "In 2022 it handled 1,250 ships, 12 per cent more than before.",
            SHIPS,
            "2022 where",
        ),
        ("The port of Lindow may close in May 2024, Mayor Ann Wu said.", MAYOR, "name Wu"),
        (
            "The port of Lindow may close in June 2024, Mayor Ann Lee said.",
            MAYOR,
            "June where",
        ),
        ("The quay was repaired.", QUAY, "negation"),
        ("In 2023 it did not handle 1,250 ships.", SHIPS, "negation"),
        ("The port of Lindow will close in May 2024, Mayor Ann Lee said.", MAYOR, "certain"),
        ("The port of Lindow may close in May 2024.", MAYOR, "who says"),
        ("The council called the plan “a grave mistake” on Monday.", PLAN, "“a grave mistake”"),
        ("In 2023 it handled 1,250 cargo ships.", SHIPS, "the word “cargo”"),
        ("Ferries run daily.", SHIPS, "do not have"),
    ],
)
def test_what_the_quotes_do_not_say_is_named(text: str, words: str, reason: str) -> None:
    found = verdict(text, words)
    assert not found.supported
    assert any(reason in item for item in found.reasons), found.reasons


def test_a_quote_cut_out_of_its_sentence_answers_for_the_whole_sentence() -> None:
    cut = "The port of Lindow may close in May 2024"
    found = verdict("Lindow port: close in May 2024", "close in May 2024")
    assert not found.supported
    assert not verdict("The port of Lindow close in May 2024", cut).supported


def test_a_paraphrase_with_only_the_quotes_words_is_supported() -> None:
    assert verdict("In 2023, 1,250 ships: 12 per cent more than before.", SHIPS).supported


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"start": 1}, "are not the quote"),
        ({"end": 50}, "are not the quote"),
        ({"quote": "In 2024 it handled 1,250 ships"}, "are not the quote"),
        ({"sha256": "0" * 64}, "has changed"),
        ({"article_id": "b"}, "no article 'b'"),
    ],
)
def test_a_quote_that_is_not_the_articles_text_supports_nothing(
    change: dict[str, object], reason: str
) -> None:
    found = judge(SHIPS, [quote(SHIPS).model_copy(update=change)], {"a": ARTICLE})
    assert (found.supported, found.score) == (False, 0)
    assert reason in found.reasons[0]


def test_no_quotes_no_support() -> None:
    assert judge("Ferries run daily.", [], {}).reasons == ("it has no quote",)
