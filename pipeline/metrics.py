"""Prometheus metrics of a run, served while it goes (``--metrics-port``; the extra ``metrics``)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pipeline.errors import UsageError
from pipeline.telemetry import FileEvent, State

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """Counts what a run does, in a registry of its own."""

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            GCCollector,
            Histogram,
            PlatformCollector,
            ProcessCollector,
        )

        self.registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self._found = Gauge("kehoach_files_found", "Files that the run met.", registry=registry)
        self._left = Gauge("kehoach_files_left", "Files to be read still.", registry=registry)
        self._running = Gauge("kehoach_running", "1 while the run goes.", registry=registry)
        self._files = Counter(
            "kehoach_files", "Files that came to an end.", ["outcome"], registry=registry
        )
        self._failures = Counter(
            "kehoach_failures", "Files that failed, by reason.", ["code"], registry=registry
        )
        self._pages = Counter("kehoach_pages", "Pages read.", registry=registry)
        self._words = Counter("kehoach_words", "Words read.", registry=registry)
        self._stages = Counter(
            "kehoach_stage_seconds", "Seconds of work by stage.", ["stage"], registry=registry
        )
        self._took = Histogram(
            "kehoach_file_seconds", "Seconds of work a file.", ["media_type"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip

    def begin(self, run: int, found: int, engine: str) -> None:
        """See :class:`pipeline.telemetry.Observer`."""
        self._found.set(found)
        self._left.set(found)
        self._running.set(1)
        for outcome in ("done", "failed", "skipped"):
            self._files.labels(outcome)

    def file(self, event: FileEvent) -> None:
        """See :class:`pipeline.telemetry.Observer`."""
        self._left.dec()
        self._files.labels(event.what).inc()
        if event.what == "failed":
            self._failures.labels(event.code).inc()
            return
        self._pages.inc(event.pages)
        self._words.inc(event.words)
        for stage, took in event.seconds.items():
            self._stages.labels(stage).inc(took)
        self._took.labels(event.media_type).observe(sum(event.seconds.values()))

    def skip(self) -> None:
        """See :class:`pipeline.telemetry.Observer`."""
        self._left.dec()
        self._files.labels("skipped").inc()

    def end(self, state: State, message: str) -> None:
        """See :class:`pipeline.telemetry.Observer`."""
        self._running.set(0)


@contextlib.contextmanager
def served(host: str, port: int) -> Iterator[Metrics]:
    """Metrics at ``http://host:port/metrics``. Raises UsageError when that cannot be."""
    try:
        from prometheus_client import start_http_server
    except ImportError:
        raise UsageError(
            "metrics are not installed; pip install 'kehoach[metrics]', or leave out --metrics-port"
        ) from None
    metrics = Metrics()
    try:
        server, thread = start_http_server(port, addr=host, registry=metrics.registry)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"metrics cannot be served at {host}:{port} ({error}); choose another --metrics-port"
        ) from None
    try:
        yield metrics
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
