"""Traces: a span a request, and nothing of what was asked."""

from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rag.build import Ibid
from ui.api import create_app
from ui.tracing import instrument


def test_a_request_is_a_span_without_its_question(ibid: Ibid) -> None:
    app, spans = create_app(ibid), InMemorySpanExporter()
    instrument(app, SimpleSpanProcessor(spans))
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.post("/api/ask", json={"question": "Where is the mill?"}).is_success
    assert client.get("/health").is_success
    told = [span.to_json() for span in spans.get_finished_spans()]
    assert any("/api/ask" in span for span in told)
    assert not any("mill" in span or "/health" in span for span in told)
