"""Around a request: an answer always, a connection that ends where a body was left unread."""

import asyncio
import logging
from collections.abc import Iterable

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.serving.prometheus_metrics import Metrics
from engine.serving.request_tracking import RequestTracking

CHUNKED = [(b"transfer-encoding", b"chunked")]
LENGTH = [(b"content-length", b"2")]


async def reads(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await Response("done")(scope, receive, send)


async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
    await Response("no", 401)(scope, receive, send)


async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("secret of the inside")


async def is_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    raise asyncio.CancelledError


def _answer(
    app: ASGIApp, headers: Iterable[tuple[bytes, bytes]] = ()
) -> tuple[int, dict[str, str]]:
    sent: list[Message] = []
    body = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.request"}]

    async def receive() -> Message:
        return body.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/users/alice", "headers": list(headers)}
    asyncio.run(RequestTracking(app, Metrics())(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found


@pytest.mark.parametrize("headers", [LENGTH, CHUNKED])
def test_a_body_that_was_left_unread_ends_the_connection(
    headers: list[tuple[bytes, bytes]],
) -> None:
    assert _answer(refuses, headers)[1]["connection"] == "close"
    assert "connection" not in _answer(reads, headers)[1]


def test_without_a_body_the_connection_stays() -> None:
    assert "connection" not in _answer(refuses)[1]
    assert "connection" not in _answer(refuses, [(b"content-length", b"0")])[1]


@pytest.mark.parametrize(("app", "status"), [(breaks, 500), (is_cancelled, 503)])
def test_there_is_an_answer_whatever_happens(app: ASGIApp, status: int) -> None:
    code, headers = _answer(app, LENGTH)
    assert (code, headers["content-type"]) == (status, "application/problem+json")
    assert headers["x-request-id"]
    assert headers["connection"] == "close"


def test_the_log_has_no_id_of_a_user(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "engine.serving.request_tracking"):
        _answer(reads)
    assert " 200 " in caplog.text
    assert "alice" not in caplog.text
