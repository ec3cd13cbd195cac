"""Codes, and the seal of a row that waits to be mended."""

from engine.data.reading.rejection import CODES, SEALED, seal


def test_sealed_codes_are_codes() -> None:
    assert set(CODES) > SEALED


def test_a_seal_breaks_with_any_cell() -> None:
    cells = {"user_id": "a", "item_id": None}
    assert seal(cells) == seal({"item_id": None, "user_id": "a"})
    assert seal(cells) != seal(cells | {"item_id": ""})
    assert seal(cells) != seal({"user_id": "a"})
    assert seal(cells) != seal(cells, ("more",))
    assert seal({"user_id": "\udce9"}) != seal({"user_id": "?"})
