"""Malformed HTTP, byte by byte: refused, the connection closed, the service alive."""

import socket
from contextlib import ExitStack
from typing import Any

import pytest

GET = b"GET /v1/users/u1/recommendations HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

BROKEN = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "one length twice": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "list of lengths": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "negative length": POST + b"Content-Length: -1\r\n\r\n",
    "signed length": POST + b"Content-Length: +2\r\n\r\n{}",
    "hex length": POST + b"Content-Length: 0x2\r\n\r\n{}",
    "huge length": POST + b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "chunk size overflow": POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx\r\n",
    "chunk size not hex": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
    "negative chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n",
    "other coding": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding twice": POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n",
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "folded header": GET + b"X-A: b\r\n c\r\n\r\n",
    "bare line feeds": GET.replace(b"\r\n", b"\n") + b"\n",
    "bare carriage return": GET + b"X-A: b\rX-B: c\r\n\r\n",
    "space before colon": GET + b"X-A : b\r\n\r\n",
    "no colon": GET + b"X-A\r\n\r\n",
    "empty name": GET + b": b\r\n\r\n",
    "space in name": GET + b"X A: b\r\n\r\n",
    "NUL in value": GET + b"X-A: b\x00c\r\n\r\n",
    "NUL in target": b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "high bytes in target": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "high bytes in query": b"GET /?user=\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "space in target": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET /v1/users/u1/recommendations HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: evil\r\n\r\n",
    "version 9.9": GET.replace(b"1.1", b"9.9") + b"\r\n",
    "version 0.9": b"GET /v1/nothing\r\n\r\n",
    "http/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "garbage": bytes(range(1, 255)) + b"\r\n\r\n",
    "no request": b"\r\n\r\n\r\n\r\n",
    "large header": GET + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n",
    "endless header": GET + b"X-A: " + b"a" * 1_000_000,
    "many headers": GET + b"".join(b"X-%d: a\r\n" % n for n in range(1_000)) + b"\r\n",
    "long target": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "long method": b"G" * 100_000 + b" / HTTP/1.1\r\n\r\n",
    "connect": b"CONNECT evil:80 HTTP/1.1\r\nHost: evil:80\r\n\r\n",
    "absolute target": b"GET http://evil/v1/nothing HTTP/1.1\r\nHost: evil\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "websocket": GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "h2c": GET + b"Upgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AAM\r\n\r\n",
}  # fmt: skip
# Whose framing is in doubt: whatever follows on that connection cannot be trusted.
FRAMING = [name for name in BROKEN if any(word in name for word in ("length", "chunk", "coding"))]


def exchange(
    address: tuple[str, int], data: bytes, patience: tuple[float, float]
) -> tuple[bytes, bool]:
    """Send bytes and return what came back, and whether the server closed.

    Args:
        address: Of the service.
        data: What is sent.
        patience: Seconds until something comes back, and until the next or the end does.
    """
    first, next_ = patience
    with socket.create_connection(address, timeout=60) as connection:
        try:
            connection.sendall(data)
            connection.settimeout(first)
            received = b""
            while more := connection.recv(65_536):
                received += more
                connection.settimeout(next_)
        except TimeoutError:
            return received, False
        except ConnectionError:
            return b"", True
        return received, True


@pytest.mark.parametrize("name", BROKEN)
def test_malformed_requests(running: Any, name: str) -> None:
    # A connection over which nothing was asked, or that is kept, stays silent for a while.
    patience = (3 if name == "no request" else 60, 60 if name in FRAMING else 3)
    received, closed = exchange(running.address, BROKEN[name], patience)
    statuses = [int(line[9:12]) for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1")]
    assert all(400 <= status < 500 for status in statuses), received
    assert statuses or closed or name == "no request"
    assert b"Traceback" not in received
    if name in FRAMING:
        assert closed, received
    with running.client() as client:
        assert client.get("/health/live").status_code == 200


def test_clients_that_hang_up(running: Any, until: Any) -> None:
    """A thousand clients leave in the middle; no thread and no connection stays behind."""
    key = running.keys["read"].encode()
    for n in range(1_000):
        with socket.create_connection(running.address) as connection:
            whole = GET + b"Authorization: Bearer " + key + b"\r\n\r\n"
            connection.sendall(whole[: 1 + n % len(whole)])
    with running.client("read") as client:
        for _ in range(20):
            assert client.get("/v1/users/u1/recommendations").status_code == 200
        until(lambda: "engine_busy 0.0" in client.get("/metrics").text)


def test_a_head_that_never_ends(running: Any) -> None:
    """Whoever says half a sentence is not listened to for ever; they are waited for together."""
    with ExitStack() as stack:
        connections = []
        for begun in (b"", b"GET / HT", GET + b"X-A: b"):
            connection = socket.create_connection(running.address, timeout=60)
            connections.append(stack.enter_context(connection))
            connection.sendall(begun)
        for connection in connections:
            assert connection.recv(65_536) == b""


PUT = b"PUT /v1/items/i1 HTTP/1.1\r\nHost: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
LATER = b"Content-Length: 100000\r\n\r\n"
UNREAD = {
    "no key": POST + LATER,
    "no key, chunks": POST + b"Transfer-Encoding: chunked\r\n\r\n",
    "a part of the body": POST + LATER + b'{"events": [',
    "no type": b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n" + LATER,
    "too large": POST + b"Content-Length: 1000000000\r\n\r\n",
    "compressed": POST + b"Content-Encoding: gzip\r\n" + LATER,
    "PUT without a type": PUT + LATER,
    "PUT, too large": PUT + JSON + b"Content-Length: 1000000000\r\n\r\n",
    "PATCH of another type": PUT.replace(b"PUT", b"PATCH") + b"Content-Type: a/b\r\n" + LATER,
    "another verb": POST.replace(b"POST", b"PUT") + LATER,
    "no such route": POST.replace(b"POST /v1/events", b"PATCH /nowhere") + LATER,
    "GET with a body": GET + LATER,
    "GET of a public page": GET.replace(b"/v1/users/u1/recommendations", b"/health/live") + LATER,
    "OPTIONS with a body": GET.replace(b"GET", b"OPTIONS") + LATER,
    "waits to be told": POST + b"Expect: 100-continue\r\n" + LATER,
}


@pytest.mark.parametrize("keyed", [False, True])
@pytest.mark.parametrize("name", UNREAD)
def test_what_is_refused_before_its_body_was_read_is_closed(
    running: Any, name: str, keyed: bool
) -> None:
    key = b"Authorization: Bearer " + running.keys["read"].encode() + b"\r\n"
    first, rest = UNREAD[name].split(b"\r\n", 1)
    request = first + b"\r\n" + (key if keyed else b"") + rest
    if keyed and name in ("no key", "no key, chunks", "a part of the body", "waits to be told"):
        request = request.replace(b"application/json", b"text/plain")
    with socket.create_connection(running.address, timeout=60) as connection:
        connection.sendall(request)
        received = b""
        while more := connection.recv(65_536):  # until it closes: nothing here ends the body
            received += more
    head = received.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nconnection: close" in head
    assert head.startswith(b"http/1.1 4"), head
    assert head.count(b"http/1.1") == 1


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW"])
@pytest.mark.parametrize(
    ("path", "allowed"), [("/v1/users/u1/recommendations", "GET"), ("/v1/events", "POST")]
)
def test_other_verbs_are_not_allowed(running: Any, verb: str, path: str, allowed: str) -> None:
    with running.client("read") as client:
        for content in (None, b'{"events": []}'):
            answer = client.request(verb, path, content=content)
            if verb == "HEAD" and content is not None:
                continue  # a body is what is wrong with it
            assert answer.status_code == 405
            assert allowed in answer.headers["allow"].split(", ")
