"""Spans by OpenTelemetry's SDK, sent by OTLP over HTTP as the ``OTEL_*`` variables say.

``engine.tracing`` alone imports it, where a collector is named.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from engine.version import __version__

_CLOSE_SECONDS = 2.0
# What an exception says may hold ids of users: ``_begun`` keeps its name alone.
_AS_IT_IS = {"record_exception": False, "set_status_on_exception": False}
SpanValues = Mapping[str, str | bool | int | float]


class _OtlpSpan:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def set(self, name: str, value: str | bool | int | float) -> None:
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def fail(self, kind: str) -> None:
        self._span.set_status(StatusCode.ERROR)
        self._span.set_attribute("error.type", kind)


class OtlpTracer:
    """Makes spans; a provider of its own, so that a program's is left alone."""

    def __init__(self) -> None:
        service = os.environ.get("OTEL_SERVICE_NAME", "engine")
        resource = Resource.create({SERVICE_NAME: service, SERVICE_VERSION: __version__})
        self._exporter = OTLPSpanExporter()
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("engine", __version__)
        self._propagator = TraceContextTextMapPropagator()

    def close(self) -> None:
        """Send what is not sent yet; a collector that does not answer is given two seconds."""
        give_up = threading.Timer(_CLOSE_SECONDS, self._exporter.shutdown)
        give_up.daemon = True
        give_up.start()
        self._provider.shutdown()
        give_up.cancel()

    @contextmanager
    def span(
        self,
        name: str,
        values: SpanValues,
        kind: SpanKind = SpanKind.INTERNAL,
        parent: Context | None = None,
    ) -> Iterator[_OtlpSpan]:
        """Make a span, a part of ``parent`` or of the one that is under way, and be under way."""
        with self._begun(name, values, kind, parent) as made, trace.use_span(made, **_AS_IT_IS):
            yield _OtlpSpan(made)

    @contextmanager
    def request_span(self, name: str, headers: Mapping[str, str]) -> Iterator[_OtlpSpan]:
        """Make the span of a request, in the trace of its client where the headers name one."""
        parent = self._propagator.extract(headers, Context())
        with self.span(name, {}, SpanKind.SERVER, parent) as span:
            yield span

    @contextmanager
    def statement_span(self, name: str) -> Iterator[_OtlpSpan]:
        """Make the span of a statement where one is under way.

        It is not under way itself: rows that are streamed are used between two of them.
        """
        if not trace.get_current_span().get_span_context().is_valid:
            yield _OtlpSpan(trace.INVALID_SPAN)
            return
        values = {"db.system.name": "neo4j", "db.query.summary": name}
        with self._begun(name, values, SpanKind.CLIENT) as made:
            yield _OtlpSpan(made)

    @contextmanager
    def _begun(
        self, name: str, values: SpanValues, kind: SpanKind, parent: Context | None = None
    ) -> Iterator[trace.Span]:
        """Begin a span and end it; the name of an exception is kept and its message is not."""
        made = self._tracer.start_span(name, parent, kind, dict(values))
        try:
            yield made
        except GeneratorExit:  # nobody wants the rows that are left
            raise
        except BaseException as error:
            _OtlpSpan(made).fail(type(error).__name__)
            raise
        finally:
            made.end()

    @staticmethod
    def current_ids() -> tuple[str, str] | None:
        """Return the ids of the trace and the span that are under way, in hex, or None."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
