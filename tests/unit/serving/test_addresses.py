"""Which addresses only this machine can reach."""

import pytest

from engine.serving.server import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "localhost.evil", ""]
)
def test_others_too(host: str) -> None:
    assert not is_loopback(host)
