"""Counters of one service, in Prometheus' text format."""

from engine.serving.prometheus_metrics import Metrics


def test_two_services_of_a_process_do_not_mix() -> None:
    one, other = Metrics(), Metrics()
    one.requests.labels("/v1/users", 200).inc()
    one.watch("engine_busy", "Answers being made now", lambda: 3.0)
    text = one.text().decode()
    assert 'engine_requests_total{route="/v1/users",status="200"} 1.0' in text
    assert "engine_busy 3.0" in text
    assert "engine_busy" not in other.text().decode()
    assert 'status="200"' not in other.text().decode()
