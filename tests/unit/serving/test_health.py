from typing import Any


def test_the_process_is_alive_without_a_database(unreachable: Any) -> None:
    answer = unreachable.client.get("/health/live")
    assert (answer.status_code, answer.json()["status"]) == (200, "alive")


def test_not_ready_says_why_and_when_to_ask_again(unreachable: Any) -> None:
    answer = unreachable.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "no Neo4j server answers"
    assert int(answer.headers["Retry-After"]) > 0


def test_metrics_need_a_key_and_health_does_not(unreachable: Any) -> None:
    nobody = {"Authorization": ""}
    assert unreachable.client.get("/metrics", headers=nobody).status_code == 401
    assert unreachable.client.get("/health/live", headers=nobody).status_code == 200
    answer = unreachable.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "engine_requests" in answer.text
