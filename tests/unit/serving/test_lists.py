"""Lists while no database answers; with one: integration/serving/test_answers.py."""

from typing import Any

import pytest

LISTS = [
    ("GET", "/v1/users/ann/recommendations", None),
    ("GET", "/v1/items/tea/similar", None),
    ("POST", "/v1/baskets/recommendations", {"items": ["tea"]}),
    ("POST", "/v1/recommendations", {"user": "ann"}),
    ("POST", "/v1/users/recommendations", {"users": ["ann", "bob"]}),
    ("GET", "/v1/users/ann/explanations/tea", None),
]


@pytest.mark.parametrize(("method", "path", "body"), LISTS)
def test_nothing_is_made_up_where_memory_holds_nothing(
    unreachable: Any, method: str, path: str, body: Any
) -> None:
    answer = unreachable.client.request(method, path, json=body)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/v1/users/ann/recommendations?k=0", "k"),
        ("/v1/users/ann/recommendations?colour=red", "colour"),
        ("/v1/items/tea/similar?by=magic", "by"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_before_any_database(
    unreachable: Any, path: str, wrong: str
) -> None:
    answer = unreachable.client.get(path)
    assert answer.status_code == 422
    assert wrong in answer.text
