"""Log lines hold no secret and no control character."""

import json
import logging
import sys
from typing import Any

import pytest

from engine import logs, tracing
from engine.logs import JsonFormatter, ScrubbingFormatter, log_fields, scrub

from ..otlp_collector import OtlpCollector


@pytest.mark.parametrize(
    "line",
    [
        "password=s3cret-value",
        "{'password': 's3cret-value'}",
        "neo4j://user:s3cret-value@host:7687",
        "api_key: s3cret-value",
    ],
)
def test_secrets_are_hidden(line: str) -> None:
    assert "s3cret-value" not in scrub(line)


def test_control_characters_are_shown() -> None:
    assert scrub("a\x1b[2Jb\u202ec") == "a\\x1b[2Jb\\u202ec"


def test_a_line_of_the_log_is_one_line() -> None:
    record = logging.LogRecord("engine", 30, __file__, 1, "item %s", ("x\nforged\x9b",), None)
    line = ScrubbingFormatter().format(record)
    assert line.endswith("WARNING engine: item x\\x0aforged\\x9b")
    assert "\n" not in line


def test_a_traceback_in_the_log_keeps_its_lines() -> None:
    try:
        raise ValueError("token=abc \x1b[31m")
    except ValueError as error:
        caught = (type(error), error, error.__traceback__)
    record = logging.LogRecord("engine", 40, __file__, 1, "broke", (), caught)
    lines = ScrubbingFormatter().format(record).splitlines()
    assert len(lines) >= 4
    assert lines[-1] == "ValueError: token=*** \\x1b[31m"


def _line(*, message: str = "a list failed", **more: Any) -> dict[str, Any]:
    record = logging.LogRecord(
        "engine.serving", 30, __file__, 1, message, (), more.pop("exc", None)
    )
    record.__dict__.update(more)
    text = JsonFormatter().format(record)
    assert text.isascii()
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_json_line_is_one_object_of_named_fields() -> None:
    line = _line(created=1_700_000_000.5)
    assert line == {
        "time": "2023-11-14T22:13:20.500Z",
        "level": "WARNING",
        "logger": "engine.serving",
        "message": "a list failed",
    }
    with log_fields(request_id="r1"), log_fields(list_id="l1"):
        line = _line(fields={"status": 200})
        assert (line["request_id"], line["list_id"], line["status"]) == ("r1", "l1", 200)
    assert "request_id" not in _line()


def test_a_json_line_holds_no_secret_and_no_line_of_somebody_else() -> None:
    assert _line(message="password=hunter2 x\nforged\x9b")["message"] == (
        "password=*** x\nforged\\x9b"
    )
    try:
        raise ValueError("token=abc")
    except ValueError:
        told = _line(exc=sys.exc_info())["exception"]
    assert told.endswith("ValueError: token=***")
    assert told.startswith("Traceback")


def test_a_json_line_names_its_trace(collector: OtlpCollector) -> None:
    with tracing.exporting(), tracing.span("night"):
        line = _line()
    assert "trace_id" not in _line()
    (night,) = collector.spans
    assert (line["trace_id"], line["span_id"]) == (night.trace, night.id)


def test_what_nobody_caught_is_a_json_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", None)
    logs.scrub_tracebacks()
    error = ValueError("secret=abc")
    for form, begins in (("json", "{"), ("text", "ValueError: secret=***")):
        logs.configure("WARNING", form)  # type: ignore[arg-type]
        assert logs.are_json() is (form == "json")
        sys.excepthook(ValueError, error, None)
        shown = capsys.readouterr().err
        assert shown.startswith(begins)
        assert "abc" not in shown
