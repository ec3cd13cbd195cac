"""A number within bounds passes; what is none, or lies beyond, is named."""

import pytest

from engine.data.whole_numbers import LARGEST, check_whole
from engine.errors import UsageError


@pytest.mark.parametrize("value", [1, 7, LARGEST])
def test_a_number_within_its_bounds_passes(value: int) -> None:
    check_whole("k", value, 1, LARGEST)


@pytest.mark.parametrize("value", [0, -1, LARGEST + 1, 1.0, "7", True, None])
def test_anything_else_is_named(value: object) -> None:
    with pytest.raises(UsageError) as refused:
        check_whole("k", value, 1, LARGEST, "use -k 10")
    assert refused.value.message == f"k must be a whole number from 1 to {LARGEST}, not {value!r}"
    assert refused.value.hint == "use -k 10"
