"""Answers that come back from a browser: checked again, and shown only as far as they hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.embed import Embedding
from ingest.library import Library
from rag.build import Ibid, build
from rag.types import Answer
from tests.conftest import ingest, settings_for
from ui.markup import conversation_page
from ui.saved import Entry, restore, restore_all

ANSWERED = "How many TV channels watched in Belarus are Russian?"
REFUSED = "What is the capital of Australia?"
HARBOUR = "The harbour of Lindow opened in 1871. It was closed again in 1902."


def entry(data: object) -> Entry:
    return Entry(key="1a-2b", answer=data if isinstance(data, str) else json.dumps(data))


def saved(answer: Answer) -> dict[str, Any]:
    return dict(json.loads(answer.model_dump_json()))


@pytest.mark.parametrize("question", [ANSWERED, REFUSED])
def test_an_answer_that_holds_is_restored_as_it_was(ibid: Ibid, question: str) -> None:
    answer = ibid.engine.ask(question)
    exchange = restore(entry(saved(answer)), ibid.library)
    assert exchange.answer == answer.model_copy(update={"timings_ms": {}})
    assert not exchange.lapses
    assert 'data-answer=""' in conversation_page((exchange,))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quote": "Nobody watches television in Belarus any more, says he."}, "not its article's"),
        ({"start": 3}, "not its article's"),
        ({"publisher": "Somebody else"}, "named otherwise"),
        ({"article_id": "none"}, "no longer in the library"),
        ({"sha256": "0" * 64}, "text that it quotes is not kept"),
    ],
)
def test_a_changed_citation_is_not_shown(ibid: Ibid, change: dict[str, Any], told: str) -> None:
    data = saved(ibid.engine.ask(ANSWERED))
    for citation in data["citations"]:
        citation.update(change)
    exchange = restore(entry(data), ibid.library)
    assert (exchange.statements, exchange.answer, exchange.running) == ((), None, False)
    assert told in exchange.lapses[0]


def test_other_words_than_the_quotes_are_not_shown(ibid: Ibid) -> None:
    data = saved(ibid.engine.ask(ANSWERED))
    data["statements"][0]["text"] = "None is Russian."
    exchange = restore(entry(data), ibid.library)
    assert "None is Russian" not in conversation_page((exchange,))
    assert exchange.lapses


@pytest.mark.parametrize(
    "data", ["", "[", "[]", "null", "{}", "[" * 100_000, '{"statements": [], "citations": []}']
)
def test_what_is_no_answer_is_told(ibid: Ibid, data: str) -> None:
    exchange = restore(entry(data), ibid.library)
    assert "cannot be read" in exchange.lapses[0]


@pytest.mark.parametrize("data", [None, {}, {"entries": 3}, {"entries": [{"key": "<b>"}]}])
def test_what_is_no_conversation_is_none(ibid: Ibid, data: object) -> None:
    assert restore_all(data, ibid.library) == ()


def test_one_that_is_none_does_not_hide_the_others(ibid: Ibid) -> None:
    good = entry(saved(ibid.engine.ask(ANSWERED))).model_dump()
    data = {"entries": [{"key": "<b>", "answer": "{}"}, good, 3]}
    assert [exchange.question for exchange in restore_all(data, ibid.library)] == [ANSWERED]


def test_an_answer_from_an_earlier_text_says_so(tmp_path: Path, embedding: Embedding) -> None:
    source = tmp_path / "harbour.txt"
    source.write_text(HARBOUR)
    with build(settings_for(tmp_path / "library")) as ibid:
        ingest(ibid.library, embedding, source)
        answer = entry(saved(ibid.engine.ask("When did the harbour of Lindow open?")))
        assert restore(answer, ibid.library).answer
        source.write_text(HARBOUR.replace("1871", "1872"))
        ingest(ibid.library, embedding, source)
        changed = restore(answer, ibid.library)
        assert "1871" in changed.statements[0].text
        assert "no longer stand in it" in changed.lapses[0]
        _remove(ibid.library)
        gone = restore(answer, ibid.library)
        assert (gone.statements, "no longer in the library" in gone.lapses[0]) == ((), True)


def _remove(library: Library) -> None:
    for item in library.catalogue():
        library.remove(item.id)
