from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from engine.connections.forgotten import ForgottenIds, usable_key
from engine.data import facts
from engine.data.reading.block import Block
from engine.data.reading.rejection import Rejection
from engine.loading.forgotten_rows import leave_out, leave_out_facts
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine


@pytest.fixture
def forgotten(home: Path) -> Iterator[ForgottenIds]:
    """The user 1 and the item 2 are forgotten."""
    with registry_engine(f"sqlite:///{home / 'registry.sqlite'}") as engine:
        registry = Registry(engine)
        key = usable_key(registry, home)
        both = [key.digest("user", "1"), key.digest("item", "2")]
        registry.tombstones.add(both, key.name)
        yield ForgottenIds(registry, home)


def _block(users: list[str | None], items: list[str], *broken: Rejection) -> Block:
    frame = pl.DataFrame({"u": users, "i": items, "_row": range(len(users))})
    return Block(frame, list(broken), lines=pl.Series(range(2, len(users) + 2)))


def test_rows_are_left_out_by_the_column_of_their_kind(forgotten: ForgottenIds) -> None:
    block = _block(["1", "2", "3", None, "2"], ["1", "1", "2", "3", "3"])
    left = leave_out(block, {"user": ["u"], "item": ["i"]}, forgotten)
    assert left.frame["_row"].to_list() == [1, 3, 4]
    assert left.lines is not None
    assert left.lines.to_list() == [3, 5, 6]
    assert (left.forgotten, left.read) == (2, 5)


def test_a_row_that_could_not_be_taken_apart_is_left_out_by_any_cell(
    forgotten: ForgottenIds,
) -> None:
    broken = [
        Rejection(7, "missing-cell", "", cells={"u": "1", "i": None}),
        Rejection(8, "bad-json", "", raw='{"u": "1", "i'),
        Rejection(9, "bad-json", "", raw='{"u": "11", "i": "12'),
        Rejection(10, "extra-cell", "", cells={"u": "3"}, extra=("2",)),
    ]
    left = leave_out(_block(["3"], ["3"], *broken), {"user": ["u"]}, forgotten)
    assert [one.row for one in left.broken] == [9]
    assert (left.forgotten, left.read) == (3, 5)


def test_nothing_is_left_out_where_nobody_is_forgotten(forgotten: ForgottenIds) -> None:
    block = _block(["3"], ["3"])
    assert leave_out(block, {"user": ["u"]}, None) is block
    assert leave_out(block, {"user": ["u"], "item": ["not there"]}, forgotten) is block


def test_facts_are_left_out_by_the_type_of_their_ends(forgotten: ForgottenIds) -> None:
    frame = pl.DataFrame(
        {
            "head": ["1", "1", "3", "2", "1"],
            "head_type": ["User", "Item", "User", "Thing", "user"],
            "tail": ["9", "9", "2", "9", "9"],
            "tail_type": ["Thing", "Thing", "Item", "Thing", "Thing"],
            "relation": ["R", "R", "R", "R", "-"],
            "_row": range(5),
        }
    )
    block = Block(frame)
    good, bad = facts.validate(block, {name: name for name in frame.columns[:-1]}, {})
    assert [one.row for one in bad] == [4]
    left, kept, rejected = leave_out_facts(block, good, bad, forgotten)
    assert kept["row"].to_list() == [1, 3]
    assert rejected == []
    assert (left.forgotten, left.frame["_row"].to_list()) == (3, [1, 3])
