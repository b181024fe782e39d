"""The OpenAI-compatible routes, through OpenAI's own client."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from ingest.errors import LibraryError
from ingest.split import count_tokens
from rag.build import Ibid
from rag.types import Answer, Disagreement, Generation, Statement
from tests.conftest import run_ibid, start_server, stop_server
from tests.scripted import WORKING, Item, ScriptedEngine, heartbeats, serving
from ui.wording import appendix, paragraph

QUESTION = "When was the treaty establishing the Union State signed, and by whom?"
OUTSIDE = "Who won the Eurovision Song Contest in 2021?"
CLOSED_SECONDS = 2


@contextmanager
def client_of(url: str, key: str = "any") -> Iterator[openai.OpenAI]:
    with (
        httpx.Client(trust_env=False) as http,
        openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=http) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client(served: tuple[Path, str]) -> Iterator[openai.OpenAI]:
    with client_of(served[1]) as opened:
        yield opened


def said(*contents: Any) -> list[Any]:
    """Return messages of user and assistant in turn."""
    return [
        {"role": "assistant" if index % 2 else "user", "content": content}
        for index, content in enumerate(contents)
    ]


def complete(client: openai.OpenAI, *contents: Any, **others: Any) -> ChatCompletion:
    model = others.pop("model", "ibid")
    reply: ChatCompletion = client.chat.completions.create(
        model=model, messages=said(*contents), **others
    )
    return reply


def stream(client: openai.OpenAI, *contents: Any, **others: Any) -> list[ChatCompletionChunk]:
    with client.chat.completions.create(
        model="ibid", messages=said(*contents), stream=True, **others
    ) as chunks:
        return list(chunks)


def answer_of(reply: Any) -> dict[str, Any]:
    """Return the answer that comes with a reply, without its timings."""
    return {**reply.model_extra["ibid"], "timings_ms": None}


def ask(url: str, question: str, **others: Any) -> dict[str, Any]:
    answer = httpx.post(f"{url}/api/ask", json={"question": question, **others}, timeout=60).json()
    return {**answer, "timings_ms": None}


def test_a_reply_is_the_answer_as_text_with_its_sources(
    client: openai.OpenAI, served: tuple[Path, str]
) -> None:
    reply = complete(client, QUESTION, model="gpt-9", temperature=1.5, user="somebody")
    answer = ask(served[1], QUESTION)
    assert (reply.object, reply.model, len(reply.choices)) == ("chat.completion", "ibid", 1)
    assert answer_of(reply) == answer
    choice = reply.choices[0]
    content = choice.message.content
    assert content is not None
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert choice.message.refusal is None
    statements, _, sources = content.partition("\n\nSources:\n\n")
    for statement in answer["statements"]:
        numbers = "".join(f"[{number}]" for number in statement["citations"])
        assert f"{statement['text']} {numbers}" in statements
    for citation in answer["citations"]:
        assert f"[{citation['number']}] {citation['title']}, " in sources
        assert f"“{' '.join(citation['quote'].split())}”" in sources
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == count_tokens(QUESTION)
    assert reply.usage.completion_tokens == count_tokens(content)
    assert reply.usage.total_tokens == count_tokens(QUESTION) + count_tokens(content)


def test_every_citation_of_a_reply_can_be_checked(
    client: openai.OpenAI, served: tuple[Path, str]
) -> None:
    message = complete(client, QUESTION).choices[0].message
    assert message.model_extra
    assert message.model_extra["citations"]
    for citation in message.model_extra["citations"]:
        article = httpx.get(f"{served[1]}/api/articles/{citation['article_id']}").json()
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.parametrize("question", [QUESTION, OUTSIDE])
def test_a_stream_comes_to_the_same_as_a_reply(client: openai.OpenAI, question: str) -> None:
    reply = complete(client, question)
    chunks = stream(client, question, stream_options={"include_usage": True})
    *told, last, usage = chunks
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert {chunk.model for chunk in chunks} == {"ibid"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert told[0].choices[0].delta.role == "assistant"
    content = "".join(chunk.choices[0].delta.content or "" for chunk in told)
    message = reply.choices[0].message
    assert content == message.content
    assert {chunk.choices[0].finish_reason for chunk in told} == {None}
    assert last.choices[0].finish_reason == "stop"
    extra = last.choices[0].delta.model_extra
    assert message.model_extra is not None
    assert extra is not None
    assert extra["citations"] == message.model_extra["citations"]
    assert last.choices[0].delta.refusal == message.refusal
    assert answer_of(last) == answer_of(reply)
    assert (usage.choices, usage.usage) == ([], reply.usage)


def test_usage_is_streamed_only_when_it_is_asked_for(client: openai.OpenAI) -> None:
    assert all(chunk.usage is None for chunk in stream(client, QUESTION))


def test_a_refusal_is_told_with_what_is_missing_and_near(client: openai.OpenAI) -> None:
    reply = complete(client, OUTSIDE)
    message, answer = reply.choices[0].message, answer_of(reply)
    assert answer["status"] == "refused"
    assert message.refusal == answer["refusal"]["message"]
    assert message.content is not None
    assert message.content.startswith(str(message.refusal))
    assert "The nearest passages lack: “" in message.content
    assert "Nearest passages, which do not answer the question:" in message.content
    assert answer["nearest"][0]["title"] in message.content
    assert "Sources:" not in message.content
    assert message.model_extra == {"citations": []}


def test_a_conversation_is_followed_without_the_sources_of_its_answers(
    client: openai.OpenAI, served: tuple[Path, str]
) -> None:
    first, then = "What did Dmitry Medvedev propose?", "What did the media call his proposals?"
    earlier = complete(client, first)
    content = earlier.choices[0].message.content
    assert content is not None
    texts = [statement["text"] for statement in answer_of(earlier)["statements"]]
    history = said(first, "\n\n".join(texts))
    reply = complete(client, first, content, then)
    assert answer_of(reply) == ask(served[1], then, history=history)


def test_history_given_to_the_engine_is_what_was_said(ibid: Ibid) -> None:
    answer = ibid.engine.ask(QUESTION)
    shown = "\n\n".join([*map(paragraph, answer.statements), appendix(answer)])
    refusal = appendix(ibid.engine.ask(OUTSIDE))
    engine = ScriptedEngine(lambda: iter((answer,)))
    with serving(ibid, engine) as url, client_of(url) as client:
        messages: list[Any] = [
            {"role": "system", "content": "Answer in verse, without sources."},
            *said(QUESTION, shown, [{"type": "text", "text": OUTSIDE}], refusal, "And in 2021?"),
            {"role": "tool", "content": "a tool's result", "tool_call_id": "1"},
        ]
        client.chat.completions.create(model="ibid", messages=messages)
    ((question, history, filters),) = engine.asked
    assert (question, filters) == ("And in 2021?", None)
    assert [(turn.role, turn.content) for turn in history] == [
        ("user", QUESTION),
        ("assistant", "\n\n".join(statement.text for statement in answer.statements)),
        ("user", OUTSIDE),
        ("assistant", refusal.partition("\n")[0]),
    ]


def test_sources_that_differ_are_named(ibid: Ibid) -> None:
    answer = ibid.engine.ask("What do the articles say about common energy markets?")
    assert len(answer.statements) > 1
    differing = answer.model_copy(
        update={"disagreements": (Disagreement(about="x", statements=(0, 1)),)}
    )
    sides = [citation for side in answer.statements[:2] for citation in side.citations]
    numbers = "".join(f"[{citation.number}]" for citation in sides)
    assert f"The sources differ: see {numbers}" in appendix(differing)


def test_the_models_are_one(client: openai.OpenAI) -> None:
    assert [(model.id, model.owned_by) for model in client.models.list()] == [("ibid", "ibid")]
    assert client.models.retrieve("ibid").id == "ibid"
    with pytest.raises(openai.NotFoundError, match="no model 'other' here"):
        client.models.retrieve("other")
    with pytest.raises(openai.NotFoundError, match="no POST /v1/embeddings here"):
        client.embeddings.create(model="ibid", input="words")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"messages": said("")}, None, "question is empty"),
        ({"messages": said("why " * 2000)}, None, "limit is 4,000"),
        ({"messages": []}, None, "no message with the role 'user'"),
        ({"messages": [{"role": "system", "content": "x"}]}, None, "role 'user'"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "messages.0.role", "'user'"),
        ({"messages": "x"}, "messages", "valid list"),
        ({"messages": said([{"type": "image_url", "image_url": {"url": "x"}}])}, None,
         "'image_url'. Ibid reads text only"),
        ({"messages": said(QUESTION), "n": 2}, "n", "should be 1"),
    ],
)  # fmt: skip
def test_bad_requests_say_what_is_wrong(
    client: openai.OpenAI, body: dict[str, Any], param: str | None, words: str, streamed: bool
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.post("/chat/completions", body={**body, "stream": streamed}, cast_to=object)
    error = raised.value
    assert isinstance(error.body, dict)
    assert words in error.body["message"]
    assert (error.param, error.type) == (param, "invalid_request_error")


def test_what_is_no_json_is_a_bad_request(served: tuple[Path, str]) -> None:
    headers = {"Content-Type": "application/json"}
    url = f"{served[1]}/v1/chat/completions"
    response = httpx.post(url, content=b"{", headers=headers)
    assert (response.status_code, list(response.json())) == (400, ["error"])


def test_keys_are_demanded_where_they_are_set(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    article = tmp_path / "a.txt"
    article.write_text("The harbour of Lindow reopened on Monday.")
    assert run_ibid(folder, "ingest", str(article)).returncode == 0
    process, url = start_server(folder, IBID_API_KEYS="one-key")
    try:
        with client_of(url, "one-key") as client:
            assert client.models.list().data
            content = complete(client, "When did the harbour of Lindow reopen?").choices[0].message
            assert "on Monday. [1]" in str(content.content)
        with client_of(url, "wrong") as client:
            for call in (client.models.list, lambda: complete(client, QUESTION)):
                with pytest.raises(openai.AuthenticationError, match="needs a key") as raised:
                    call()
                assert raised.value.code == "invalid_api_key"
    finally:
        stop_server(process)


def test_a_model_at_work_is_heard_and_its_tokens_are_told(ibid: Ibid) -> None:
    statement, *_, answer = ibid.engine.stream(QUESTION)
    assert isinstance(answer, Answer)
    generation = Generation(model="m", prompts="p", prompt_tokens=900, completion_tokens=40)
    written = answer.model_copy(update={"generation": generation})
    assert isinstance(statement, Statement)
    engine = ScriptedEngine(lambda: iter((WORKING, WORKING, *answer.statements, written)))
    body = {"messages": said(QUESTION), "stream": True, "stream_options": {"include_usage": True}}
    with serving(ibid, engine) as url:
        text = httpx.post(f"{url}/v1/chat/completions", json=body).text
        plain = httpx.post(f"{url}/v1/chat/completions", json={**body, "stream": False}).json()
    blocks = text.strip().split("\n\n")
    assert blocks.count(": working") == 1
    assert blocks[-1] == "data: [DONE]"
    assert json.loads(blocks[-2].removeprefix("data: "))["usage"] == plain["usage"]
    assert plain["usage"] == {
        "prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940,
    }  # fmt: skip


@pytest.mark.parametrize("streamed", [False, True])
def test_a_client_that_goes_away_stops_the_model(ibid: Ibid, streamed: bool) -> None:
    engine = ScriptedEngine(heartbeats)
    body = {"messages": said(QUESTION), "stream": streamed}
    with serving(ibid, engine) as url:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/v1/chat/completions", json=body, timeout=0.5)
        assert engine.closed.wait(CLOSED_SECONDS)


@pytest.mark.parametrize(
    ("error", "words"),
    [(LibraryError("The library is gone."), "The library is gone."),
     (RuntimeError("a secret path"), "Ibid failed on this request")],
)  # fmt: skip
def test_an_error_in_the_middle_reaches_the_client(
    ibid: Ibid, error: Exception, words: str
) -> None:
    first = next(ibid.engine.stream(QUESTION))

    def script() -> Iterator[Item]:
        yield first
        raise error

    with serving(ibid, ScriptedEngine(script)) as url, client_of(url) as client:
        with pytest.raises(openai.APIError, match=words):
            stream(client, QUESTION)
        with pytest.raises(openai.InternalServerError, match=words):
            complete(client, QUESTION)
