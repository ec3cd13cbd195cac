"""Durations as people write them become milliseconds."""

from typing import Any

import pytest

from engine.data.duration import read_duration
from engine.errors import UsageError


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("1m", 60_000), ("6h", 21_600_000), ("7d", 604_800_000), ("36500d", 3_153_600_000_000)],
)
def test_minutes_hours_and_days_are_read(text: str, milliseconds: int) -> None:
    assert read_duration("within", text) == milliseconds
    assert read_duration("within", None) is None


@pytest.mark.parametrize(
    "text", ["", "6", "h", "0h", "-1h", "6 h", "6H", "6w", "36501d", "1h\n", 6]
)
def test_what_is_none_is_refused(text: Any) -> None:
    with pytest.raises(UsageError, match="within must be minutes, hours or days from 1m"):
        read_duration("within", text)
