"""Ids are text; whole numbers are the text that a column of them is loaded as."""

import numpy as np
import pytest

from engine.api.ids import Identifier, id_text
from engine.errors import UsageError


@pytest.mark.parametrize("value", ["7", 7, np.int64(7)])
def test_a_whole_number_is_its_text(value: Identifier) -> None:
    assert id_text("user", value) == "7"


@pytest.mark.parametrize("value", [7.0, None, True, b"7", ["7"]])
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="user must be text or a whole number, not"):
        id_text("user", value)  # type: ignore[arg-type]
