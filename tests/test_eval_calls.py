"""Recorded calls: the model is asked once, and a later run needs neither it nor a key."""

import json
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evals.calls import RecordedModel, key_of
from evals.errors import CannotRunError
from ingest.errors import BadInputError, ModelError
from ingest.split import count_tokens
from rag.model import LanguageModel, Message, Usage

USAGE = Usage(prompt_tokens=7, completion_tokens=3)


class Echo:
    """Says the last message again, a word at a time."""

    name = "echo"
    context = 4096

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = 0

    def count(self, text: str) -> int:
        return len(text)

    def stream(self, messages: Sequence[Message]) -> Generator[str | Usage, None, None]:
        text = messages[-1].content
        self.asked.append(text)
        if "fails" in text:
            yield "half"
            raise ModelError("It did not answer to the end. Try again.")
        try:
            for word in text.split():
                yield f"{word} "
                yield ""
            yield USAGE
        finally:
            self.closed += 1


def no_key() -> LanguageModel:
    raise BadInputError("OPENAI_API_KEY is not set. Set it.")


def question(text: str) -> list[Message]:
    return [Message("system", "Repeat."), Message("user", text)]


def said(model: LanguageModel, text: str) -> str:
    return "".join(p for p in model.stream(question(text)) if isinstance(p, str))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls" / "echo.jsonl"


def test_a_recorded_call_needs_no_model(path: Path) -> None:
    echo = Echo()
    first = RecordedModel("echo", lambda: echo, path)
    assert list(first.stream(question("one two"))) == ["one ", "", "two ", "", USAGE]
    second = RecordedModel("echo", no_key, path)
    assert (second.name, second.context) == ("echo", 4096)
    assert list(second.stream(question("one two"))) == ["one ", "two ", USAGE]
    assert echo.asked == ["one two"]
    assert echo.closed == 1


def test_both_runs_count_alike_so_that_prompts_are_the_same(path: Path) -> None:
    live, replayed = RecordedModel("echo", Echo, path), RecordedModel("echo", no_key, path)
    text = "Belarus and Russia signed 28 programmes."
    assert live.count(text) == replayed.count(text) == count_tokens(text)
    said(live, "one")
    again = RecordedModel("echo", no_key, path)
    assert again.context == live.context == 4096


def test_a_context_that_is_set_is_the_one_in_force_and_not_recorded_as_the_models(
    path: Path,
) -> None:
    said(RecordedModel("echo", Echo, path, context=1000), "one")
    assert RecordedModel("echo", no_key, path, context=2000).context == 2000
    assert RecordedModel("echo", Echo, path).context == 4096


def test_the_key_is_of_model_and_messages() -> None:
    key = key_of("echo", question("one"))
    assert key == key_of("echo", list(question("one")))
    assert key != key_of("other", question("one"))
    assert key != key_of("echo", question("two"))


def test_what_is_not_recorded_cannot_be_asked_without_a_model(path: Path) -> None:
    said(RecordedModel("echo", Echo, path), "one")
    replayed = RecordedModel("echo", no_key, path)
    with pytest.raises(CannotRunError, match="echo is not recorded.*OPENAI_API_KEY is not set"):
        said(replayed, "two")


def test_a_call_that_was_closed_when_enough_was_read_is_closed_at_the_same_word(path: Path) -> None:
    echo = Echo()
    stream = RecordedModel("echo", lambda: echo, path).stream(question("one two three"))
    assert [next(stream), next(stream), next(stream)] == ["one ", "", "two "]
    stream.close()
    assert echo.closed == 1
    again = RecordedModel("echo", no_key, path).stream(question("one two three"))
    assert [next(again), next(again)] == ["one ", "two "]
    with pytest.raises(CannotRunError, match="was cut off. Delete the line"):
        next(again)


def test_a_call_closed_before_a_word_is_not_recorded(path: Path) -> None:
    stream = RecordedModel("echo", Echo, path).stream(question("   "))
    stream.close()
    assert not path.exists()


def test_a_call_that_fails_is_not_recorded(path: Path) -> None:
    model = RecordedModel("echo", Echo, path)
    with pytest.raises(ModelError):
        said(model, "this fails")
    assert not path.exists()


def test_a_replayed_call_says_how_long_it_took(path: Path) -> None:
    said(RecordedModel("echo", Echo, path), "one")
    (line,) = path.read_text("utf-8").splitlines()
    slow = {**json.loads(line), "seconds": 2.5}
    path.write_text(json.dumps(slow) + "\n", "utf-8")
    model = RecordedModel("echo", no_key, path)
    assert model.replayed() == 0
    said(model, "one")
    said(model, "one")
    assert model.replayed() == 5
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(model.replayed).result() == 0


def test_threads_add_whole_lines_and_load_once(path: Path) -> None:
    loaded: list[Echo] = []
    together = threading.Barrier(8)

    def load() -> LanguageModel:
        loaded.append(Echo())
        return loaded[-1]

    model = RecordedModel("echo", load, path)

    def ask(number: int) -> None:
        together.wait()
        for turn in range(20):
            said(model, f"question {(number + turn) % 24}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    keys = [json.loads(line)["key"] for line in path.read_text("utf-8").splitlines()]
    assert len(keys) == len(set(keys)) == 24
    assert len(loaded) == 1


def test_a_reply_may_hold_any_line_break(path: Path) -> None:
    reply = "first\u2028second\x85third"
    said(RecordedModel("echo", Echo, path), reply)
    line = json.loads(path.read_text("utf-8").removesuffix("\n"))
    path.write_text(json.dumps({**line, "pieces": [reply]}, ensure_ascii=False) + "\n", "utf-8")
    assert said(RecordedModel("echo", no_key, path), reply) == reply


def test_a_damaged_line_is_named(path: Path) -> None:
    said(RecordedModel("echo", Echo, path), "one")
    with path.open("a") as file:
        file.write('{"key": "half\n')
    with pytest.raises(CannotRunError, match="echo.jsonl:2 is not a recorded call"):
        RecordedModel("echo", no_key, path)


def test_a_model_without_a_record_is_loaded_at_once(path: Path) -> None:
    with pytest.raises(CannotRunError, match="OPENAI_API_KEY is not set"):
        RecordedModel("echo", no_key, path).prepare()
    said(RecordedModel("echo", Echo, path), "one")
    RecordedModel("echo", no_key, path).prepare()


def test_two_models_of_one_file_do_not_answer_for_each_other(path: Path) -> None:
    said(RecordedModel("echo", Echo, path), "one")
    with pytest.raises(CannotRunError):
        said(RecordedModel("other", no_key, path), "one")
