"""Traces: spans of requests, commands, loads and nights, and of the Cypher statements within them.

Off unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector; until then no module of OpenTelemetry
is imported and a span costs a function call. Names and figures go into spans, never values of
statements or ids of users (docs/observing.md).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from engine.optional_dependencies import require

if TYPE_CHECKING:
    from engine.otlp_tracer import OtlpTracer

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SpanValue = str | bool | int | float


class TraceSpan(Protocol):
    """What is under way."""

    def set(self, name: str, value: SpanValue) -> None:
        """Give it an attribute."""

    def rename(self, name: str) -> None:
        """Give it another name, once it is known what it is."""

    def fail(self, kind: str) -> None:
        """Mark it as failed; an exception that leaves it does so too."""


class _NoSpan:
    def set(self, name: str, value: SpanValue) -> None:
        pass

    def rename(self, name: str) -> None:
        pass

    def fail(self, kind: str) -> None:
        pass


_NO_SPAN = _NoSpan()
_tracer: "OtlpTracer | None" = None


@contextmanager
def exporting() -> Iterator[None]:
    """Send spans to the collector that the environment names, where it names one.

    What is not sent when the block ends is sent then; a collector that is away delays that by two
    seconds.

    Raises:
        MissingExtra: A collector is named and OpenTelemetry is not installed.
    """
    global _tracer  # noqa: PLW0603 - one process has one collector
    if not _is_wanted() or _tracer is not None:
        yield
        return
    require(
        "otel", "sending traces to a collector", otherwise="or send none: OTEL_SDK_DISABLED=true"
    )
    from engine.otlp_tracer import OtlpTracer  # noqa: PLC0415 - an extra

    _tracer = OtlpTracer()
    try:
        yield
    finally:
        _tracer.close()
        _tracer = None


def _is_wanted() -> bool:
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    return any(os.environ.get(name) for name in _ENDPOINTS)


def span(name: str, **values: SpanValue) -> AbstractContextManager[TraceSpan]:
    """Return a span: a part of the one that is under way, or the first of a trace.

    Args:
        name: Such as ``engine recommend``.
        values: Attributes; each is called ``engine.NAME``.
    """
    if _tracer is None:
        return _no_span()
    return _tracer.span(name, {f"engine.{key}": value for key, value in values.items()})


def request_span(name: str, headers: Mapping[str, str]) -> AbstractContextManager[TraceSpan]:
    """Return the span of a request, in the trace that its ``traceparent`` names or a new one."""
    return _no_span() if _tracer is None else _tracer.request_span(name, headers)


def statement_span(name: str) -> AbstractContextManager[TraceSpan]:
    """Return the span of a Cypher statement, where it is part of something that is traced.

    What a service asks the database every second for itself is part of nothing.
    """
    return _no_span() if _tracer is None else _tracer.statement_span(name)


def current_ids() -> tuple[str, str] | None:
    """Return the ids of the trace and the span that are under way, in hex, or None."""
    return None if _tracer is None else _tracer.current_ids()


@contextmanager
def _no_span() -> Iterator[TraceSpan]:
    yield _NO_SPAN
