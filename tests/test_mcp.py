"""The MCP server, as the SDK's own client runs it: `ibid mcp` over standard input and output."""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, ListToolsResult, TextContent

from tests.conftest import REPOSITORY, copied, environment, run_ibid

QUESTION = "When was the treaty establishing the Union State signed, and by whom?"
ARTICLE = "004_0fb5895dd017175d"

T = TypeVar("T")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, corpus_library: Path) -> Path:
    """A library that no server holds."""
    return copied(corpus_library, tmp_path_factory.mktemp("mcp"))


def in_session(folder: Path, talk: Callable[[Client], Awaitable[T]]) -> T:
    """Start the command on a library, talk to it, and stop it."""

    async def run() -> T:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "ui.cli", "mcp"],
            env=environment(folder),
            cwd=folder.parent,
        )
        async with Client(server) as client:
            return await talk(client)

    return asyncio.run(run())


def call(folder: Path, *calls: tuple[str, dict[str, Any]]) -> list[CallToolResult]:
    """Return the results of calls that are made at the same time."""

    async def talk(client: Client) -> list[CallToolResult]:
        return await asyncio.gather(*(client.call_tool(name, given) for name, given in calls))

    return in_session(folder, talk)


def text_of(result: CallToolResult) -> str:
    return "\n".join(item.text for item in result.content if isinstance(item, TextContent))


def given(result: CallToolResult) -> Any:
    """Return the structured content; that the text says the same is checked here."""
    assert not result.is_error, text_of(result)
    content = result.structured_content
    assert content is not None
    if set(content) == {"result"}:
        texts = [item.text for item in result.content if isinstance(item, TextContent)]
        assert [json.loads(text) for text in texts] == content["result"]
        return content["result"]
    assert json.loads(text_of(result)) == content
    return content


def without_timings(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "timings_ms": None}


def test_the_tools_say_when_to_use_them(folder: Path) -> None:
    async def talk(client: Client) -> tuple[ListToolsResult, str | None]:
        return await client.list_tools(), client.instructions

    listed, instructions = in_session(folder, talk)
    tools = {tool.name: tool for tool in listed.tools}
    assert tools.keys() == {"ask", "search", "read_article", "check"}
    assert instructions is not None
    assert "citations" in instructions
    for tool in tools.values():
        assert "Use this" in str(tool.description)
        assert tool.output_schema
    assert tools["ask"].input_schema["required"] == ["question"]
    assert {"question", "history", "filters"} == tools["ask"].input_schema["properties"].keys()


@pytest.mark.parametrize("beside_a_server", [False, True])
def test_the_tools_give_what_the_api_gives(
    folder: Path, served: tuple[Path, str], beside_a_server: bool
) -> None:
    url = served[1]
    history = [{"role": "user", "content": "What did Dmitry Medvedev propose?"}]
    follow_up = {"question": "What did the media call his proposals?", "history": history}
    broad = "What do Belarusians think of a union with Russia?"
    filtered = {"question": broad, "filters": {"articles": [ARTICLE]}}
    draft = "Of the ten most popular TV channels watched in Belarus, six are Russian."
    questions = ({"question": QUESTION}, follow_up, filtered)
    *answers, found, article, checked = call(
        served[0] if beside_a_server else folder,
        *(("ask", body) for body in questions),
        ("search", {"query": "military doctrine", "limit": 3}),
        ("read_article", {"article_id": ARTICLE}),
        ("check", {"text": draft}),
    )
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as api:
        for body, answer in zip(questions, answers, strict=True):
            expected = api.post("/api/ask", json=body).json()
            assert without_timings(given(answer)) == without_timings(expected)
            assert list(given(answer)) == list(expected)
        parameters: dict[str, str | int] = {"q": "military doctrine", "limit": 3}
        assert given(found) == api.get("/api/search", params=parameters).json()
        assert given(article) == api.get(f"/api/articles/{ARTICLE}").json()
        assert given(checked) == api.post("/api/check", json={"text": draft}).json()
    assert len(given(found)) == 3
    assert given(checked)["sentences"][0]["finding"] == "differs"
    assert {item["article_id"] for item in given(answers[2])["citations"]} == {ARTICLE}


@pytest.mark.parametrize("beside_a_server", [False, True])
def test_errors_are_told_and_the_session_goes_on(
    folder: Path, served: tuple[Path, str], beside_a_server: bool
) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("ask", {"question": " "}, "The question is empty. Write a question."),
        ("ask", {"question": "q", "filters": {"articles": ["nothing"]}}, "no article 'nothing'"),
        ("ask", {"question": "q", "filters": {"published_to": "May"}}, "write it as YYYY-MM-DD"),
        ("read_article", {"article_id": "nothing at all?"}, "no article 'nothing at all?'"),
        ("check", {"text": ""}, "draft is empty"),
        ("search", {"query": "q", "limit": 1000}, "less than or equal to 50"),
    ]
    *results, last = call(
        served[0] if beside_a_server else folder,
        *((name, arguments) for name, arguments, _ in cases),
        ("search", {"query": "military doctrine"}),
    )
    for result, (_, _, words) in zip(results, cases, strict=True):
        assert result.is_error
        assert words in text_of(result)
        assert "Traceback" not in text_of(result)
    assert len(given(last)) == 8


def test_a_session_does_not_keep_the_library_from_others(folder: Path) -> None:
    async def talk(client: Client) -> tuple[int, bool]:
        first = await client.call_tool("search", {"query": "military doctrine"})
        done = run_ibid(folder, "ingest")
        return done.returncode, first.is_error

    assert in_session(folder, talk) == (0, False)


def test_a_library_that_is_not_there_is_named(tmp_path: Path) -> None:
    (result,) = call(tmp_path / "library", ("ask", {"question": QUESTION}))
    assert result.is_error
    assert "Run 'ibid ingest PATH' first" in text_of(result)
    assert not (tmp_path / "library").exists()


def test_the_docs_show_how_a_client_is_set_up() -> None:
    page = (REPOSITORY / "docs" / "clients.md").read_text("utf-8")
    (snippet,) = [s for s in re.findall(r"```json\n(.*?)```", page, re.S) if "mcpServers" in s]
    server = json.loads(snippet)["mcpServers"]["ibid"]
    assert server["command"].endswith("/.venv/bin/ibid")
    assert server["args"] == ["mcp"]
    assert list(server["env"]) == ["IBID_LIBRARY"]
