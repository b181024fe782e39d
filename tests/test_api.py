"""The HTTP API of a real server."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import run_ibid, start_server, stop_server

QUESTION = "When was the treaty establishing the Union State signed, and by whom?"


@pytest.fixture(scope="module")
def api(served: tuple[Path, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served[1], timeout=60, trust_env=False) as client:
        yield client


def ask(api: httpx.Client, question: str, **others: Any) -> dict[str, Any]:
    response = api.post("/api/ask", json={"question": question, **others})
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_an_answer_has_the_shape_of_the_contract(api: httpx.Client) -> None:
    answer = ask(api, QUESTION)
    assert answer.keys() == {
        "question", "rewritten", "status", "engine", "refusal", "statements", "citations",
        "disagreements", "nearest", "generation", "timings_ms", "summary",
    }  # fmt: skip
    assert (answer["status"], answer["engine"], answer["refusal"]) == (
        "answered",
        "extractive",
        None,
    )
    numbers = [number for item in answer["statements"] for number in item["citations"]]
    assert list(dict.fromkeys(numbers)) == [item["number"] for item in answer["citations"]]
    assert list(answer["citations"][0]) == [
        "number", "article_id", "sha256", "title", "author", "publisher", "published", "url",
        "place", "start", "end", "quote",
    ]  # fmt: skip
    assert list(answer["statements"][0]["verdict"]) == ["supported", "score", "reasons"]
    assert {"retrieve", "total"} <= answer["timings_ms"].keys()


def test_every_quote_can_be_checked_by_anyone(api: httpx.Client) -> None:
    for citation in ask(api, QUESTION)["citations"]:
        article = api.get(f"/api/articles/{citation['article_id']}").json()
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert hashlib.sha256(article["text"].encode()).hexdigest() == citation["sha256"]
        assert {key: article[key] for key in ("title", "author", "publisher", "published")} == {
            key: citation[key] for key in ("title", "author", "publisher", "published")
        }


def test_a_refusal_is_an_answer_too(api: httpx.Client) -> None:
    answer = ask(api, "What is the capital of Australia?")
    assert answer["status"] == "refused"
    assert answer["refusal"]["reason"] == "weak_evidence"
    assert answer["statements"] == answer["citations"] == []
    assert answer["nearest"][0]["quote"]


def test_the_stream_gives_statements_and_then_the_answer(api: httpx.Client) -> None:
    events: list[tuple[str, Any]] = []
    with api.stream("POST", "/api/ask/stream", json={"question": QUESTION}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                events.append((name, json.loads(line[6:])))
    *statements, (last, answer) = events
    assert {name for name, _ in statements} == {"statement"}
    assert last == "answer"
    assert [data["text"] for _, data in statements] == [s["text"] for s in answer["statements"]]
    assert statements[0][1]["cited"][0] == answer["citations"][0]


def test_history_and_filters_are_taken(api: httpx.Client) -> None:
    history = [{"role": "user", "content": "What did Dmitry Medvedev propose?"}]
    answer = ask(api, "What did the Belarusian media call his proposals?", history=history)
    assert "ultimatum" in json.dumps(answer["statements"])
    broad = "What do Belarusians think of a union with Russia?"
    assert len({item["article_id"] for item in ask(api, broad)["citations"]}) > 1
    only = ask(api, broad, filters={"articles": ["004_0fb5895dd017175d"]})
    assert {item["article_id"] for item in only["citations"]} == {"004_0fb5895dd017175d"}


def test_articles_and_search(api: httpx.Client) -> None:
    articles = {item["id"]: item for item in api.get("/api/articles").json()}
    assert len(articles) >= 5
    entry = articles["001_6d0d470c36767c10"]
    assert (entry["author"], entry["published"]) == ("Anna Maria Dyner", None)
    found = api.get("/api/search", params={"q": "military doctrine", "limit": 3}).json()
    assert len(found) == 3
    text = api.get(f"/api/articles/{found[0]['article_id']}").json()["text"]
    assert text[found[0]["start"] : found[0]["end"]] == found[0]["text"]


def test_an_upload_is_answered_from_and_can_be_removed(api: httpx.Client) -> None:
    text = "# Lindow\n\nThe lighthouse keeper of Lindow owns eleven parrots, the mayor said."
    sent = api.post("/api/articles", files={"file": ("lindow.md", text.encode())})
    assert sent.status_code == 201, sent.text
    assert (sent.json()["status"], sent.json()["article_id"]) == ("added", "lindow")
    asked = "How many parrots does the lighthouse keeper of Lindow own?"
    assert "eleven parrots" in ask(api, asked)["statements"][0]["text"]
    again = api.post("/api/articles", files={"file": ("lindow.md", text.encode())})
    assert (again.json()["status"], again.json()["article_id"]) == ("unchanged", "lindow")
    old = api.get("/api/articles/lindow").json()
    corrected = text.replace("eleven", "twelve")
    sent = api.post("/api/articles", files={"file": ("lindow.md", corrected.encode())})
    assert (sent.status_code, sent.json()["status"]) == (201, "changed")
    now = api.get("/api/articles/lindow").json()
    assert (now["text"], [item["sha256"] for item in now["versions"]]) == (
        corrected,
        [old["sha256"]],
    )
    before = api.get("/api/articles/lindow", params={"sha256": old["sha256"]}).json()
    assert {**before, "versions": []} == old
    assert api.get("/api/articles/lindow", params={"sha256": "0"}).status_code == 404
    assert api.delete("/api/articles/lindow").status_code == 204
    assert api.get("/api/articles/lindow").status_code == 404
    assert "eleven" not in json.dumps(ask(api, asked)["statements"])


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "words"),
    [
        ("POST", "/api/ask", {"json": {"question": ""}}, 422, "empty"),
        ("POST", "/api/ask", {"json": {"question": "x" * 100_000}}, 422, "limit is 4,000"),
        ("POST", "/api/ask/stream", {"json": {"question": ""}}, 422, "empty"),
        ("POST", "/api/ask", {"json": {}}, 422, "question"),
        ("POST", "/api/check", {"json": {"text": " "}}, 422, "draft is empty"),
        ("POST", "/api/check", {"json": {}}, 422, "text"),
        ("POST", "/api/ask", {"json": {"question": "q", "colour": 1}}, 422, "colour"),
        ("POST", "/api/ask", {"content": b"{", "headers": {"Content-Type": "application/json"}},
         422, "JSON"),
        ("POST", "/api/ask", {"json": {"question": "q", "filters": {"articles": ["x"]}}}, 404, "x"),
        (
            "POST", "/api/ask", {"json": {"question": "q", "filters": {"published_to": "May"}}},
            422, "YYYY-MM-DD",
        ),
        ("GET", "/api/articles/nothing", {}, 404, "no article 'nothing'"),
        ("DELETE", "/api/articles/nothing", {}, 404, "no article 'nothing'"),
        ("GET", "/api/search", {}, 422, "q"),
        ("POST", "/api/articles", {"files": {"file": ("a.txt", b"\0\1")}}, 415, "binary"),
        ("POST", "/api/articles", {"files": {"file": ("a.exe", b"MZ")}}, 415, ".exe is not read"),
        ("POST", "/api/ingest", {"json": {"paths": ["/etc"]}}, 401, "owner"),
        ("GET", "/api/status", {}, 401, "owner"),
    ],
)  # fmt: skip
def test_bad_input_gets_its_message_and_status(
    api: httpx.Client, method: str, path: str, options: dict[str, Any], status: int, words: str
) -> None:
    response = api.request(method, path, **options)
    assert response.status_code == status, response.text
    assert words in response.json()["detail"]
    assert "Traceback" not in response.text


def test_health_metrics_and_documentation(api: httpx.Client) -> None:
    health = api.get("/health").json()
    assert health["status"] == "ok"
    assert f"ibid_articles {health['articles']}.0\n" in api.get("/metrics").text
    assert api.get("/docs").is_success
    schema = api.get("/openapi.json").json()
    assert {"/api/ask", "/api/ask/stream", "/api/articles", "/api/search"} <= schema["paths"].keys()
    assert schema["components"]["schemas"]["AskBody"]["examples"]


def test_keys_are_demanded_where_they_are_set(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    article = tmp_path / "a.txt"
    article.write_text("The harbour of Lindow reopened on Monday.")
    assert run_ibid(folder, "ingest", str(article)).returncode == 0
    process, url = start_server(folder, IBID_API_KEYS="one-key, other-key")
    try:
        body = {"question": "When did the harbour of Lindow reopen?"}
        assert httpx.post(f"{url}/api/ask", json=body).status_code == 401
        for key, status in (("wrong", 401), ("one-key", 200), ("other-key", 200)):
            headers = {"Authorization": f"Bearer {key}"}
            assert httpx.post(f"{url}/api/ask", json=body, headers=headers).status_code == status
        assert run_ibid(folder, "ask", body["question"]).returncode == 0
        assert "one-key" not in run_ibid(folder, "config", IBID_API_KEYS="one-key").stdout
    finally:
        stop_server(process)
