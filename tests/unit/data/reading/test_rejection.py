"""Codes, and the seal of a row that waits to be mended."""

from engine.data.reading.rejection import CODES, SEALED, Rejection, content_seal


def test_sealed_codes_are_codes() -> None:
    assert set(CODES) > SEALED


def test_a_seal_breaks_with_any_cell() -> None:
    cells = {"user_id": "a", "item_id": None}
    assert content_seal(cells) == content_seal({"item_id": None, "user_id": "a"})
    assert content_seal(cells) != content_seal(cells | {"item_id": ""})
    assert content_seal(cells) != content_seal({"user_id": "a"})
    assert content_seal(cells) != content_seal(cells, ("more",))
    assert content_seal({"user_id": "\udce9"}) != content_seal({"user_id": "?"})


def test_a_reason_gives_value_rule_and_remedy() -> None:
    one = Rejection(1, "type-error", "timestamp", value="05.01.2023")
    assert one.reason == (
        "timestamp '05.01.2023': a cell is not of its field's type; write ISO 8601 "
        "(2024-05-01T10:00:00Z) or an epoch in s, ms, µs or ns"
    )
    assert Rejection(1, "type-error", "user_id", value='\x1d["6"]').reason.startswith(
        "user_id '[\"6\"]': "
    )
    assert "…" in Rejection(1, "enum", "event", value="x" * 999).reason
    assert all(Rejection(1, code, "").reason.startswith(CODES[code]) for code in CODES)
