"""A column of Parquet has one type: every node fits one of the shapes, and loses nothing."""

import pyarrow as pa

from engine.exchange.property_columns import columns_of, fits, shapes
from engine.graph.exporting.node_pages import PropertyType


def _property(name: str, kind: str, length: tuple[int, int] | None = None) -> PropertyType:
    shortest, longest = length or (None, None)
    return PropertyType(name, kind, shortest, longest, 1)


TAGS = (_property("tags", "STRING"), _property("tags", "LIST<STRING>", (1, 2)))
VISION = _property("vision", "LIST<FLOAT>", (2, 2))
EXPIRES = _property("expires_at", "INTEGER")


def test_each_type_of_an_attribute_makes_a_shape() -> None:
    assert shapes([]) == [()]
    found = shapes([EXPIRES, *TAGS, VISION])
    assert found == [(EXPIRES, TAGS[0], VISION), (EXPIRES, TAGS[1], VISION)]
    as_text, as_list = found
    assert fits([1, "a", None], as_text)
    assert not fits([1, "a", None], as_list)
    assert fits([None, ["a"], [0.5, 1.0]], as_list)
    assert not fits([True, ["a"], None], as_list)
    assert fits([None, None, None], as_text)


def test_values_keep_their_types() -> None:
    (shape,) = shapes([EXPIRES, TAGS[1], VISION, _property("numbers", "BYTES")])
    rows = [[1_900_000_000_123, ["a", "b"], [0.5, -1.0], b"\x00\xff"], [None, None, None, None]]
    found = columns_of(shape, rows)
    assert found["expires_at"].type == pa.timestamp("ms", tz="UTC")
    assert found["expires_at"].cast(pa.int64()).to_pylist() == [1_900_000_000_123, None]
    assert found["vision"].type == pa.list_(pa.float32(), 2)
    assert [found[name].to_pylist()[0] for name in ("tags", "numbers")] == [
        ["a", "b"],
        b"\x00\xff",
    ]
    ragged = columns_of((_property("x", "LIST<FLOAT>", (1, 2)),), [[[0.1]], [[0.5, 1.0]]])
    assert ragged["x"].to_pylist() == [[0.1], [0.5, 1.0]]
    strange = columns_of((_property("day", "DATE"),), [["2026-11-29"]])
    assert strange["day"].type == pa.string()


def test_an_empty_list_is_in_a_table_and_says_nothing_there() -> None:
    as_text, as_list = shapes([*TAGS, VISION, EXPIRES])
    assert fits([[], [], []], as_text)
    found = columns_of(as_text, [[[], [], []], ["a", [0.5, 1.0], 1_900_000_000_123]])
    assert [found[one.name].to_pylist()[0] for one in as_text] == [None, None, None]
    assert columns_of(as_list, [[[], [], []]])["tags"].to_pylist() == [[]]
