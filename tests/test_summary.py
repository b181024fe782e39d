"""A model's summary: kept apart, and only what stands on statements and adds no fact to them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.embed import Embedding
from rag.build import Ibid, build
from rag.summary import Summarizer
from rag.types import Answer
from tests.conftest import ingest, settings_for
from tests.scripted_model import ScriptedModel
from ui.wording import summary

TEXT = """The harbour of Lindow reopened on Monday after nine months of repairs.

The new crane lifts 40 tonnes. Mayor Ines Falk cut the ribbon."""
QUESTION = "How much does the new crane of Lindow lift?"


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ibid]:
    folder = tmp_path_factory.mktemp("summary")
    (folder / "files").mkdir()
    (folder / "files" / "harbour.txt").write_text(TEXT)
    with build(settings_for(folder / "library", summary=True)) as ibid:
        ingest(ibid.library, ibid.embedding, Path(folder / "files"))
        yield ibid


def script(*replies: str) -> Any:
    return lambda prompt: [replies[0] if "Sum up" in prompt else "1"]


def asked(ibid: Ibid, reply: str) -> Answer:
    return ibid.with_model(ScriptedModel(script(reply))).engine.ask(QUESTION)


def test_a_summary_stands_beside_the_statements(harbour: Ibid) -> None:
    answer = asked(harbour, "The new crane can lift 40 tonnes. [1]")
    assert [(item.text, item.statements) for item in answer.summary] == [
        ("The new crane can lift 40 tonnes.", (0,))
    ]
    plain = harbour.with_model(None).engine.ask(QUESTION)
    assert [item.text for item in answer.statements] == [item.text for item in plain.statements]
    assert plain.summary == ()
    shown = summary("m", answer.summary)
    assert "not checked" in shown
    assert "(1)" in shown


@pytest.mark.parametrize(
    "reply",
    [
        "It lifts 50 tonnes. [1]",  # another number
        "Engineer Karl Moser built it. [1]",  # another name
        "Moser built it. [1]",  # the same at the beginning
        "It is strong.",  # stands on nothing
        "It is strong. [7]",  # on what is not there
        "It is strong. [1] [7]",
        "",
        "[1]",
    ],
)
def test_what_adds_to_the_statements_is_dropped(harbour: Ibid, reply: str) -> None:
    assert asked(harbour, reply).summary == ()


def test_the_rest_of_a_summary_stays(harbour: Ibid) -> None:
    answer = asked(harbour, "It lifts 40 tonnes [1]. It cost 9 million. [1] The crane is new. [1]")
    assert [item.text for item in answer.summary] == ["It lifts 40 tonnes.", "The crane is new."]


def test_a_long_summary_is_cut(harbour: Ibid) -> None:
    assert len(asked(harbour, "The crane is new. [1] " * 9).summary) == 3


def test_without_the_setting_no_summary_is_asked_for(harbour: Ibid) -> None:
    off = replace(harbour, settings=harbour.settings.model_copy(update={"summary": False}))
    model = ScriptedModel(script("The crane is new. [1]"))
    assert off.with_model(model).engine.ask(QUESTION).summary == ()
    assert not any("Sum up" in prompt for prompt in model.prompts)


def test_a_model_that_fails_costs_only_the_summary(harbour: Ibid) -> None:
    model = ScriptedModel(lambda prompt: 500 if "Sum up" in prompt else ["1"])
    answer = harbour.with_model(model).engine.ask(QUESTION)
    assert answer.statements
    assert answer.summary == ()


def test_a_refusal_is_not_summed_up(harbour: Ibid) -> None:
    model = ScriptedModel(script("The crane is new. [1]"))
    answer = harbour.with_model(model).engine.ask("Who won the Eurovision Song Contest in 2021?")
    assert (answer.status, answer.summary) == ("refused", ())


def test_names_of_the_question_and_the_source_may_stand(
    harbour: Ibid, embedding: Embedding
) -> None:
    statements = asked(harbour, "").statements
    read = Summarizer(ScriptedModel(script("")), embedding).read
    assert read("In Lindow it lifts 40 tonnes [1].", QUESTION, statements)
    assert read("In Tarn it lifts 40 tonnes [1].", QUESTION, statements) == ()
