"""When is an event the one that is there already? By its key, and by every part of its content."""

from typing import Any

import polars as pl
import pytest

from engine.loading.event_writer import CONTENT, compare, only_new

FIRST: dict[str, Any] = {
    "key": 7,
    "row": 0,
    "user": "u",
    "item": "i",
    "event": "buy",
    "at": 1_700_000_000_000,
    "weight": 1.0,
    "basket": "b",
}
OTHER = {"user": "v", "item": "j", "event": "view", "at": 1, "weight": 2.0, "basket": None}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([FIRST | {"row": number} | row for number, row in enumerate(rows)])


@pytest.mark.parametrize("part", [name for name in CONTENT if name not in ("key", "row")])
def test_one_key_and_another_content_is_a_conflict_whatever_differs(part: str) -> None:
    """In one file, and against what the graph holds."""
    rows = frame({}, {part: OTHER[part]}, {})
    fresh, conflicts = only_new(rows, {})
    assert fresh["row"].to_list() == [0]
    assert [(one.row, one.code, one.detail) for one in conflicts] == [(1, "conflict", "event_id")]

    known = {7: tuple((FIRST | {part: OTHER[part]})[name] for name in CONTENT[2:])}
    fresh, conflicts = only_new(frame({}), known)
    assert len(fresh) == 0
    assert [one.row for one in conflicts] == [0]


def test_the_same_event_again_is_a_duplicate_and_no_conflict() -> None:
    fresh, conflicts = only_new(frame({}, {}, {"key": 8}), {})
    assert (fresh["row"].to_list(), conflicts) == ([0, 2], [])
    known = {8: tuple(FIRST[name] for name in CONTENT[2:])}
    assert only_new(frame({"key": 8}), known)[0].is_empty()


def test_what_is_new_is_remembered_for_the_rows_after_it() -> None:
    first: dict[int, tuple[Any, ...]] = {}
    row = tuple(FIRST[name] for name in CONTENT)
    assert compare([row], first) == ([True], [])
    assert compare([row], first) == ([False], [])
    assert list(first) == [7]


A = ("ann", "tea", "buy", 5, 1.0, None)
B = ("ann", "mug", "buy", 5, 1.0, None)


def _rows(*rows: tuple[Any, ...]) -> pl.DataFrame:
    schema = {"key": pl.Int64, "row": pl.Int64, "user": pl.String, "item": pl.String}
    schema |= {"event": pl.String, "at": pl.Int64, "weight": pl.Float64, "basket": pl.String}
    return pl.DataFrame(list(rows), {name: schema[name] for name in CONTENT}, orient="row")


def test_rows_with_keys_of_their_own_pass_untouched() -> None:
    rows = _rows((1, 0, *A), (2, 1, *B))
    passed, conflicts = only_new(rows, {})
    assert passed is rows
    assert conflicts == []


def test_what_is_known_or_stands_twice_is_dropped() -> None:
    known = {1: A}
    rows = _rows((1, 0, *A), (2, 1, *B), (2, 2, *B))
    passed, conflicts = only_new(rows, known)
    assert passed["row"].to_list() == [1]
    assert conflicts == []
    assert known == {1: A}, "what the graph holds is not added to"
