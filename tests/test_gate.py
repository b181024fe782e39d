"""Who may call from where, how much and how often, and what a response tells and does not tell."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.build import Ibid
from ui.api import create_app
from ui.gate import BODY_MB
from ui.logs import TextFormatter
from ui.streaming import AnswerQueue

QUESTION = {"question": "Where is the mill?"}
TURN = {"role": "user", "content": "Who?"}
HERE = "http://127.0.0.1:8000"


@pytest.fixture
def client(ibid: Ibid) -> TestClient:
    return caller(ibid)


def caller(ibid: Ibid, **settings: Any) -> TestClient:
    changed = replace(ibid, settings=ibid.settings.model_copy(update=settings))
    return TestClient(create_app(changed), base_url=HERE, raise_server_exceptions=False)


def keys(listed: str) -> dict[str, Any]:
    from pydantic import SecretStr

    return {"api_keys": SecretStr(listed)}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("192.168.1.7", 200),
        ("localhost:9", 200),
        ("LOCALHOST", 200),
        ("ibid.localhost", 200),
        ("ibid.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example", 400),
        ("evil.example:127", 400),
        ("", 400),
    ],
)
def test_only_names_of_this_server_are_answered(client: TestClient, host: str, status: int) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == status


def test_a_name_can_be_allowed(ibid: Ibid) -> None:
    client = caller(ibid, allowed_hosts="ibid.example, other.example")
    assert client.get("/health", headers={"Host": "ibid.example:443"}).status_code == 200
    assert client.get("/health", headers={"Host": "third.example"}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": HERE}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "http://127.0.0.1:8000.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_pages_of_other_sites_change_nothing(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    assert client.post("/api/ask", json=QUESTION, headers=headers).status_code == status
    refused = client.post("/api/articles", files={"file": ("a.exe", b"x")}, headers=headers)
    assert (refused.status_code == 403) is (status == 403)
    assert "access-control-allow-origin" not in refused.headers


def test_the_pages_of_an_origin_can_be_allowed(ibid: Ibid) -> None:
    client = caller(ibid, allowed_origins="https://desk.example")
    headers = {"Origin": "https://desk.example"}
    asked = client.post("/api/ask", json=QUESTION, headers=headers)
    assert asked.headers["access-control-allow-origin"] == "https://desk.example"
    preflight = client.options(
        "/api/ask", headers={**headers, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 200
    foreign = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/api/ask", headers=foreign).status_code == 403


@pytest.mark.parametrize("path", ["/health", "/api/articles", "/docs", "/nothing"])
def test_every_response_has_the_headers_that_guard_it(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-request-id"]
    assert "server" not in headers


def test_a_request_keeps_its_id_unless_that_is_none(client: TestClient) -> None:
    given = client.get("/health", headers={"X-Request-ID": "desk-7.a"})
    assert given.headers["x-request-id"] == "desk-7.a"
    odd = client.get("/health", headers={"X-Request-ID": "a b\tc"})
    assert odd.headers["x-request-id"] != "a b\tc"


def test_the_documentation_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "/static-offline-docs/swagger-ui-bundle.js" in page
    assert "https://" not in page
    assert client.get("/static-offline-docs/swagger-ui-bundle.js").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/api/articles/nothing", {}, 404),
        ("GET", "/api/nowhere", {}, 404),
        ("PUT", "/api/ask", {}, 405),
        ("TRACE", "/api/ask", {}, 405),
        ("POST", "/api/ask", {"json": {}}, 422),
        ("POST", "/api/ask", {"content": '{"question": "\\ud800"}'}, 422),
        ("POST", "/api/check", {"content": '{"text": "a \\udfff"}'}, 422),
        ("POST", "/api/ask", {"json": {**QUESTION, "history": [TURN] * 101}}, 422),
        ("POST", "/api/ask", {"json": {**QUESTION, "filters": {"articles": ["\u0000"]}}}, 404),
        ("POST", "/api/ask", {"content": b" " * (BODY_MB * 1_000_000 + 1)}, 413),
        ("POST", "/api/ask", {"content": iter([b" " * 1_000_000] * (BODY_MB + 1))}, 413),
        ("POST", "/api/articles", {"files": {"file": ("a.exe", b"MZ")}}, 415),
        ("GET", "/api/articles?limit=0", {}, 422),
    ],
)  # fmt: skip
def test_errors_are_problems_that_say_what_to_do(
    client: TestClient, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    headers = {"Content-Type": "application/json"} if "content" in options else {}
    response = client.request(method, path, headers=headers, **options)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert told["detail"]


def test_keys_have_scopes(ibid: Ibid) -> None:
    client = caller(ibid, **keys("desk:read, boss"))
    file = {"file": ("a.exe", b"x")}

    def status(key: str, path: str = "/api/articles", **options: Any) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        method = "POST" if options else "GET"
        return client.request(method, path, headers=headers, **options).status_code

    assert [status(key) for key in ("", "desk", "boss", "desk:read", "other")] == [
        401, 200, 200, 401, 401,
    ]  # fmt: skip
    assert [status(key, files=file) for key in ("", "desk", "boss")] == [401, 403, 415]
    removed = client.delete("/api/articles/x", headers={"Authorization": "Bearer desk"})
    assert removed.status_code == 403


def test_a_caller_may_ask_so_often(ibid: Ibid) -> None:
    client = caller(ibid, rate_limit="2/minute", **keys("a,b"))

    def search(key: str) -> Any:
        return client.get("/api/articles", headers={"Authorization": f"Bearer {key}"})

    assert [search("a").status_code for _ in range(3)] == [200, 200, 429]
    assert 0 < int(search("a").headers["retry-after"]) <= 60
    assert search("b").status_code == 200
    assert client.get("/health").status_code == 200


def test_articles_come_in_pages(client: TestClient) -> None:
    every = client.get("/api/articles")
    ids = [item["id"] for item in every.json()]
    assert every.headers["x-total-count"] == str(len(ids)) == "5"
    page = client.get("/api/articles", params={"limit": 2, "offset": 2}).json()
    assert [item["id"] for item in page] == ids[2:4]
    assert client.get("/api/articles", params={"offset": 9}).json() == []


def test_a_full_queue_says_come_again(client: TestClient) -> None:
    app: Any = client.app
    app.state.answers = AnswerQueue(app.state.metrics, at_once=1, most=0)
    for path in ("/api/ask", "/api/ask/stream", "/v1/chat/completions"):
        body = {**QUESTION} if "api" in path else {"messages": [TURN]}
        refused = client.post(path, json=body)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health").status_code == 200
    assert "ibid_turned_away_total 4.0" in client.get("/metrics").text


def test_answers_are_counted(client: TestClient) -> None:
    client.post("/api/ask", json=QUESTION)
    figures = client.get("/metrics").text
    assert "ibid_answer_seconds_count 1.0" in figures
    assert "ibid_answers_in_progress 0.0" in figures


@pytest.mark.parametrize("allowed", [False, True])
def test_a_question_is_logged_only_where_that_is_allowed(
    ibid: Ibid, caplog: pytest.LogCaptureFixture, allowed: bool
) -> None:
    caplog.set_level(logging.INFO)
    caller(ibid, log_questions=allowed).post("/api/ask", json=QUESTION)
    formatter = TextFormatter()
    lines = [
        formatter.format(record) for record in caplog.records if record.name[:2] in ("ui", "ib")
    ]
    assert any('"path": "/api/ask"' in line for line in lines)
    assert ("mill" in "".join(lines)) is allowed


def test_nothing_begins_a_line_of_its_own_in_the_log() -> None:
    record = logging.LogRecord(
        "ui", logging.INFO, "", 0, "failed %s", ("a\nERROR b\x1b[31m",), None
    )
    record.path = "/x\u2028y"
    line = TextFormatter("%(levelname)s %(message)s").format(record)
    assert line.startswith("INFO failed a\\nERROR b\\x1b[31m")
    assert len(line.splitlines()) == 1


def test_an_unexpected_error_tells_nothing_of_the_inside(
    ibid: Ibid, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr("ui.api.find_passages", fail)
    response = caller(ibid).get("/api/search", params={"q": "x"})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["detail"]


def test_the_schema_tells_every_error_as_a_problem(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    for path, methods in schema["paths"].items():
        if path.startswith("/v1"):
            continue
        for method in methods.values():
            for status, told in method["responses"].items():
                if status.startswith(("4", "5")):
                    assert "application/problem+json" in told["content"], (path, status)
    json.dumps(schema)
