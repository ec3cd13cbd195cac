"""The same text has the same hash for ever."""

from engine.data.hashing import hash64, hash64_all


def test_known_answers() -> None:
    # blake2b with a digest of 8 bytes, big endian: python -c "hashlib.blake2b(b'', digest_size=8)"
    assert hash64("") & (2**64 - 1) == 0xE4A6A0577479B2B4
    assert hash64("café") == hash64_all(["x", "café"])[1]


def test_nothing_and_lone_surrogates() -> None:
    assert len(hash64_all([])) == 0
    assert hash64("\ud800") != hash64("?")
