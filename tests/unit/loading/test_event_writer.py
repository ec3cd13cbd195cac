"""Which rows are new, decided without a graph; writing them: integration/test_exactly_once.py."""

from typing import Any

import polars as pl

from engine.data.reading.rejection import Rejection
from engine.loading.event_writer import CONTENT, compare, only_new

A = ("ann", "tea", "buy", 5, 1.0, None)
B = ("ann", "mug", "buy", 5, 1.0, None)


def _rows(*rows: tuple[Any, ...]) -> pl.DataFrame:
    schema = {"key": pl.Int64, "row": pl.Int64, "user": pl.String, "item": pl.String}
    schema |= {"event": pl.String, "at": pl.Int64, "weight": pl.Float64, "basket": pl.String}
    return pl.DataFrame(list(rows), {name: schema[name] for name in CONTENT}, orient="row")


def test_a_key_seen_before_is_a_duplicate_with_the_same_content_and_else_a_conflict() -> None:
    first: dict[int, tuple[Any, ...]] = {1: A}
    keep, conflicts = compare([(1, 0, *A), (1, 1, *B), (2, 2, *B), (2, 3, *B), (2, 4, *A)], first)
    assert keep == [False, False, True, False, False]
    assert conflicts == [Rejection(row, "conflict", "event_id") for row in (1, 4)]
    assert first == {1: A, 2: B}


def test_events_that_differ_in_the_basket_alone_are_not_the_same() -> None:
    other = (*A[:-1], "basket-7")
    keep, conflicts = compare([(1, 0, *A), (1, 1, *other)], {})
    assert keep == [True, False]
    assert [one.row for one in conflicts] == [1]


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
