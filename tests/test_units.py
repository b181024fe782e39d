"""The least that may be quoted, and what it must not be shown without: by form, in any language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import find_blocks
from ingest.pipeline import make_article
from ingest.types import BlockKind

NEEDS = [
    (
        "Fees of the port\n\nThe port charges by length.\n\n"
        "| Length | Fee |\n|---|---|\n| up to 6 m | 12 euros |\n| up to 12 m | 25 euros |\n",
        "| up to 12 m | 25 euros |",
        ["| Length | Fee |"],
    ),
    (
        "Marées\n\nLieu\tHaute mer\tBasse mer\nBrest\t06 h 12\t12 h 31\nRoscoff\t07 h 02\t13 h 20\n",
        "Roscoff\t07 h 02\t13 h 20",
        ["Lieu\tHaute mer\tBasse mer"],
    ),
    (
        "How to moor\n\nBefore you moor, do this:\n\n- Call the harbour office.\n- Lower the sails.\n",
        "- Lower the sails.",
        ["Before you moor, do this:"],
    ),
    (
        "Anmeldung\n\nSo gehen Sie vor:\n\n1. Öffnen Sie das Formular.\n2. Unterschreiben Sie es.\n",
        "2. Unterschreiben Sie es.",
        ["So gehen Sie vor:"],
    ),
    (
        "The crossing\n\nAnna: Here we are.\n\nPeter: It took nine days. The mast broke on the third."
        "\n\nAnna: That is a long time.\n",
        "The mast broke on the third.",
        ["Peter:"],
    ),
    (
        "Переправа\n\nАнна: Мы уже на месте.\n\nПётр: Мы шли девять дней. Мачта сломалась на третий."
        "\n\nАнна: Это очень долго.\n",
        "Мачта сломалась на третий.",
        ["Пётр:"],
    ),
    (
        "The strike\n\nThe union met. “We were never asked,” said Ola Lind. “The wages are too low.”"
        " The talks go on.\n",
        "“The wages are too low.”",
        ["“We were never asked,” said Ola Lind."],
    ),
    (
        "Der Streik\n\nEva Kern wies das zurück: „Man hat uns nie gefragt. Die Löhne sind zu "
        "niedrig.“ Die Gespräche dauern an.\n",
        "Die Löhne sind zu niedrig.“",
        ["Eva Kern wies das zurück: „Man hat uns nie gefragt."],
    ),
    (
        "罢工\n\n工会主席王丽说：“我们从来没有被问过。工资太低了。”谈判仍在继续。\n",
        "工资太低了。”",
        ["工会主席王丽说：“我们从来没有被问过。"],
    ),
    (
        "El museo\n\n¿La entrada es gratuita? Sí, los domingos. La visita guiada cuesta ocho euros.\n",
        "Sí, los domingos.",
        ["¿La entrada es gratuita?"],
    ),
    (
        "Muzeum\n\nCzy wstęp jest bezpłatny?\n\nTak, w niedziele.\n",
        "Tak, w niedziele.",
        ["Czy wstęp jest bezpłatny?"],
    ),
]


@pytest.mark.parametrize(("text", "unit", "needs"), NEEDS)
def test_a_unit_brings_what_it_means_nothing_without(
    text: str, unit: str, needs: list[str]
) -> None:
    [found] = [u for u in make_article("a", "a.txt", text).units if text[u.start : u.end] == unit]
    assert [text[start:end] for start, end in found.needs] == needs


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Fees\n\n| Length | Fee |\n|---|---|\n| 6 m | 12 |\n\nAll fees are due in May.\n",
         "All fees are due in May."),
        ("Mooring\n\nDo this:\n\n- Call the office.\n- Lower the sails.\n\nThe quay is lit.\n",
         "The quay is lit."),
        ("Strike\n\n“We were never asked,” said Ola Lind. The talks go on.\n", "The talks go on."),
        ("Streik\n\nEva Kern sagte: „Man hat uns nie gefragt.“ Die Gespräche dauern an.\n",
         "Die Gespräche dauern an."),
        ("Museo\n\n¿Es gratis? Sí. La visita guiada cuesta ocho euros.\n",
         "La visita guiada cuesta ocho euros."),
    ],
)  # fmt: skip
def test_what_stands_for_itself_needs_nothing(text: str, unit: str) -> None:
    [found] = [u for u in make_article("a", "a.txt", text).units if text[u.start : u.end] == unit]
    assert found.needs == ()


def test_headings_and_the_header_of_a_table_are_no_units() -> None:
    text = (
        "# Harbours\n\n## North\n\n### Fees\n\n| Length | Fee |\n|---|---|\n| 6 m | 12 |\n\n"
        "## South\n\nNothing is charged here.\n"
    )
    row, sentence = make_article("a", "a.txt", text).units
    assert (row.kind, text[row.start : row.end]) == (BlockKind.ROW, "| 6 m | 12 |")
    assert [text[a:b] for a, b in row.headings] == ["## North", "### Fees"]
    assert [text[a:b] for a, b in sentence.headings] == ["## South"]


def test_an_item_below_an_item_brings_the_one_above() -> None:
    text = "Fees\n\nYou pay:\n\n- in summer:\n  - 12 euros a day\n- in winter:\n  - 5 euros a day\n"
    last = make_article("a", "a.txt", text).units[-1]
    assert [text[a:b] for a, b in last.needs] == ["- in winter:"]


PIECES = [
    *(
        "# Title\n\n",
        "## Part\n\n",
        "Anna: Why?\n\n",
        "Peter: Never. Not once.\n\n",
        "Do this:\n\n",
    ),
    *(
        "- Call.\n",
        "  - Now.\n",
        "1. Wait.\n",
        "| A | B |\n|---|---|\n",
        "| 1 | 2 |\n",
        "\n\n",
        "\n",
    ),
    *(
        "“Low. Too low.” ",
        "said Ola Lind. ",
        "„Nein. Nie.“ Er ging. ",
        "« Non », dit-il. ",
        "Why? ",
    ),
    *(
        "Yes. ",
        "他说：“不。好。”",
        "你呢？",
        "z. B. am 3. Mai ",
        "e.g. at 3:00 p.m. ",
        "Menu\n\n",
        "; ",
        "“",
    ),
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map("".join),
    st.text(min_size=1, max_size=200),
)


@pytest.mark.parametrize("mark", ["**", "__"])
def test_a_run_in_heading_heads_its_paragraph_and_is_no_answer_alone(mark: str) -> None:
    text = (
        f"{mark}Artikel 7.{mark} Hunde warten draußen. Sie dürfen in den Schuppen.\n\n"
        f"{mark}Artikel 8.{mark} Feuer ist verboten. Rauchen **auch.**\n"
    )
    article = make_article("a", "a.md", text)
    said = [
        (
            article.text[unit.start : unit.end],
            [article.text[span.start : span.end] for span in unit.headings],
        )
        for unit in article.units
    ]
    assert said == [
        ("Hunde warten draußen.", ["Artikel 7."]),
        ("Sie dürfen in den Schuppen.", ["Artikel 7."]),
        ("Feuer ist verboten.", ["Artikel 8."]),
        ("Rauchen **auch.**", ["Artikel 8."]),
    ]


@given(texts)
@settings(max_examples=300, deadline=None)
def test_units_lie_in_the_text_in_order_and_apart(text: str) -> None:
    blocks = find_blocks(text)
    end = 0
    for unit in make_article("a", "a.txt", text).units:
        block = blocks[unit.block]
        assert end <= unit.start < unit.end <= len(text)
        assert block.start <= unit.start
        assert unit.end <= block.end
        assert text[unit.start : unit.end].strip()
        assert unit.needs == tuple(sorted(set(unit.needs)))
        assert unit.span not in unit.needs
        for start, stop in (*unit.needs, *unit.headings):
            assert 0 <= start < stop <= len(text)
        end = unit.end
