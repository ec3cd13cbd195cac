import numpy as np
import pytest

from engine.data.features import NodeFeatures
from engine.errors import DataError


def test_rows_and_numbers_are_checked() -> None:
    rows = np.ones((3, 2), dtype=np.float32)
    NodeFeatures(items=rows).check(5, 3)
    with pytest.raises(DataError, match="users"):
        NodeFeatures(users=rows).check(5, 3)
    rows[1, 1] = np.nan
    with pytest.raises(DataError, match="finite"):
        NodeFeatures(items=rows).check(5, 3)
