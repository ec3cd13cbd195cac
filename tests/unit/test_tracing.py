"""Spans go to the collector that the environment names, and without one cost nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine import tracing
from engine.errors import MissingExtra, NotFound

from ..otlp_collector import OtlpCollector

ROOT = Path(__file__).parents[2]


def test_spans_are_parts_of_one_another(collector: OtlpCollector) -> None:
    with tracing.exporting():
        with tracing.statement_span("a/statement"):
            pass
        with tracing.span("whole", rows=3) as whole:
            ids = tracing.current_ids()
            whole.set("engine.outcome", "kept")
            with tracing.statement_span("a/statement") as statement:
                statement.set("db.response.returned_rows", 2)
            with tracing.span("step") as step:
                step.rename("night look")
    (whole_,) = collector.named("whole")
    assert (whole_.parent, whole_.service, whole_.failed) == ("", "engine", False)
    assert ids == (whole_.trace, whole_.id)
    assert whole_.values == {"engine.rows": 3, "engine.outcome": "kept"}
    # A statement that is part of nothing is not traced.
    assert sorted(one.name for one in collector.spans) == ["a/statement", "night look", "whole"]
    assert {one.name for one in collector.parts(whole_)} == {"a/statement", "night look"}
    (statement_,) = collector.named("a/statement")
    assert statement_.values == {
        "db.system.name": "neo4j",
        "db.query.summary": "a/statement",
        "db.response.returned_rows": 2,
    }


def test_a_request_goes_on_with_the_trace_of_its_client(collector: OtlpCollector) -> None:
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with tracing.exporting():
        with tracing.request_span("GET", {"traceparent": f"00-{trace}-{span}-01"}):
            pass
        with tracing.span("engine serve"), tracing.request_span("POST", {"traceparent": "x"}):
            pass
    (get,), (post,) = collector.named("GET"), collector.named("POST")
    assert (get.trace, get.parent) == (trace, span)
    assert post.parent == ""


def test_an_exception_fails_its_span_and_its_message_stays_here(collector: OtlpCollector) -> None:
    with tracing.exporting(), pytest.raises(NotFound), tracing.span("engine explain"):
        raise NotFound("no user named alice")
    (failed,) = collector.spans
    assert failed.failed
    assert failed.values == {"error.type": "NotFound"}
    assert failed.events == 0


def test_rows_that_nobody_wants_fail_nothing(collector: OtlpCollector) -> None:
    with tracing.exporting(), tracing.span("whole"):
        with tracing.statement_span("a/statement"):
            pass
        reading = (row for row in _streamed())
        next(reading)
        with tracing.span("after"):
            pass
        reading.close()
    assert not any(one.failed for one in collector.spans)
    (whole,), (after,) = collector.named("whole"), collector.named("after")
    assert after.parent == whole.id


def _streamed():  # type: ignore[no-untyped-def]
    with tracing.statement_span("a/stream"):
        yield 1
        yield 2


@pytest.mark.parametrize("disabled", ["", "true"])
def test_without_a_collector_nothing_is_imported(disabled: str) -> None:
    code = (
        "import sys\n"
        "from engine import tracing\n"
        "with tracing.exporting(), tracing.span('x', n=1) as s, tracing.request_span('GET', {}):\n"
        "    s.set('a', 1); s.rename('y'); s.fail('z')\n"
        "    assert tracing.current_ids() is None\n"
        "sys.exit('opentelemetry' in sys.modules)"
    )
    named = {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, env=named if disabled else {}
    )


def test_without_the_extra_the_error_is_the_line_to_type(
    collector: OtlpCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    with pytest.raises(MissingExtra) as caught, tracing.exporting():
        pass
    assert caught.value.hint.startswith("pip install 'engine-recsys[otel]'; or send none")


def test_a_collector_that_is_away_does_not_hold_a_command(
    monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{unused_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600")
    with tracing.exporting(), tracing.span("engine recommend"):
        pass
