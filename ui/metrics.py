"""What Prometheus is told: how much there is, how much is asked, and how long answers take."""

import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from ingest.library import Library
from rag.types import Answer

SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one running server, in a registry of its own."""

    def __init__(self, library: Library) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)  # memory, processor and files, where Linux tells
        begun = time.monotonic()
        self._gauge("ibid_articles", "Articles").set_function(library.count_articles)
        self._gauge("ibid_passages", "Passages").set_function(library.count_passages)
        self._gauge("ibid_uptime_seconds", "Seconds since the start").set_function(
            lambda: round(time.monotonic() - begun, 1)
        )
        self.inside = self._gauge("ibid_answers_in_progress", "Questions waiting or being answered")
        self.turned_away = Counter(
            "ibid_turned_away", "Questions refused because too many waited", registry=self._registry
        )
        self._answers = Counter(
            "ibid_answers", "Answers by status", ["status"], registry=self._registry
        )
        self._seconds = Histogram(
            "ibid_answer_seconds",
            "Seconds from a question to its answer",
            buckets=SECONDS,
            registry=self._registry,
        )

    def _gauge(self, name: str, told: str) -> Gauge:
        return Gauge(name, told, registry=self._registry)

    def answered(self, answer: Answer, seconds: float) -> None:
        """Count an answer."""
        self._answers.labels(answer.status).inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all figures in the Prometheus text format."""
        return generate_latest(self._registry)
