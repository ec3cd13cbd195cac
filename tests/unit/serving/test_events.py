"""Posts of events while no database answers; with one: integration/serving/test_events.py."""

from typing import Any

import pytest

EVENT = {"user_id": "ann", "item_id": "tea", "timestamp": "2026-08-01T12:00:00Z"}


def test_nobody_queues_for_a_database_that_is_away(unreachable: Any) -> None:
    answer = unreachable.client.post("/v1/events", json={"events": [EVENT]})
    assert answer.status_code == 503
    assert "nothing of this was written" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wrong", [{"events": []}, {"events": [EVENT | {"colour": "red"}]}, {"events": [{}]}, []]
)
def test_a_body_that_is_no_list_of_events_is_refused(unreachable: Any, wrong: Any) -> None:
    assert unreachable.client.post("/v1/events", json=wrong).status_code == 422


@pytest.mark.parametrize(("number", "status"), [(100, 503), (101, 429)])
def test_one_user_cannot_decide_what_is_popular(unreachable: Any, number: int, status: int) -> None:
    events = [EVENT | {"user_id": "robot", "event_id": str(one)} for one in range(number)]
    answer = unreachable.client.post("/v1/events", json={"events": events})
    assert answer.status_code == status
    assert ("robot" in answer.json()["detail"]) is (status == 429)
