"""Values of a database as text: by the rules of Parquet, so that an id is one id wherever it is."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from engine.data.reading.block import NESTED, plain
from engine.data.reading.database_values import text_column

_WEST = timezone(timedelta(hours=-5))
_ID = uuid.UUID("0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("007", "007"),
        (7, "7"),
        (7.0, "7"),
        (7.25, "7.25"),
        (Decimal("7.00"), "7"),
        (Decimal("1E+2"), "100"),
        (True, "true"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 10), "2024-05-01T10:00:00"),
        (datetime(2024, 5, 1, 10, tzinfo=UTC), "2024-05-01T10:00:00+00:00"),
        (
            datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            "2024-05-01T10:00:00+00:00",
        ),
        (datetime(9999, 12, 31, 23, tzinfo=_WEST), "9999-12-31T23:00:00-05:00"),
        (timedelta(minutes=1.5), "90"),
        (_ID, str(_ID)),
        (_ID.bytes, str(_ID)),
        ("grün".encode(), "grün"),
        (memoryview(b"\xff\x00"), "ff00"),
    ],
)
def test_a_value_is_the_text_that_a_file_would_hold(value: Any, text: str | None) -> None:
    assert text_column("x", [value]).to_list() == [text]


def test_a_list_and_an_object_are_nested_cells() -> None:
    cells = text_column("x", [[0.5, 2], {"at": date(2024, 5, 1)}]).to_list()
    assert all(cell.startswith(NESTED) for cell in cells)
    assert [plain(cell) for cell in cells] == [["0.5", "2"], {"at": "2024-05-01"}]
