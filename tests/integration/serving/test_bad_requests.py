"""Bad input over HTTP: a 4xx that says why, never a 5xx, and nothing is written."""

import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from engine.connections.session import open_graph

EVENT = {"user_id": "u1", "item_id": "i1", "timestamp": "2026-01-02T03:04:05Z"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(running: Any) -> Iterator[httpx.Client]:
    with running.client("read") as one:
        yield one


@pytest.fixture
def writer(running: Any) -> Iterator[httpx.Client]:
    """A client that may write; the graph must look the same afterwards."""

    def counts() -> dict[str, Any]:
        with open_graph(running.settings) as graph:
            return graph.read("status/counts")[0]

    before = counts()
    with running.client("write") as one:
        yield one
    assert counts() == before


def refused(answer: httpx.Response, *statuses: int) -> None:
    assert answer.status_code in (statuses or (422,)), answer.text
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["status"] == answer.status_code
    assert told["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    assert "Neo." not in answer.text
    assert "site-packages" not in answer.text


@pytest.mark.parametrize(
    "k",
    [
        "10.5",
        "-1",
        "0",
        "101",
        "2147483648",
        "9223372036854775808",
        "",
        "null",
        "ten",
        "1e1",
        "+5",
        "10.0",
        " 7",
        "0x10",
        "[1]",
        "1_0",
        "٣",
        "9" * 5_000,
    ],
)
def test_k(client: httpx.Client, k: str) -> None:
    refused(client.get("/v1/users/u1/recommendations", params={"k": k}))


@pytest.mark.parametrize("k", ["10", 10.5, -1, 0, 101, 2**31, 2**63, None, [1], {}, True, 1e300])
def test_k_in_a_body(client: httpx.Client, k: Any) -> None:
    refused(client.post("/v1/baskets/recommendations", json={"items": ["i1"], "k": k}))


@pytest.mark.parametrize(
    "where",
    [
        "kind",
        "=tea",
        "embedding_g1=0.1",
        "Kind=tea",
        "a b=c",
        "kind`=1",
        "a.b=1",
        "",
        "__x=1",
        "kind=" + "x" * 257,
        "k" * 64 + "=1",
        "kind<tea",
        "kind>",
        "kind==tea" + "x" * 256,
        "kind=user.",
        "kind!=user.embedding_g1",
        "embedding_g1<1",
    ],
)
def test_filters(client: httpx.Client, where: str) -> None:
    refused(client.get("/v1/users/u1/recommendations", params={"where": where}))


@pytest.mark.parametrize(
    "text",
    ["' OR 1=1 //", "`) DETACH DELETE n //", "\\u0027", "$x", "{}", "(a+)+$", "foo~ AND *:*"],
)
def test_cypher_in_values_is_text(client: httpx.Client, text: str) -> None:
    answer = client.get("/v1/users/u1/recommendations", params={"where": f"kind={text}"})
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    for where, shown in ((f"kind!={text}", 5), (f"kind=user.{text}", 0)):
        answer = client.get("/v1/users/u1/recommendations", params={"k": 5, "where": where})
        assert (answer.status_code, len(answer.json()["items"])) == (200, shown)
    answer = client.get("/v1/items/i1/similar", params={"user": text})
    assert answer.status_code == 200
    answer = client.post("/v1/baskets/recommendations", json={"items": [text]})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/v1/users//recommendations",
        "/v1/users/" + "x" * 10_000 + "/recommendations",
        "/v1/users/%ff/recommendations",
        "/v1/users/%ed%a0%80/recommendations",
        "/v1/users/" + "%F0%9F%98%80" * 65 + "/recommendations",
        "/v1/users/../recommendations",
        "/v1/users/u1/recommendations/",
        "//v1/users/u1/recommendations",
        "/v1/users/u1/Recommendations",
        "/V1/users/u1/recommendations",
        "/v1/generations/0/promote",
    ],
)
def test_paths(client: httpx.Client, path: str) -> None:
    refused(client.get(path), 404, 405, 422)


@pytest.mark.parametrize(
    "query",
    ["is_admin=1", "generation=2", "k=5&weight=9", "api_key=x", "now=0", "k=10&k=20", "k=5&k=5"],
)
def test_parameters_that_are_not_named_are_refused(client: httpx.Client, query: str) -> None:
    refused(client.get(f"/v1/users/u1/recommendations?{query}"))


@pytest.mark.parametrize("code", [0x00, 0x09, 0x0A, 0x1B, 0x7F, 0x80, 0x9B, 0x9F])
def test_ids_with_control_characters(client: httpx.Client, code: int) -> None:
    quoted, text = quote(f"u{chr(code)}1"), f"u{chr(code)}1"
    for path in (
        f"/v1/users/{quoted}/recommendations",
        f"/v1/users/{quoted}/history",
        f"/v1/users/u1/explanations/{quoted}",
        f"/v1/items/{quoted}/similar",
        f"/v1/items/i1/similar?user={quoted}",
        f"/v1/users?prefix={quoted}",
    ):
        refused(client.get(path))
    for body in ({"user": text}, {"user": "u1", "block": [text]}, {"by": "likes", "likes": [text]}):
        refused(client.post("/v1/recommendations", json=body))
    refused(client.post("/v1/baskets/recommendations", json={"items": [text]}))


def test_a_query_that_is_not_utf8(client: httpx.Client) -> None:
    refused(client.get("/v1/items/i1/similar?user=%ff"), 400)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user_id", ""), ("user_id", None), ("user_id", 5), ("user_id", ["u"]),
        ("user_id", "x" * 257), ("user_id", "a\x1b[2J"), ("item_id", "\x9b31m"), ("event_id", "\n"),
        ("basket_id", "\x00"),
        ("user_id", "😀" * 65), ("user_id", "NaN"), ("user_id", "null"), ("item_id", {"a": 1}),
        ("timestamp", "soon"), ("timestamp", "2024-02-30"),
        ("timestamp", "2024-01-01T24:30:00"), ("timestamp", -1), ("timestamp", 0),
        ("timestamp", 1.5),
        ("timestamp", "9999-01-01"), ("timestamp", "292278994-01-01"), ("timestamp", 10**18),
        ("timestamp", 10**400), ("timestamp", True), ("weight", "1"), ("weight", 1e13),
        ("weight", None), ("weight", True), ("event", "Buy"), ("event", "b" * 64), ("event", ""),
        ("event", "a;b"), ("event_id", ""), ("event_id", "x" * 257), ("basket_id", 7),
        ("is_admin", True), ("batch", 1), ("key", 1), ("generation", 1),
    ],
)  # fmt: skip
def test_events(writer: httpx.Client, name: str, value: Any) -> None:
    good = EVENT | {"item_id": "new-item"}
    refused(writer.post("/v1/events", json={"events": [good, EVENT | {name: value}]}))


@pytest.mark.parametrize("name", ["user_id", "item_id"])
def test_an_event_lacks_a_field(writer: httpx.Client, name: str) -> None:
    refused(
        writer.post(
            "/v1/events",
            json={
                "events": [
                    EVENT | {"user_id": "new"},
                    {key: value for key, value in EVENT.items() if key != name},
                ]
            },
        )
    )


BODIES = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "text": b'"x"',
    "number": b"1",
    "cut": b'{"events": [',
    "trailing comma": b'{"events": [],}',
    "NaN": b'{"events": [{"weight": NaN}]}',
    "infinity": b'{"events": [{"weight": -Infinity}]}',
    "1e400": b'{"events": [{"weight": 1e400}]}',
    "twice": b'{"events": [], "events": []}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "ten deep": b'{"events": ' + b"[" * 10 + b"]" * 10 + b"}",
    "mark": b"\xef\xbb\xbf" + json.dumps({"events": [EVENT]}).encode(),
    "utf-16": json.dumps({"events": [EVENT]}).encode("utf-16"),
    "latin-1": b'{"events": [{"user_id": "\xe9"}]}',
    "lone surrogate": json.dumps({"events": [EVENT | {"user_id": "\ud800"}]}).encode(),
    "two values": b"{} {}",
    "comment": b"{} // x",
    "control": b'{"events": "\x00"}',
    "long number": b'{"events": ' + b"9" * 10_000 + b"}",
    "no events": b'{"events": []}',
    "other name": b'{"event": []}',
    "too many": json.dumps({"events": [EVENT] * 501}).encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bodies(writer: httpx.Client, body: bytes) -> None:
    refused(writer.post("/v1/events", content=body, headers=JSON), 400, 422)


def test_a_large_body(writer: httpx.Client) -> None:
    body = json.dumps({"events": [EVENT | {"user_id": "x" * 100_000}] * 1_000}).encode()
    try:
        answer = writer.post("/v1/events", content=body, headers=JSON)
    except httpx.TransportError:
        return  # refused and closed before all of it was sent
    refused(answer, 413)


def test_a_large_body_of_unknown_length(writer: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(2_000):
            yield b" " * 50_000

    try:
        answer = writer.post("/v1/events", content=chunks(), headers=JSON)
    except httpx.TransportError:
        return
    refused(answer, 413)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/jsonp"},
        JSON | {"Content-Encoding": "gzip"},
        JSON | {"Content-Encoding": "br, gzip"},
    ],
)
def test_types(writer: httpx.Client, headers: dict[str, str]) -> None:
    body = json.dumps({"events": [EVENT | {"user_id": "typed"}]}).encode()
    if "gzip" in headers.get("Content-Encoding", ""):
        body = gzip.compress(b" " * 50_000_000)
    refused(writer.post("/v1/events", content=body, headers=headers), 413, 415)


def test_a_get_with_a_body(client: httpx.Client) -> None:
    refused(client.request("GET", "/v1/users/u1/recommendations", content=b"{}"), 400)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000"])
def test_no_page_of_another_site_may_read(client: httpx.Client, origin: str) -> None:
    asks = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    before = client.options("/v1/users/u1/recommendations", headers=asks)
    answer = client.get("/v1/users/u1/recommendations", headers={"Origin": origin})
    assert "access-control-allow-origin" not in before.headers
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Host"]
)
def test_forged_headers_change_nothing(client: httpx.Client, name: str) -> None:
    plain = client.get("/v1/users/u1/recommendations").json()
    forged = client.get("/v1/users/u1/recommendations", headers={name: "evil.example"})
    assert forged.json()["items"] == plain["items"]
    assert "evil" not in forged.text
    assert "evil" not in str(forged.headers)
