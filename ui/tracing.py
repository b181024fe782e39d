"""Traces of requests, for an OpenTelemetry collector where one is configured (extra `otel`)."""

from fastapi import FastAPI

from ingest.errors import BadInputError

UNTRACED = "health,health/ready,metrics,static-offline-docs"
"""Paths that are asked again and again and say nothing of how the server does."""


def trace_to(app: FastAPI, url: str) -> None:
    """Send a span for each request to a collector (OTLP over gRPC); nothing of what is asked.

    Raises:
        BadInputError: the packages are not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise _missing() from None
    instrument(app, BatchSpanProcessor(OTLPSpanExporter(url, insecure=url.startswith("http:"))))


def instrument(app: FastAPI, processor: object) -> None:
    """Make a span of each request of an app, and hand it to a span processor."""
    try:
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    except ImportError:
        raise _missing() from None
    assert isinstance(processor, SpanProcessor)  # noqa: S101 its type is the extra's
    provider = TracerProvider(resource=Resource.create({"service.name": "ibid"}))
    provider.add_span_processor(processor)
    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider, excluded_urls=UNTRACED)


def _missing() -> BadInputError:
    return BadInputError("IBID_OTLP_URL needs more packages: pip install 'ibid[otel]'.")
