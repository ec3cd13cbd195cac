import hashlib
import hmac

from engine.data.tombstone import KEY_BYTES, TombstoneKey

KEY = TombstoneKey(bytes(range(KEY_BYTES)))


def test_a_tombstone_is_the_hmac_of_kind_and_id() -> None:
    meant = hmac.new(bytes(range(KEY_BYTES)), b"user\x1fZo\xc3\xab", hashlib.sha256).hexdigest()
    assert KEY.digest("user", "Zoë") == meant


def test_kinds_ids_and_keys_are_told_apart() -> None:
    other = TombstoneKey(bytes(KEY_BYTES))
    found = {KEY.digest("user", "a"), KEY.digest("item", "a"), KEY.digest("user", "b")}
    assert len({*found, other.digest("user", "a")}) == 4
    assert KEY.name != other.name
    assert "secret" not in repr(KEY)
