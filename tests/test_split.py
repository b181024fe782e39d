import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import find_blocks
from ingest.pipeline import make_article
from ingest.read import decode
from ingest.split import (
    OVERLAP_TOKENS,
    PASSAGE_TOKENS,
    count_tokens,
    split_passages,
    split_sentences,
)
from ingest.types import BlockKind

PIECES = [
    *("Prices rose by 3.5 % in Q2.", "“Why?” she asked.", "‘He said “no” twice,’ it read."),
    *("„Ordnung“ – sagte er.", "e\u0301lan vital", "今天天气很好。", "你呢？", "שלום עולם."),
    *("قال الرجل مرحبا؟", "😀 Great! 👩\u200d👩\u200d👧", "Dr. Smith of the U.S. Senate"),
    *("[blocked by Belarus](#).", "• a crane.", "Share", "Tags: a, b", "word " * 300),
    *("…", "(see p. 3)", "\u2028", "\u00a0", "\x0b", "\r\n", "\n\n", "\n", " ", "\t"),
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), min_size=1, max_size=300),
)


@given(texts)
@settings(max_examples=300, deadline=None)
def test_any_text_survives_to_quotes_that_reslice(text: str) -> None:
    assert decode(text.encode()) == text
    article = make_article("a", "a.txt", text)
    assert article.text == text
    assert article.sha256 == hashlib.sha256(text.encode()).hexdigest()
    for sentence in article.units:
        quote = text[sentence.start : sentence.end]
        assert quote
        assert quote == quote.strip()
    passages = split_passages(article)
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert count_tokens(passage.text) <= PASSAGE_TOKENS * 1.1
    covered = {n for passage in passages for n in range(passage.first, passage.last + 1)}
    assert covered == set(range(len(article.units)))


@given(texts)
@settings(max_examples=150, deadline=None)
def test_nothing_between_sentences_is_lost_but_white_space_and_furniture(text: str) -> None:
    blocks = [block for block in find_blocks(text) if block.kind is not BlockKind.FURNITURE]
    for block in blocks:
        spans = list(split_sentences(text, block.start, block.end))
        pieces = [text[start:end] for start, end in spans]
        assert "".join("".join(pieces).split()) == "".join(text[block.start : block.end].split())
        assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. K. left in Jan. 2020. It rained.", ["Mr. K. left in Jan. 2020.", "It rained."]),
        ("你好。今天天气很好！你呢？", ["你好。", "今天天气很好！", "你呢？"]),
        ("هل أنت هنا؟ نعم.", ["هل أنت هنا؟", "نعم."]),
        ("‘Why not?’, he asked. No one knew.", ["‘Why not?’, he asked.", "No one knew."]),
        ("One.\r\nTwo.", ["One.", "Two."]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == expected


def test_passages_overlap_in_whole_sentences_and_carry_title_and_date() -> None:
    sentences = [f"Ship number {n} brought {n + 3} tonnes of grain to Lindow." for n in range(60)]
    text = "Harbour reopens\n\n2024-03-05\n\n" + " ".join(sentences)
    passages = split_passages(make_article("a", "a.txt", text))
    assert {passage.header for passage in passages} == {"Harbour reopens, 2024-03-05"}
    assert all(passage.indexed_text.startswith(passage.header) for passage in passages)
    assert all("Harbour reopens, 2024" not in passage.text for passage in passages)
    for before, after in pairwise(passages):
        shared = text[after.start : before.end]
        assert after.first <= before.last
        assert 0 < count_tokens(shared) <= OVERLAP_TOKENS


def test_ids_change_with_what_is_indexed() -> None:
    first = split_passages(make_article("a", "a.txt", "The harbour reopened on Monday."))
    again = split_passages(make_article("a", "a.txt", "The harbour reopened on Monday."))
    other = split_passages(make_article("a", "a.txt", "The harbour reopened on Sunday."))
    assert [passage.id for passage in first] == [passage.id for passage in again]
    assert first[0].id != other[0].id


def test_special_tokens_of_the_tokenizer_are_ordinary_text() -> None:
    assert count_tokens("<|endoftext|>") > 1
