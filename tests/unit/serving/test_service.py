"""How long a request waits for what: whoever can say most gives up first."""

import pytest

from engine.serving.service import client_limits


@pytest.mark.parametrize("seconds", [0.1, 2.0, 60.0])
def test_each_gives_up_before_whoever_waits_for_it(seconds: float) -> None:
    found = client_limits(seconds, 24)
    assert found.query is not None
    assert found.connect < found.acquire < found.query < found.retry < seconds
    assert found.connections == 24
