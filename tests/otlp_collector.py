"""A collector of traces: takes OTLP over HTTP, as any would, and keeps the spans."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class CollectedSpan:
    """One span; ids in hex, ``parent`` empty for the first of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    values: dict[str, Any]
    service: str
    failed: bool
    events: int


class OtlpCollector:
    """A collector on loopback; spans are there once who sent them has closed its exporter."""

    def __init__(self) -> None:
        self.spans: list[CollectedSpan] = []
        spans = self.spans

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/v1/traces":
                    spans.extend(_spans(body))
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "OtlpCollector":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def named(self, name: str) -> list[CollectedSpan]:
        """Return the spans of a name."""
        return [one for one in self.spans if one.name == name]

    def parts(self, whole: CollectedSpan) -> list[CollectedSpan]:
        """Return the spans directly within a span."""
        return [one for one in self.spans if one.parent == whole.id and one.trace == whole.trace]


def _spans(body: bytes) -> list[CollectedSpan]:
    found = []
    for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _values(sent.resource.attributes)["service.name"]
        for one in (span for scope in sent.scope_spans for span in scope.spans):
            found.append(
                CollectedSpan(
                    one.name,
                    one.trace_id.hex(),
                    one.span_id.hex(),
                    one.parent_span_id.hex(),
                    _values(one.attributes),
                    service,
                    one.status.code == 2,
                    len(one.events),
                )
            )
    return found


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
