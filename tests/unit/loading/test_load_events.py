from pathlib import Path

import polars as pl
import pytest

from engine.data.reading.block import Block
from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused, UsageError
from engine.loading.load_events import MAX_KINDS, assigned, validate_block, validated_blocks


def test_blocks_hold_the_events_and_the_rejected_rows(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user,product_id,ts\nann,tea,1700000000\n,mug,1700000000\n")
    one = next(validated_blocks(path, ReadOptions()))
    assert one.events.select("user", "item").rows() == [("ann", "tea")]
    assert [(bad.row, bad.code) for bad in one.bad] == [(2, "required-value")]
    assert one.contract.columns["item_id"] == "product_id"


def test_parts_of_a_folder_keep_their_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    for number in range(2):
        (folder / f"part-{number}.csv").write_text(f"user_id,item_id\nann,i{number}\n")
    found = list(validated_blocks(folder, ReadOptions()))
    items = [(one.part, item) for one in found for item in one.events["item"]]
    assert items == [(0, "i0"), (1, "i1")]


def test_a_column_of_kinds_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    rows = [f"ann,tea,kind-{number}" for number in range(MAX_KINDS + 1)]
    path.write_text("\n".join(["user_id,item_id,event", *rows, ""]))
    with pytest.raises(FileRefused, match=f"more than {MAX_KINDS} kinds") as refused:
        list(validated_blocks(path, ReadOptions()))
    assert "--skip 'event'" in (refused.value.hint or "")
    path.write_text("\n".join(["user_id,item_id,event", *rows[:MAX_KINDS], ""]))
    assert sum(len(one.events) for one in validated_blocks(path, ReadOptions())) == MAX_KINDS


def test_a_kind_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id\nann,tea\n")
    with pytest.raises(UsageError):
        list(validated_blocks(path, ReadOptions(kinds={"View": "???"})))


def test_fields_without_a_column_are_refused_and_other_fields_passed_over() -> None:
    options = ReadOptions(mapping={"item_id": "sku", "head": "x"})
    assert assigned(["user_id", "sku"], options) == {"user_id": "user_id", "item_id": "sku"}
    with pytest.raises(FileRefused):
        assigned(["user_id", "colour"], ReadOptions())


def test_events_from_before_a_moment_are_counted_and_left_out() -> None:
    cells = {
        "user_id": ["ann", "ann", "bob", ""],
        "item_id": ["tea", "mug", "tea", "tea"],
        "timestamp": ["1700000000", "1700000001", "", "1600000000"],
    }
    block = Block(pl.DataFrame(cells).with_columns(_row=pl.Series(range(4), dtype=pl.Int64)))
    one = validate_block(block, ReadOptions(), oldest=1_700_000_001_000)
    assert one.events["row"].to_list() == [1, 2], "the moment itself, and what has no time, stay"
    assert [bad.row for bad in one.bad] == [3], "what is no event has no age"
    assert (one.block.read, one.block.past_limit, one.block.left_out) == (4, 1, 1)
    assert len(validate_block(block, ReadOptions()).events) == 3
