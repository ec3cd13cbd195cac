"""Generations while no database answers; with one: integration/serving/test_generations.py."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/generations"),
        ("POST", "/v1/generations/1/promote"),
        ("POST", "/v1/generations/rollback"),
    ],
)
def test_nothing_moves_while_no_database_answers(unreachable: Any, method: str, path: str) -> None:
    body = {} if method == "POST" else None
    assert unreachable.client.request(method, path, json=body).status_code == 503


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "x"])
def test_a_number_that_cannot_be_a_generation_s_is_refused(unreachable: Any, number: str) -> None:
    answer = unreachable.client.post(f"/v1/generations/{number}/promote", json={})
    assert answer.status_code == 422
