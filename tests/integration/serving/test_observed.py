"""A request as a collector of traces and a reader of the log see it."""

import json
from typing import Any

import pytest

from engine import logs, tracing

from ...otlp_collector import OtlpCollector


def test_a_request_is_a_trace_down_to_its_statements_and_a_line_of_the_log(
    running: Any, collector: OtlpCollector, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO", "json")
    try:
        with tracing.exporting():
            with running.client("read") as client:
                answer = client.get("/v1/users/u1/recommendations")
                client.get("/v1/users/u1/nothing")
            with running.client("write") as client:
                event = {"user_id": "u1", "item_id": "i1", "timestamp": "1700000000"}
                assert client.post("/v1/events", json={"events": [event]}).status_code == 200
                # What the service notes of a request, it notes before it answers the next one.
                client.get("/health/live")
    finally:
        logs.configure()
    (request,) = collector.named("GET /v1/users/{user}/recommendations")
    assert request.values == {
        "engine.request_id": answer.headers["x-request-id"],
        "http.request.method": "GET",
        "http.route": "/v1/users/{user}/recommendations",
        "http.response.status_code": 200,
    }
    statements = collector.parts(request)
    assert any(one.name.startswith("recommend/") for one in statements), statements
    assert len(collector.named("GET (none)")) == 1
    (written,) = collector.named("load posted events")
    assert collector.parts(written)
    # What the service asks for itself every second is part of nothing, and so is not sent.
    whole = {request.id, written.id, *(one.id for one in collector.named("POST /v1/events"))}
    assert {one.parent for one in collector.spans if one.name.startswith("server/")} <= whole

    text = capsys.readouterr().err
    lines = [json.loads(line) for line in text.splitlines()]
    line = next(one for one in lines if one.get("route") == request.values["http.route"])
    assert (line["request_id"], line["trace_id"]) == (answer.headers["x-request-id"], request.trace)
    assert (line["method"], line["status"], line["level"]) == ("GET", 200, "INFO")
    assert running.keys["read"].startswith(f"engine_{line['key']}")
    assert line["ms"] > 0
    assert "u1" not in text.replace(line["request_id"], "")
