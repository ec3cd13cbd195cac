"""How often something may happen: counted in this process, or in a Redis that services share."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any

from limits import RateLimitItem
from limits.aio import strategies as shared_strategies
from limits.aio.storage import RedisStorage
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from engine.errors import ConfigError
from engine.optional_dependencies import require

_LOG = logging.getLogger(__name__)
_STORE_SECONDS = 1.0
"""How long a request waits for the store: longer than a busy machine holds this process up, which
would let more through than the limit although the store is well."""
_AWAY_SECONDS = 5.0
"""For how long a store that did not answer is not asked again."""


class RateLimits:
    """Counts in windows of fixed length; asked from one event loop.

    While the shared store does not answer, this process counts for itself: a limit that lets more
    through is better than a service that lets nobody in.

    Args:
        store: ``redis://…`` or ``rediss://…``; None: this process counts for itself alone.

    Raises:
        MissingExtra: A store is named and its client is not installed.
        ConfigError: The address of the store is malformed.
    """

    def __init__(self, store: str | None = None) -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared: shared_strategies.FixedWindowRateLimiter | None = None
        self._pool: Any = None
        self._away_until = 0.0
        if store is not None:
            require("redis", "a store of rates (serve_rate_store)")
            from redis.asyncio import ConnectionPool  # noqa: PLC0415 - an extra
            from redis.exceptions import RedisError  # noqa: PLC0415

            try:
                self._pool = ConnectionPool.from_url(store)
                self._pool.make_connection()  # connects to nothing; it reads all of the address
            except (ValueError, TypeError, RedisError) as error:
                # What they say holds parts of the address, and with it of the password.
                raise ConfigError(
                    "setting serve_rate_store is no address of a Redis",
                    hint="ENGINE_SERVE_RATE_STORE=redis://HOST:6379/0; in a password write / as "
                    "%2F, # as %23 and ? as %3F",
                ) from error
            storage = RedisStorage(
                f"async+{store}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="engine",
                connection_pool=self._pool,
            )
            self._shared = shared_strategies.FixedWindowRateLimiter(storage)

    async def hit(self, rate: RateLimitItem, *who: str, cost: int = 1) -> bool:
        """Count, and tell whether it was allowed."""
        return bool(await self._ask(lambda limiter: limiter.hit(rate, *who, cost=cost)))

    async def test(self, rate: RateLimitItem, *who: str, cost: int = 1) -> bool:
        """Tell whether it would be allowed; count nothing."""
        return bool(await self._ask(lambda limiter: limiter.test(rate, *who, cost=cost)))

    async def seconds_left(self, rate: RateLimitItem, *who: str) -> int:
        """Return after how many seconds it is allowed again; at least one."""
        stats = await self._ask(lambda limiter: limiter.get_window_stats(rate, *who))
        return max(1, ceil(float(stats.reset_time) - time.time()))

    async def close(self) -> None:
        """Close the connections to the store."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _ask(self, question: Callable[[Any], Any]) -> Any:
        if self._shared is not None and time.monotonic() >= self._away_until:
            answer: Awaitable[Any] = question(self._shared)
            try:
                return await asyncio.wait_for(answer, _STORE_SECONDS)
            except (StorageError, TimeoutError) as error:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                _LOG.warning(
                    "the store of rates does not answer, this process counts for itself: %s",
                    error or "it took too long",
                )
        return question(self._own)
