"""Parquet as pandas, DuckDB, Spark and Snowflake write it: types, and columns that nobody uses."""

import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.data.reading.block import plain
from engine.data.reading.packed_vectors import unpack
from engine.data.reading.parquet import read_parquet
from engine.errors import FileRefused

NOON = datetime(2024, 1, 1, 12)
_UUID = uuid.UUID("3f2b8c1e-9d4a-4f6e-8b7a-0c5d6e7f8091")
_FARTHEST = "+261817-08-28T09:46:40Z"
_STRUCT = pa.struct([pa.field("a", pa.int64()), pa.field("a", pa.int64())])

UNUSUAL = {
    "zone": pa.array([NOON], pa.timestamp("us", tz="+05:30")),
    "nanoseconds": pa.array([1], pa.timestamp("ns", tz="Asia/Kolkata")),
    "duration": pa.array([timedelta(seconds=3)]),
    "time": pa.array([NOON.time()]),
    "binary": pa.array([b"\xff"], pa.binary()),
    "fixed": pa.array([b"\xff\xfe"], pa.binary(2)),
    "json": pa.array(['{"a":1}'], pa.json_()),
    "decimal256": pa.array([Decimal("1.50")], pa.decimal256(50, 2)),
    "struct": pa.array([{"a": NOON}]),
    "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
    "half": pa.array([1.5], pa.float16()),
    "null": pa.nulls(1),
    "far moments in a list": pa.array([[2**63 - 1]]).cast(pa.list_(pa.timestamp("us"))),
    "twice in a struct": pa.StructArray.from_arrays(
        [pa.array([1]), pa.array([2])], fields=list(_STRUCT)
    ),
    "large": pa.array(["x"], pa.large_string()),
    "view": pa.array(["x"], pa.string_view()),
}


def written(path: Path, **columns: Any) -> Path:
    pyarrow.parquet.write_table(pa.table(columns), path / "t.parquet")
    return path / "t.parquet"


def cells(path: Path, choose: Callable[[list[str]], Collection[str]] | None = None) -> Any:
    (block,) = read_parquet(path, choose)
    assert not block.broken
    return block.frame.drop("_row").row(0, named=True)


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_column_that_is_not_used_is_not_read(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, user_id=pa.array(["u"]), other=UNUSUAL[name])
    assert cells(path, lambda header: header[:1]) == {"user_id": "u"}
    (block,) = read_parquet(path, lambda header: header[:1])
    assert block.header == ["user_id", "other"]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (UNUSUAL["zone"], "2024-01-01T12:00:00Z"),
        (UNUSUAL["nanoseconds"], "1970-01-01T00:00:00.000000001Z"),
        (pa.array([NOON], pa.timestamp("ms")), "2024-01-01T12:00:00Z"),
        (pa.array([NOON.date()], pa.date64()), "2024-01-01"),
        (pa.array([2**50], pa.int64()).cast(pa.timestamp("s")), _FARTHEST),
        (pa.array([9_000_000_000_000_000]).cast(pa.timestamp("ms")), _FARTHEST),
        (pa.array([2**63 - 1]).cast(pa.timestamp("us", tz="UTC")), _FARTHEST),
        (pa.array([1 - 2**63]).cast(pa.timestamp("us")), "-257878-05-06T14:13:20Z"),
        (pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), "+261817-08-28"),
        (UNUSUAL["duration"], "3"),
        (pa.array([timedelta(milliseconds=1500)]), "1.5"),
        (UNUSUAL["json"], '{"a":1}'),
        (UNUSUAL["decimal256"], "1.50"),
        (pa.array([Decimal("7")], pa.decimal128(38, 10)), "7"),
        (UNUSUAL["half"], "1.5"),
        (pa.array([7.0]), "7"),
        (pa.array([float("nan")]), "NaN"),
        (pa.array([_UUID.bytes], pa.binary(16)), str(_UUID)),
        (pa.array([_UUID.bytes], pa.uuid()), str(_UUID)),
        (pa.array([7.0]).dictionary_encode(), "7"),
        (UNUSUAL["null"], None),
        (UNUSUAL["view"], "x"),
    ],
)
def test_a_type_has_its_text(column: Any, text: str | None, tmp_path: Path) -> None:
    assert cells(written(tmp_path, a=pa.array(["u"]), b=column)) == {"a": "u", "b": text}


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.float32()),
        pa.list_(pa.float64()),
        pa.large_list(pa.float16()),
        pa.list_(pa.float32(), 2),
    ],
)
def test_a_list_of_floats_is_packed(kind: pa.DataType, tmp_path: Path) -> None:
    rows = [[0.5, 1.5], None, [2.5, None]]
    path = written(tmp_path, a=pa.array(["u", "v", "w"]), b=pa.array(rows, kind))
    (block,) = read_parquet(path)
    found = [None if cell is None else plain(cell) for cell in block.frame["b"]]
    assert found == [[0.5, 1.5], None, [2.5, None]]


def test_long_vectors_are_read_a_few_rows_at_a_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(900, 40_000)).astype(np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(wide.reshape(-1)), 40_000)
    path = written(tmp_path, b=column)
    blocks = list(read_parquet(path))
    assert len(blocks) > 1
    first = unpack(blocks[1].frame["b"][0])
    assert first is not None
    np.testing.assert_array_equal(first, wide[len(blocks[0].frame)])


@pytest.mark.parametrize("name", ["fixed", "far moments in a list", "twice in a struct"])
def test_a_column_that_is_no_text_is_refused_by_name(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, user_id=UNUSUAL[name])
    with pytest.raises(FileRefused, match="user_id") as refused:
        list(read_parquet(path))
    assert refused.value.code == "type"
    assert "--skip 'user_id'" in refused.value.hint


def test_a_name_may_stand_twice(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    columns = [pa.array(["u"]), pa.array(["x"]), pa.array([None]), pa.array(["z"])]
    table = pa.Table.from_arrays(columns, names=["user_id", "a", "", "a"])
    pyarrow.parquet.write_table(table, path)
    assert cells(path) == {
        "user_id": "u", "a (column 2)": "x", "column 3": None, "a (column 4)": "z",
    }  # fmt: skip
    assert cells(path, lambda header: header[3:]) == {"a (column 4)": "z"}


def test_a_file_of_no_rows_has_its_columns(tmp_path: Path) -> None:
    path = written(tmp_path, user_id=pa.array([], pa.string()), b=pa.array([], pa.binary(2)))
    (block,) = read_parquet(path)
    assert (block.header, block.read) == (["user_id", "b"], 0)


def test_bytes_that_are_no_text_are_rejected_by_column(tmp_path: Path) -> None:
    path = written(tmp_path, a=["x", "y"], b=[b"\xff\xd8", b"ok"])
    (block,) = read_parquet(path)
    assert [(one.code, one.detail) for one in block.broken] == [("encoding", "b")]
    assert "--skip COLUMN" in block.broken[0].reason
