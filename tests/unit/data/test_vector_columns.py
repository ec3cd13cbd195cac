"""Which columns are vectors, and what is none of them: every way in which files write lists."""

import numpy as np
import polars as pl
import pytest

from engine.data.reading.block import NESTED
from engine.data.reading.packed_vectors import pack, unpack
from engine.data.vector_columns import VectorColumns, VectorFault


def settled(*cells: str | None, column: str = "v") -> VectorColumns:
    found = VectorColumns()
    found.settle(pl.DataFrame({column: cells}, {column: pl.String}), [column])
    return found


def nested(*lists: str) -> list[str]:
    return [NESTED + one for one in lists]


@pytest.mark.parametrize(
    ("cells", "are"),
    [
        (nested("[0.5, 1]", "[1, 2]"), True),
        (nested("[1e3, 1]"), True),
        (nested("[1, 2]", "[3, 4]"), False),  # short whole numbers: codes
        (nested("[1, 2, 3, 4, 5, 6, 7, 8]", "[8, 7, 6, 5, 4, 3, 2, 1]"), True),
        (nested("[1, 2, 3, 4, 5, 6, 7, 8]", "[1]"), False),
        (nested('["0.5", "1.5"]'), False),  # in quotes: texts
        (nested("[0.5]", "[1.5]"), False),  # a list of one
        (nested("[0.5, 1]", "[0.5]", "[0.5, 1, 2]"), False),  # no length of most
        (nested("[0.5, 1]", "[0.5, 2]", "[0.5, 1, 2]"), True),
        (nested('["a", "b"]'), False),
        (nested('{"a": 1}'), False),
        (["[0.5, 1.5]", "[2.5, 3.5]"], True),  # JSON in a cell of CSV
        (["[0.5, 1.5]", "on sale", "[new] in [box]"], False),
        (["0.5 1.5"], False),
        ([None, "", "[]"], False),
        ([pack(np.ones(3, np.float32))], True),
    ],
)
def test_what_most_of_the_first_rows_hold(cells: list[str | None], are: bool) -> None:
    assert settled(*cells).is_vector("v") is are


def test_recbole_says_so_in_the_header() -> None:
    name = "emb:float_seq"
    found = settled("0.5 1 2", "1 2 3", column=name)
    assert found.is_vector(name)
    assert unpack(found.vector(name, "1 2 3")) is not None
    assert not settled("a b", "c d", column="tags:token_seq").is_vector("tags:token_seq")


def test_what_is_settled_holds_for_later_blocks() -> None:
    found = settled(None, "")
    found.settle(pl.DataFrame({"v": nested("[0.5, 1]")}), ["v"])
    assert found.is_vector("v"), "rows that say nothing settle nothing"
    found.settle(pl.DataFrame({"v": nested("[0.5]")}), ["v"])
    with pytest.raises(VectorFault) as fault:
        found.vector("v", NESTED + "[0.5]")
    assert (fault.value.code, fault.value.shown) == ("vector-length", "[0.5] of 1 numbers")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (NESTED + "[0.5, 1, 2]", "vector-length"),
        (NESTED + "[0.5, null]", "vector-number"),
        (NESTED + '[0.5, "x"]', "vector-number"),
        (NESTED + "[0.5, true]", "vector-number"),
        (NESTED + "[0.5, 1e60]", "vector-number"),
        (NESTED + '[0.5, "nan"]', "vector-number"),
        (pack(np.array([1, np.nan], np.float32)), "vector-number"),
        (NESTED + '{"a": 1}', "vector-type"),
        ("red", "vector-type"),
    ],
)
def test_what_is_rejected(cell: str, code: str) -> None:
    found = settled(*nested("[0.5, 1]"))
    with pytest.raises(VectorFault) as fault:
        found.vector("v", cell)
    assert fault.value.code == code


def test_what_is_taken_and_how_exactly() -> None:
    found = settled(*nested("[0.5, 1]"))
    # A quarantine file quotes numbers: mended, it is read all the same.
    for cell in (NESTED + '["0.1", "-3"]', "[0.1, -3]", pack(np.array([0.1, -3], np.float32))):
        numbers = unpack(found.vector("v", cell))
        assert numbers is not None
        assert numbers.tolist() == [float(np.float32(0.1)), -3.0]
