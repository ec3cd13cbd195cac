"""A watermark's value comes back as it was, of the type that the database compares."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.data.watermark_value import from_text, to_text
from engine.errors import UsageError


@pytest.mark.parametrize(
    "value",
    [
        0,
        2**62,
        0.1,
        Decimal("1.10"),
        "2024-05-01 10:00",
        date(2024, 5, 1),
        datetime(2024, 5, 1, 10, 0, 0, 123),
        datetime(2024, 5, 1, tzinfo=UTC),
    ],
)
def test_a_value_comes_back_with_its_type(value: Any) -> None:
    back = from_text(to_text(value))
    assert (type(back), back) == (type(value), value)


@pytest.mark.parametrize("value", [True, b"7", [1]])
def test_what_nobody_can_compare_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match=f"of the type {type(value).__name__}"):
        to_text(value)
