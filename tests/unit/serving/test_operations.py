"""Nights come from the registry alone; what the graph holds needs the graph."""

from typing import Any


def test_nights_are_listed_while_no_database_answers(unreachable: Any) -> None:
    registry = unreachable.service.registry
    night = registry.nights.begin("asked")
    held = {"file": "a.csv", "kind": "events", "held": "truncated", "message": "cut off"}
    counts = {"read": 2, "accepted": 0, "duplicate": 0, "quarantined": 0}
    registry.nights.record_step(night.id, "load", {"files": [held | counts]}, 2.0)
    registry.nights.finish(night.id, "failed", None)

    answer = unreachable.client.get("/v1/nights", params={"limit": 1})

    assert answer.status_code == 200
    (one,) = answer.json()["nights"]
    assert (one["number"], one["status"]) == (night.id, "failed")
    assert one["files"][0]["message"] == "cut off"
    assert one["causes"] == ["a.csv was held back (truncated): cut off."]
    assert not {"outcome", "window"} & set(one)
    assert "generation" not in answer.json()


def test_the_status_of_a_graph_that_does_not_answer_is_unavailable(unreachable: Any) -> None:
    assert unreachable.client.get("/v1/status").status_code == 503
