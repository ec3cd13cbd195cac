"""What was understood of a file without being said stands in its report."""

from pathlib import Path

from engine.data.reading import columns
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.reading_notes import ReadingNotes
from engine.data.reading.table_reader import read_blocks


def test_fields_kinds_and_dialect_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(";visitorid;item_id;note;price\n0;u;i;x;4\n", encoding="utf-8")
    (block, *_) = read_blocks(path)
    notes = ReadingNotes()
    assigned = {"user_id": "visitorid", "item_id": "item_id"}
    notes.of_fields(block, assigned, ReadOptions(skip=("price", "prise")))
    notes.of_kinds({"Product Viewed": "product_viewed"})
    assert notes.lines() == [
        "cells are separated by ';'",
        "a comma is a decimal mark",
        "read as user_id = 'visitorid'",
        "kinds of event: 'Product Viewed' is product_viewed; --kind TEXT=KIND says otherwise",
        "columns without a name, not used: column 1",
        "columns not used: note; --map FIELD=COLUMN says what one is",
        "--skip names no column of it: prise",
    ]


def test_attributes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("SKU,categoryId,batch,title\n1,2,3,4\n", encoding="utf-8")
    (block, *_) = read_blocks(path)
    notes = ReadingNotes()
    notes.of_attributes("item_id", "SKU", columns.attributes(block.header, "SKU", {}))
    assert notes.lines() == [
        "read as item_id = 'SKU'",
        "columns stored under another name: 'categoryId' as category_id",
        "columns left out: 'batch' (batch is the engine's own; name it: --map 'ATTRIBUTE=batch')",
    ]


def test_what_says_everything_needs_no_notes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("user_id,item_id\nu,i\n", encoding="utf-8")
    (block, *_) = read_blocks(path)
    notes = ReadingNotes()
    notes.of_fields(block, {"user_id": "user_id", "item_id": "item_id"}, ReadOptions())
    assert notes.lines() == []


def test_long_lists_are_cut() -> None:
    notes = ReadingNotes(kinds={f"Kind {number}": f"kind_{number}" for number in range(30)})
    (line,) = notes.lines()
    assert "and 10 more" in line
