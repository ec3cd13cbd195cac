"""Connections under a real uvicorn: bounded in number, in time and in what they say."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.serving.strict_http import StrictHttp

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
LARGE = bytes(16 * 1024 * 1024)
LIMIT = 20


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    answer = Response(LARGE if scope["path"] == "/large" else "here")
    if scope["method"] == "POST":  # and its body is left unread
        answer.headers["Connection"] = "close"
    await answer(scope, receive, send)


class Patient(StrictHttp):
    """Waits for a client that the machine holds up."""

    head_seconds = write_seconds = linger_seconds = 60.0


class Hurried(Patient):
    """Waits a moment for a head, and for a client that sends what nobody reads."""

    head_seconds = linger_seconds = 0.2


class Unread(Patient):
    """Waits a moment for a client that does not read."""

    write_seconds = 0.2


@contextlib.contextmanager
def _serving(
    protocol: type[asyncio.Protocol], limit: int | None = None
) -> Iterator[Callable[[], socket.socket]]:
    config = uvicorn.Config(
        app, http=protocol, ws="none", lifespan="off", log_config=None, limit_concurrency=limit
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        address = listening.getsockname()
        try:
            with contextlib.ExitStack() as opened:
                yield lambda: opened.enter_context(socket.create_connection(address, timeout=30))
        finally:
            server.should_exit = True
            thread.join()


def _status(connection: socket.socket) -> int:
    """Return the status of an answer that was read to its end."""
    connection.sendall(GET)
    received = b""
    while not received.endswith((b"here", b"\r\n\r\n")) and (more := connection.recv(65_536)):
        received += more
    if received.startswith(b"HTTP/1.1 200"):
        while not received.endswith(b"here"):
            received += connection.recv(65_536)
    return int(received[9:12])


def _send_for_ever(connection: socket.socket) -> NoReturn:
    while True:
        connection.sendall(bytes(65_536))


def _until_closed(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while more := connection.recv(1 << 20):
            received += more
    return received


def test_idle_connections_keep_nobody_out_and_the_longest_idle_goes_first() -> None:
    with _serving(Patient, LIMIT) as connect:
        asked = connect()
        assert _status(asked) == 200
        idle = [connect() for _ in range(5 * LIMIT)]
        last = connect()
        assert _status(last) == 200
        assert _until_closed(asked) == b""
        assert all(_until_closed(one) == b"" for one in idle[: 4 * LIMIT])
        assert _status(idle[-1]) == 200


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"GET / HT", GET[:-2]])
def test_whoever_does_not_finish_a_head_is_let_go(begun: bytes) -> None:
    with _serving(Hurried) as connect:
        connection = connect()
        connection.sendall(begun)
        assert _until_closed(connection) == b""


def test_an_empty_line_after_an_answer_keeps_no_connection_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _serving(Patient) as connect:
        connection = connect()
        assert _status(connection) == 200
        monkeypatch.setattr(Patient, "head_seconds", 0.2)
        connection.sendall(b"\r\n")
        assert _until_closed(connection) == b""


def test_whoever_does_not_read_is_let_go() -> None:
    with _serving(Unread, limit=1) as connect:
        slow = connect()
        slow.sendall(GET.replace(b"/ ", b"/large "))
        # Busy, so not to be put out for others: it ends by itself, and then there is room.
        while _status(connect()) == 503:
            pass
        assert len(_until_closed(slow)) < len(LARGE)


def test_a_refusal_is_read_by_whoever_still_sends() -> None:
    """A socket that is closed over unread bytes is reset, and the answer may be lost with it."""
    post = b"POST /refused HTTP/1.1\r\nHost: here\r\nContent-Length: 2000000\r\n\r\n"
    with _serving(Patient) as connect:
        for _ in range(20):
            connection = connect()
            connection.sendall(post)
            received = connection.recv(65_536)
            connection.sendall(bytes(2_000_000))
            while more := connection.recv(65_536):
                received += more
            assert received.startswith(b"HTTP/1.1 200 ")
            assert received.endswith(b"here")


def test_whoever_sends_without_end_is_let_go() -> None:
    with _serving(Hurried) as connect:
        connection = connect()
        head = GET[:-2].replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head)
        with pytest.raises(ConnectionError):
            _send_for_ever(connection)


@pytest.mark.parametrize("verb", [b"BREW", b"get", b"X-VERB", b"QUERYX"])
def test_a_verb_that_nobody_knows_is_not_allowed(verb: bytes) -> None:
    with _serving(StrictHttp) as connect:
        connection = connect()
        connection.sendall(verb + GET[3:])
        received = _until_closed(connection)
    assert received.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nallow: GET, HEAD, POST\r\n" in received


@pytest.mark.parametrize(
    "broken", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"BREW me\r\n\r\n"]
)
def test_what_is_no_request_is_malformed(broken: bytes) -> None:
    with _serving(StrictHttp) as connect:
        connection = connect()
        connection.sendall(broken)
        assert _until_closed(connection).startswith(b"HTTP/1.1 400 ")
