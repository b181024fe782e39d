"""A model's reply as it comes: whatever it wrote, proposals or none, never an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reply import Proposal, Quoted, Reply
from tests.scripted_model import quote, statements


def read(text: str, size: int = 7) -> list[Proposal]:
    reply = Reply()
    found = [p for i in range(0, len(text), size) for p in reply.feed(text[i : i + size])]
    return [*found, *reply.finish()]


ASKED = statements(("A b c.", [quote(2, "a b")]), ("D e f.", [quote(1, "d"), quote(3, "e")]))
PROPOSED = [
    Proposal("A b c.", (Quoted(2, "a b"),)),
    Proposal("D e f.", (Quoted(1, "d"), Quoted(3, "e"))),
]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_the_asked_form_is_read_in_pieces_of_any_size(size: int) -> None:
    assert read(ASKED, size) == PROPOSED


def test_a_statement_is_proposed_as_soon_as_it_is_closed() -> None:
    reply = Reply()
    first, second = ASKED.split(', {"quotes": [{"passage": 1', 1)
    assert list(reply.feed(first)) == PROPOSED[:1]
    assert list(reply.feed(', {"quotes": [{"passage": 1')) == []
    assert list(reply.feed(second)) == PROPOSED[1:]
    assert list(reply.finish()) == []


@pytest.mark.parametrize(
    "text",
    [
        ASKED[1:-1].partition(":")[2],
        f"```json\n{ASKED}\n```",
        f"Of course! Here it is:\n{ASKED}\nI hope that helps.",
        f"<think>Maybe {{}} or [1]</think>\n{ASKED}",
        ASKED.replace('"', "'"),
        ASKED.replace("}]}", "},],}"),
        ASKED[:-3],
        ASKED.replace('"text"', '"statement"').replace('"words"', '"quote"'),
    ],
)
def test_other_forms_of_the_same_are_read_too(text: str) -> None:
    assert read(text) == PROPOSED


@pytest.mark.parametrize(
    ("text", "proposals"),
    [
        ("The gas market opens. [2]", [Proposal("The gas market opens.", (Quoted(2, ""),))]),
        ("- **Gas** is cheap [1, 3].", [Proposal("Gas is cheap.", (Quoted(1, ""), Quoted(3, "")))]),
        ("1. It opens [4].\n2. It closes [5].",
         [Proposal("It opens.", (Quoted(4, ""),)), Proposal("It closes.", (Quoted(5, ""),))]),
        ('{"answer": "It opens [4]."}', [Proposal("It opens.", (Quoted(4, ""),))]),
        ('{"text": "It opens.", "passage": "[4]", "quote": "opens"}',
         [Proposal("It opens.", (Quoted(4, "opens"),))]),
    ],
)  # fmt: skip
def test_plain_sentences_and_flat_objects_are_read(text: str, proposals: list[Proposal]) -> None:
    assert read(text) == proposals


@pytest.mark.parametrize("text", ["", " \n", "[]", "{}", "{" * 3000, '{"statements": [', "[1][2]"])
def test_nothing_is_read_from_nothing(text: str) -> None:
    reply = Reply()
    assert [*reply.feed(text), *reply.finish()] == []
    assert not reply.declined


def test_an_empty_list_of_statements_declines() -> None:
    reply = Reply()
    assert [*reply.feed('{"statements": '), *reply.feed("[]}"), *reply.finish()] == []
    assert reply.declined


PARTS = ['{"statements": [', '{"quotes": [', '"text": "', '"', "}", "]", ",", ":", "[1]", "39",
         "null", "\\", "\n", "- ", "```json", "<think>", "Belarus", ". ", "{", "[", "'", "1e999",
         "\ud83d"]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=5), max_size=40).map("".join))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for proposal in read(text):
        assert proposal.text.strip()
