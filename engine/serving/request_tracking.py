"""Around every request: an id, a clock, headers, a line in the log; no stack trace for a client.

Neither ids of users nor keys reach the log: a line holds the route's template and the public part
of a key.
"""

import logging
import time
import uuid
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.serving.metrics import Metrics
from engine.serving.problems import Problem

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
        status: list[int] = []

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = state["request_id"]
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, sealed)
        except Exception:
            _LOG.exception("request %s broke", state["request_id"])
            if not status:
                problem = Problem(500, "the log has more under this request id")
                await problem.response(scope)(scope, receive, sealed)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: Sequence[int], seconds: float) -> None:
        code = status[0] if status else 0
        route = getattr(scope.get("route"), "path_format", _ELSEWHERE)
        self._metrics.requests.labels(route, code).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        caller = scope["state"].get("caller")
        _LOG.info(
            "%s %s %s %d %.1fms key=%s",
            scope["state"]["request_id"],
            scope["method"],
            route,
            code,
            1_000 * seconds,
            caller.id if caller else "-",
        )
