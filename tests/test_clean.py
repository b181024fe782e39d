import pytest

from ingest.clean import find_blocks
from ingest.types import BlockKind

STORY = (
    "The harbour of Lindow reopened on Monday after nine months of repairs, the port office said. "
    "Forty ships a day are expected."
)


def kept(text: str) -> list[str]:
    kinds = find_blocks(text)
    return [text[b.start : b.end] for b in kinds if b.kind is not BlockKind.FURNITURE]


def page(*blocks: str) -> str:
    return "\n\n".join(blocks)


@pytest.mark.parametrize(
    "paragraph",
    [
        "We use cookies to analyse our traffic. By using a site you accept its privacy policy.",
        "Wer spendet, bleibt anonym. Die Datenschutzerklärung nennt keine Spender.",
        "Les lecteurs s'abonnent à la lettre d'information. La publicité ne suffit plus.",
        "Los lectores se suscriben al boletín. Las cookies ya no bastan a los anunciantes.",
        "Czytelnicy wspierają redakcję darowiznami. Reklama przestała wystarczać.",
        "Читатели подписываются на рассылку. Рекламы газете больше не хватает.",
        "读者订阅通讯。广告收入已经不够。",
    ],
)
def test_what_an_article_is_about_is_no_reason_to_drop_a_paragraph(paragraph: str) -> None:
    for text in (page("Harbour reopens", paragraph, STORY), page("Harbour", STORY, paragraph)):
        assert paragraph in kept(text)


def test_marks_alone_are_dropped() -> None:
    text = page("Harbour reopens", STORY, ", , ,", STORY)
    assert kept(text) == ["Harbour reopens", STORY, STORY]


def test_an_article_about_cookies_and_donations_is_kept() -> None:
    about = (
        "Donations to the party fell by half. The privacy of donors was the reason, lawyers said."
    )
    baking = "The bakery sells cookies. Its settings for the oven are secret."
    text = page("A title", STORY, baking, STORY)
    assert baking in kept(text)
    assert kept(page("A title", about, STORY))[1] != ""


def test_caption_that_repeats_its_alternative_text_is_dropped() -> None:
    text = page("Harbour reopens", STORY, "Ships at dawn\nShips at dawn, Lindow, 2023", STORY)
    assert kept(text) == ["Harbour reopens", STORY, STORY]


def test_a_long_text_that_mentions_the_subjects_of_small_print_is_kept() -> None:
    essay = f"{STORY} " * 20 + "Social media features and advertising changed it. Donors left."
    assert kept(page("A title", essay)) == ["A title", essay]


def test_a_heading_whose_words_its_paragraph_has_is_kept() -> None:
    text = f"Harbour repairs\n{STORY}\n\n{STORY}"
    assert "Harbour repairs" in " ".join(kept(text))
    assert " ".join(kept(text)).count(STORY) == 2


def test_a_paragraph_broken_by_a_blank_line_is_one_block() -> None:
    first = "The repairs had been promised since the great flood of 1998, when the old quay and"
    second = "the lighthouse were lost, but no money was found for them until the spring of 2021."
    text = page("Harbour reopens", f"{first * 2}", second)
    assert kept(text)[-1] == f"{first * 2}\n\n{second}"


def test_list_items_and_headings_are_told_from_text() -> None:
    text = page(
        "Plans", "The port will get three things:", "• a quay.\n• a crane.\n• a ferry.", STORY
    )
    kinds = [block.kind.value for block in find_blocks(text)]
    assert kinds == ["heading", "text", "item", "item", "item", "text"]


def test_a_text_of_lines_without_full_stops_is_kept_whole() -> None:
    assert kept("roses are red\n\nviolets are blue") == ["roses are red", "violets are blue"]


@pytest.mark.parametrize("end", ["© 2024 Lindow Post", "Imprint | Privacy | Contact", "Imprint"])
def test_lines_that_lead_to_other_pages_are_dropped_above_the_foot_of_a_page(end: str) -> None:
    links = "Ferry to Tarn runs again\nWhy the rye harvest failed this year"
    text = page("Harbour reopens", STORY * 2, STORY * 2, links, "© Lindow Post", end)
    assert kept(text) == ["Harbour reopens", STORY * 2, STORY * 2]


@pytest.mark.parametrize("foot", ["", "© 2024 Lindow Post"])
@pytest.mark.parametrize(
    "end",
    [
        "The last ship of the night\nis the first one of the morning.",
        "Flour from two mills in Lindow, as much as you like",
        "Sources:\nPort office, report of the first quarter\nTown archive, letters of the pilots:",
    ],
)
def test_what_may_be_the_end_of_the_text_is_kept_above_a_foot(end: str, foot: str) -> None:
    text = page("Harbour reopens", STORY * 2, STORY * 2, end, foot)
    assert "\n".join(kept(text)).endswith(end)


def test_short_lines_between_the_title_and_the_text_may_be_a_list_and_are_kept() -> None:
    text = page("Rye bread with plums", "Rye flour\nPlums\nSalt", STORY, STORY)
    assert kept(text)[1:4] == ["Rye flour", "Plums", "Salt"]


def test_a_line_that_credits_a_picture_is_dropped_and_one_about_the_sign_is_kept() -> None:
    about = "In 1954 the publishers of Lindow began to print a © before the name."
    text = page("Harbour reopens", STORY, "Ships at dawn. © Ann Lee / Lindow Post", about, STORY)
    assert kept(text) == ["Harbour reopens", STORY, about, STORY]
