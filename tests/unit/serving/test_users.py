"""Users while no database answers; with one: integration/serving/test_people.py."""

from typing import Any

import pytest


@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/ann/history"])
def test_users_are_read_from_the_graph_alone(unreachable: Any, path: str) -> None:
    assert unreachable.client.get(path).status_code == 503


@pytest.mark.parametrize("path", ["/v1/users?limit=0", "/v1/users/ann/history?limit=100000"])
def test_a_page_that_is_too_small_or_too_large_is_refused(unreachable: Any, path: str) -> None:
    assert unreachable.client.get(path).status_code == 422
