"""API keys: random, found by their public part, compared whole, live for a time."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.data.api_key import ApiKey, digest_of, id_of, new_key

NOW = datetime(2026, 8, 1, tzinfo=UTC)


def _key(text: str, id_: str) -> ApiKey:
    return ApiKey(id_, "shop", digest_of(text), ("read",), NOW)


def test_a_key_fits_itself_and_nothing_else() -> None:
    id_, text = new_key()
    key = _key(text, id_)
    assert id_of(text) == id_
    assert key.fits(text)
    assert not key.fits(new_key()[1])
    assert not key.fits(text + " ")
    assert key.digest == hashlib.sha256(text.encode()).hexdigest()
    assert text.split("_", 2)[2] not in repr(key)


def test_a_thousand_keys_differ() -> None:
    assert len({new_key()[1] for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    "text", ["", "engine_", "engine_00_x", "bearer", "engine_0123456789AB_" + "x" * 43, "\ud800"]
)
def test_what_is_no_key(text: str) -> None:
    assert id_of(text) is None
    assert digest_of(text)


def test_a_key_lives_until_it_expires_or_is_revoked() -> None:
    key = _key(*reversed(new_key()))
    later = NOW + timedelta(days=1)
    assert key.live(NOW + timedelta(days=10_000))
    assert replace(key, expires_at=later).live(NOW)
    assert not replace(key, expires_at=later).live(later)
    assert not replace(key, revoked_at=NOW).live(NOW)
