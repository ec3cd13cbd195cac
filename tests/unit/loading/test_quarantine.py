"""The quarantine file: one JSON object per bad row, which can be mended and read again."""

import json
import stat
from pathlib import Path

import pytest

from engine.data.reading.block import Block
from engine.data.reading.rejection import CODES, Rejection, content_seal
from engine.data.reading.table_reader import read_blocks
from engine.errors import StoreError
from engine.loading.quarantine import Quarantine


def written(folder: Path, source: str, rejections: list[Rejection]) -> Path:
    with Quarantine(folder / "quarantine", 7, folder / source) as quarantine:
        quarantine.add(rejections)
    return quarantine.path


def test_no_bad_row_no_file(tmp_path: Path) -> None:
    assert not written(tmp_path, "a.csv", []).exists()


def test_a_row_has_its_cells_and_its_story(tmp_path: Path) -> None:
    cells = {"user_id": "", "item_id": "i"}
    one = Rejection(3, "required-value", "user_id", line=12, cells=cells, value=r"\N")
    path = written(tmp_path, "events.csv", [one])
    assert path.name == "000007-events.csv.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text(encoding="utf-8")) == {
        **cells,
        "_source": "events.csv",
        "_line": 12,
        "_code": "required-value",
        "_reason": f"user_id '\\\\N': {CODES['required-value']}; give an id; words for nothing, "
        "such as NULL, NaN or \\N, are none",
    }


def test_an_unmended_row_keeps_its_code(tmp_path: Path) -> None:
    rows = [
        Rejection(1, "missing-cell", "", "u", 2, {"user_id": "u"}),
        Rejection(2, "extra-cell", "", "u,i,x", 3, {"user_id": "u", "item_id": "i"}, ("x",)),
        Rejection(3, "bad-json", "", "{", 4, {}),
        Rejection(4, "encoding", "", "", 5, {"user_id": "\udce9", "item_id": "i"}),
    ]
    path = written(tmp_path, "events.csv", rows)
    (block,) = read_blocks(path)
    assert len(block.frame) == 0
    assert [(one.code, one.raw, one.cells, one.extra) for one in block.broken] == [
        (one.code, one.raw, one.cells, one.extra) for one in rows
    ]


def test_a_mended_row_is_a_row(tmp_path: Path) -> None:
    rows = [Rejection(1, "missing-cell", "", "u", 2, {"user_id": "u"})]
    path = written(tmp_path, "events.csv", rows)
    row = json.loads(path.read_text(encoding="utf-8"))
    assert row["_seal"] == content_seal({"user_id": "u"})
    for mended in (row | {"item_id": "i"}, {k: v for k, v in row.items() if k != "_seal"}):
        path.write_text(json.dumps(mended), encoding="utf-8")
        (block,) = read_blocks(path)
        assert (len(block.frame), block.broken) == (1, [])


def test_a_long_name_leaves_room_for_the_rest(tmp_path: Path) -> None:
    one = Rejection(1, "bad-json", "", "{", 1, {})
    path = written(tmp_path, "é" * 125 + ".csv", [one])
    assert path.name == f"000007-{'é' * 100}.jsonl"
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1
    # The name is shown as part of a command to be typed.
    path = written(tmp_path, "caf\udce9.csv", [one])
    assert path.name == r"000007-caf\udce9.csv.jsonl"


def test_numbers_are_read_again_as_they_stood(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("user_id;item_id;weight\n;i;1.234\n;j;1,5\n", "utf-8")
    (block,) = (one for one in read_blocks(tmp_path / "a.csv") if len(one.frame))
    rows = [Rejection(row, "required-value", "user_id") for row in (1, 2)]
    with Quarantine(tmp_path, 7, Path("a.csv")) as quarantine:
        quarantine.add(rows, block)
    (again,) = read_blocks(quarantine.path)
    assert (block.grouping_point, block.decimal_comma) == (True, True)
    assert (again.grouping_point, again.decimal_comma) == (True, True)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "000007-a.csv.jsonl").symlink_to("/dev/full")
    with (
        Quarantine(tmp_path, 7, Path("a.csv")) as quarantine,
        pytest.raises(StoreError, match="rejected rows cannot be kept"),
    ):
        quarantine.add([Rejection(1, "bad-json", "", "{", 1, {})])


def test_the_block_tells_line_and_cells(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text('a,b\n"x\ny",1\nz,2\n', encoding="utf-8")
    block: Block = next(iter(read_blocks(source)))
    with Quarantine(tmp_path, 1, source) as quarantine:
        quarantine.add([Rejection(2, "enum", "b")], block)
    row = json.loads(quarantine.path.read_text(encoding="utf-8"))
    assert (row["_line"], row["a"], row["b"]) == (4, "z", "2")
    assert quarantine.counts == {"enum": 1}


def test_a_full_file_is_counted_and_not_written(tmp_path: Path) -> None:
    rows = [Rejection(row, "blank-row", "", "", row, {"a": "x" * 40}) for row in range(1, 101)]
    with Quarantine(tmp_path, 1, tmp_path / "a.csv", max_bytes=5_000) as quarantine:
        for start in range(0, 100, 10):
            quarantine.add(rows[start : start + 10])
    data = quarantine.path.read_bytes()
    assert 4_000 < len(data) <= 5_000
    lines = [json.loads(line)["_line"] for line in data.splitlines()]
    assert lines == list(range(1, len(lines) + 1))
    assert quarantine.counts == {"blank-row": 100}
    assert quarantine.unwritten == 100 - len(lines)
    assert quarantine.examples == {"blank-row": "every cell is empty; remove the row"}
