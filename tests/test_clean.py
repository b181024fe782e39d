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
    "furniture",
    [
        "Skip to main content",
        "Menu",
        "Share on Facebook",
        "Advertisement",
        "Related stories",
        "Tags: ships, harbours",
        "Photo: Ann Lee/Lindow Post",
        "Read more: ten years of floods",
        "Follow us on social networks",
        "© 2024 The Lindow Post",
        "3 comments",
        ", , ,",
    ],
)
def test_page_furniture_is_dropped_wherever_it_stands(furniture: str) -> None:
    for text in (
        page(furniture, "Harbour reopens", STORY, STORY),
        page("Harbour reopens", STORY, furniture, STORY),
        page("Harbour reopens", STORY, STORY, furniture),
    ):
        assert furniture not in kept(text)
        assert kept(text).count(STORY) == 2


@pytest.mark.parametrize(
    "small_print",
    [
        "We use cookies to analyse our traffic. By using our site you accept the privacy policy.",
        "If you like our work, please support us with a donation.",
        "No part of this may be reproduced without written permission.",
        "Dear readers, we depend on donors. Subscribe to the newsletter today.",
    ],
)
def test_small_print_at_the_end_is_dropped(small_print: str) -> None:
    assert small_print not in kept(page("Harbour reopens", STORY, small_print))


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
