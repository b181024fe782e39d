"""Whatever a language model may reply, and what is read from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reply import (
    LONGEST_CHOICE,
    MOST_NUMBERS,
    Chosen,
    is_chosen,
    is_rewritten,
    read_choice,
    read_rewriting,
    visible,
)

SENTENCES = [
    f"(Article {number}, 2021-11-08) The store has {number} valves of brass."
    for number in range(1, 10)
]
NUMBERS = {
    "3, 7": (3, 7),
    "7, 3": (7, 3),
    " 3,7 \n": (3, 7),
    "3 7": (3, 7),
    "[3] [7]": (3, 7),
    "[3], [7]": (3, 7),
    "[3, 7]": (3, 7),
    '["3", "7"]': (3, 7),
    '{"numbers": [3, 7]}': (3, 7),
    "```json\n[3, 7]\n```": (3, 7),
    "```\n[\n  3,\n  7\n]\n```": (3, 7),
    "- 3\n- 7": (3, 7),
    "**3**, **7**": (3, 7),
    "Sentences 3 and 7.": (3, 7),
    "Sätze 3 und 7.": (3, 7),
    "Предложения 3 и 7.": (3, 7),
    "文3と7": (),
    "٣، ٧": (3, 7),
    "The answer is in [3] and, as to the year, in the sentence that has number [7].": (3, 7),
    "Here are the numbers of the sentences that do answer it:\n\n3, 7": (3, 7),
    "<think>28? Or 9, 1?</think>\n3, 7": (3, 7),
    "9, 1, I think.</think>3, 7": (3, 7),
    "3, 7\n\n1. The first sentence is wrong.": (3, 7),
    "3, 7\n1. The first sentence is wrong.": (3, 7),
    "3, 3, 7, 3": (3, 7),
    "93, 3, 0, 7, -1": (3, 7, 1),
    "0, 3": (3,),
    "3": (3,),
    "9" * 9000: (),
    "": (),
    " \n\t": (),
    "...": (),
    "93": (),
    "<think>3, 7": (),
    "I do not know.": (),
    "Keine": (),
    "There are 3 programmes in the agreement that both of them signed.": (),
    "3 valves": (),
    "valves of brass 3.5%": (),
}


@pytest.mark.parametrize("reply", NUMBERS)
def test_numbers_are_read_from_any_kind_of_line(reply: str) -> None:
    found = read_choice(reply, SENTENCES)
    assert (found.numbers if found else ()) == NUMBERS[reply]
    assert found is None or not found.declined


@pytest.mark.parametrize(
    "reply",
    ["none", "NONE", "None.", '"none"', "**none**", "0", "[]", "[0]", "```\nnone\n```",
     "<think>3?</think>none", "None of the sentences 1 to 9 answers it."],
)  # fmt: skip
def test_a_model_declines_with_the_word_that_the_prompt_asks_for(reply: str) -> None:
    assert read_choice(reply, SENTENCES) == Chosen(declined=True)


@pytest.mark.parametrize("reply", ["keine", "nichts", "Nonetheless.", "no", "nil", "нет", "なし"])
def test_no_other_word_declines(reply: str) -> None:
    assert read_choice(reply, SENTENCES) is None


@pytest.mark.parametrize(
    ("reply", "numbers", "focuses"),
    [
        ("3: 3 valves of brass", (3,), {3: "3 valves of brass"}),
        ("[3] 3 valves", (3,), {3: "3 valves"}),
        ("Sentence 3: “3 valves”", (3,), {3: "3 valves"}),
        ("3: 3 valves\n7: 7 valves", (3, 7), {3: "3 valves", 7: "7 valves"}),
        ("3: 3 valves, 7: 7 valves", (3, 7), {3: "3 valves", 7: "7 valves"}),
        ("3: three valves\n7: 7 valves", (3, 7), {7: "7 valves"}),
        ("3: twelve brass valves", (3,), {}),
        ("3, 7: 7 valves", (3, 7), {}),
    ],
)
def test_a_focus_is_only_what_was_copied_from_the_sentence(
    reply: str, numbers: tuple[int, ...], focuses: dict[int, str]
) -> None:
    assert read_choice(reply, SENTENCES) == Chosen(numbers, focuses)


def test_a_choice_of_all_is_read_up_to_a_limit() -> None:
    found = read_choice(", ".join(map(str, range(1, 10))), SENTENCES)
    assert found
    assert found.numbers == tuple(range(1, MOST_NUMBERS + 1))


def test_a_number_cut_in_two_is_not_read() -> None:
    reply = "9" + ", 9" * (LONGEST_CHOICE // 3 - 1) + ", 12"
    assert read_choice(reply[: LONGEST_CHOICE + 1], SENTENCES) == Chosen((9,))


@pytest.mark.parametrize("reply", ["3, 7\n", "3, 7\nThe", "3\n\n", "3: 3 valves\nThe", "none\n",
                                   "[\n3,\n7\n]\n\n", "word " * 60])  # fmt: skip
def test_a_reply_is_not_read_further_than_its_choice(reply: str) -> None:
    assert is_chosen(reply, SENTENCES)


@pytest.mark.parametrize("reply", ["", "3", "3, 7", "3\n", "3: 3 valves\n", "- 3\n- 7\n", "[\n3,\n",
                                   "Sure:\n", "<think>3, 7\n\n" + "word " * 60])  # fmt: skip
def test_a_choice_that_may_go_on_is_read_further(reply: str) -> None:
    assert not is_chosen(reply, SENTENCES)


@given(st.text(alphabet="037,[]{}:;.-none \n`*<>/thik\"'a", max_size=300))
def test_nothing_but_numbers_of_sentences_is_ever_read(reply: str) -> None:
    is_chosen(reply, SENTENCES)
    found = read_choice(reply, SENTENCES) or Chosen(declined=True)
    assert found.declined != bool(found.numbers)
    assert len(set(found.numbers)) == len(found.numbers) <= MOST_NUMBERS
    assert all(1 <= number <= len(SENTENCES) for number in found.numbers)
    assert all(words in SENTENCES[number - 1] for number, words in found.focuses.items())


BEFORE = "How much does the Corva 3 weigh?\nThe Corva 3 weighs 12 kg."


@pytest.mark.parametrize(
    ("reply", "question", "query"),
    [
        ("Question: What does a service of the Corva 3 cost?\nSearch: Wartung Corva 3 Preis",
         "What does a service of the Corva 3 cost?", "Wartung Corva 3 Preis"),
        ("**Question:** Service of it?\n**Search query:** Wartung", "Service of it?", "Wartung"),
        ("Sure! Here:\n\n1. Question: Service?\n2. Search: Wartung", "Service?", "Wartung"),
        ("<think>Hm.</think>\"Service of the Corva 3?\"", "Service of the Corva 3?",
         "Service of the Corva 3?"),
        ("Service of the Corva 3?\nWartung", "Service of the Corva 3?", "Wartung"),
        ("¿Y el servicio?", "¿Y el servicio?", "¿Y el servicio?"),
        ("Search: Wartung", "And a service?", "Wartung"),
        ("Question: Service?\nSearch:", "Service?", "Service?"),
    ],
)  # fmt: skip
def test_a_question_in_other_words_is_read(reply: str, question: str, query: str) -> None:
    assert read_rewriting(reply, "And a service?", BEFORE) == (question, query)


@pytest.mark.parametrize(
    "reply",
    ["", "\n", "<think>Question: x", "a\nb\nc", "Question: " + "x" * 401,
     "Question: Service?\nSearch: " + "x" * 401, "Question: A service of the Corva 5?",
     "Search: service 2024"],
)  # fmt: skip
def test_a_question_that_cannot_be_read_or_has_other_numbers_is_none(reply: str) -> None:
    assert read_rewriting(reply, "And a service?", BEFORE) is None


def test_a_question_keeps_its_numbers() -> None:
    assert read_rewriting("Question: And the Corva 3?", "And the Corva 5?", BEFORE) is None
    assert read_rewriting("Search: E4304", "What is e4304?", "") == ("What is e4304?", "E4304")


def test_a_rewriting_is_not_read_further_than_its_second_line() -> None:
    assert is_rewritten("Question: a\nSearch: b\n")
    assert is_rewritten("word " * 300)
    assert not is_rewritten("Question: a\nSearch: b")
    assert not is_rewritten("<think>Search: b\n\n" + "word " * 300)


def test_what_is_visible_of_a_reply() -> None:
    assert visible("<think>a</think>\n```json\n**b**\n```").split() == ["b"]
