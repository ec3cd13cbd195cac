"""Codes, and the seal of a row that waits to be mended."""

from engine.data.reading.rejection import CODES, SEALED, content_seal


def test_sealed_codes_are_codes() -> None:
    assert set(CODES) > SEALED


def test_a_seal_breaks_with_any_cell() -> None:
    cells = {"user_id": "a", "item_id": None}
    assert content_seal(cells) == content_seal({"item_id": None, "user_id": "a"})
    assert content_seal(cells) != content_seal(cells | {"item_id": ""})
    assert content_seal(cells) != content_seal({"user_id": "a"})
    assert content_seal(cells) != content_seal(cells, ("more",))
    assert content_seal({"user_id": "\udce9"}) != content_seal({"user_id": "?"})
