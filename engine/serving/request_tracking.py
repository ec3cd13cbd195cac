"""Around every request: an id, a clock, headers, a line in the log; no stack trace for a client.

A request that is answered before its body was read ends its connection: what follows on it would
be that body, for which nobody waits.

Neither ids of users nor keys reach the log: a line holds the route's template and the public part
of a key.
"""

import asyncio
import logging
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine import logs, tracing
from engine.serving.body import has_body
from engine.serving.problems import BROKEN, Problem, unavailable
from engine.serving.prometheus_metrics import Metrics

_LOG = logging.getLogger(__name__)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ELSEWHERE = "(none)"
"""The route of what matches no route: a client must not be able to name metrics."""


class RequestTracking:
    """The outermost layer.

    Args:
        app: What is inside.
        metrics: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        state = scope.setdefault("state", {})
        state["request_id"], state["began"] = uuid.uuid4().hex, began
        exchange = _Exchange(scope, receive, send)
        with (
            logs.log_fields(request_id=state["request_id"]),
            tracing.request_span(scope["method"], Headers(scope=scope)) as span,
        ):
            span.set("engine.request_id", state["request_id"])
            await self._answer(scope, exchange)
            _describe(span, scope, exchange.status or 0)
            self._note(scope, exchange.status or 0, time.perf_counter() - began)

    async def _answer(self, scope: Scope, exchange: "_Exchange") -> None:
        """Answer, with a problem where the application does not."""
        problem: Problem | None = None
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:  # uvicorn ends, and waits for this request no longer
            problem = unavailable(
                "the service is shutting down: send the request again once it has restarted"
            )
        except Exception:
            _LOG.exception("request %s broke", scope["state"]["request_id"])
            problem = Problem(500, BROKEN)
        if problem is not None and exchange.status is None:
            await problem.response(scope)(scope, exchange.receive, exchange.send)

    def _note(self, scope: Scope, code: int, seconds: float) -> None:
        route = _route(scope)
        self._metrics.requests.labels(route, code).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        caller = scope["state"].get("caller")
        shown = {
            "method": scope["method"],
            "route": route,
            "status": code,
            "ms": round(1_000 * seconds, 1),
            "key": caller.id if caller else "-",
        }
        _LOG.info(
            "%s %s %s %d %.1fms key=%s",
            scope["state"]["request_id"],
            *shown.values(),
            extra={"fields": shown},
        )


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path_format", _ELSEWHERE)


def _describe(span: tracing.TraceSpan, scope: Scope, code: int) -> None:
    """Name a span by the route; the path has ids of users."""
    span.rename(f"{scope['method']} {_route(scope)}")
    span.set("http.request.method", scope["method"])
    span.set("http.route", _route(scope))
    span.set("http.response.status_code", code)
    if code >= 500:
        span.fail(str(code))


class _Exchange:
    """One request and its answer.

    Attributes:
        status: Of the answer, None as long as none was begun.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._request_id = scope["state"]["request_id"]
        self._receive, self._send = receive, send
        self._unread = has_body(Headers(scope=scope))
        self.status: int | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._request_id
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self._unread:
                headers["Connection"] = "close"
        await self._send(message)
