"""Lists of numbers as one cell: there and back to the last bit."""

import numpy as np

from engine.data.reading.block import plain
from engine.data.reading.packed_vectors import PACKED, pack, pack_all, shown, unpack


def test_there_and_back(rng: np.random.Generator) -> None:
    numbers = rng.normal(size=1_000).astype(np.float32)
    numbers[:3] = np.nan, np.inf, 3e38
    back = unpack(pack(numbers))
    assert back is not None
    np.testing.assert_array_equal(back, numbers)
    assert back.flags.writeable


def test_lists_one_after_the_other() -> None:
    cells = list(pack_all(np.arange(5, dtype=np.float32), iter([2, None, 0, 3])))
    assert cells[1] is None
    found = [unpack(cell) for cell in cells if cell]
    assert [one.tolist() for one in found if one is not None] == [[0, 1], [], [2, 3, 4]]


def test_a_text_that_only_begins_so_is_a_text() -> None:
    for text in ("", "abc", PACKED + "no base64!", PACKED + "abc=", PACKED + "AAA="):
        assert unpack(text) is None
        assert plain(text) == text


def test_as_it_stands_in_a_quarantine_file() -> None:
    assert plain(pack(np.array([1.5, np.nan], np.float32))) == [1.5, None]


def test_for_people() -> None:
    assert shown(np.arange(2, dtype=np.float32)) == "[0.0, 1.0] of 2 numbers"
    assert shown(np.arange(9, dtype=np.float32)) == "[0.0, 1.0, 2.0, …] of 9 numbers"
