"""One table in every format is the same rows, and memory does not grow with the file."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.data.reading.block import plain
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.table_reader import detect_format, read_blocks
from engine.errors import FileRefused

ROWS = [("a", "1"), ("b,c", "x\ny"), ('"q"', "")]


def _csv(path: Path, delimiter: str) -> bytes:
    cells = [["user_id", "item_id"], *([*row] for row in ROWS)]
    quoted = ([f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in cells)
    return "\n".join(delimiter.join(row) for row in quoted).encode()


def _jsonl(_path: Path, _delimiter: str) -> bytes:
    lines = (json.dumps({"user_id": user, "item_id": item}) for user, item in ROWS)
    return "\n".join(lines).encode()


def _parquet(path: Path, _delimiter: str) -> bytes:
    pl.DataFrame(ROWS, ["user_id", "item_id"], orient="row").write_parquet(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "delimiter"),
    [
        ("t.csv", _csv, ","),
        ("t.TSV", _csv, "\t"),
        ("t.jsonl", _jsonl, ""),
        ("t.parquet", _parquet, ""),
    ],
)
@pytest.mark.parametrize("packed", ["", ".gz", ".zst"])
def test_every_format_holds_the_same_rows(
    name: str,
    content: Callable[[Path, str], bytes],
    delimiter: str,
    packed: str,
    tmp_path: Path,
) -> None:
    if packed and name.endswith("parquet"):
        packed = ""  # Parquet compresses by itself
    data = content(tmp_path / name, delimiter)
    if packed == ".gz":
        data = gzip.compress(data[:10], mtime=0) + gzip.compress(data[10:])
    elif packed == ".zst":
        data = pa.compress(data, "zstd", asbytes=True)
    path = tmp_path / (name + packed)
    path.write_bytes(data)
    blocks = list(read_blocks(path))
    frame = pl.concat([block.frame for block in blocks])
    assert frame.select("user_id", "item_id").rows() == ROWS
    assert frame["_row"].to_list() == [1, 2, 3]
    assert sum(block.read for block in blocks) == 3


def test_parquet_types_become_text(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 1, 12, tzinfo=UTC)
    table = pa.table(
        {
            "int": pa.array([1, None, 2**62 + 1], pa.int64()),
            "float": pa.array([7.0, None, 2.5], pa.float64()),
            "zoned": pa.array([moment, None, moment], pa.timestamp("us", "America/New_York")),
            "naive": pa.array([datetime(2024, 1, 1, 12)] * 3, pa.timestamp("ns")),
            "day": pa.array([date(2024, 1, 1)] * 3, pa.date32()),
            "word": pa.array(["x", None, "x"]).dictionary_encode(),
            "bytes": pa.array([b"x", None, b"\xff"], pa.binary()),
            "list": pa.array([["a", "b"], None, []], pa.list_(pa.string())),
            "flag": pa.array([True, None, False]),
            "_ours": pa.array([1, 2, 3]),
        }
    )
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(table, path)
    (block,) = read_blocks(path)
    noon, day = "2024-01-01T12:00:00Z", "2024-01-01"
    first: dict[str, Any] = {
        "int": "1", "float": "7", "zoned": noon, "naive": noon, "day": day, "word": "x",
        "bytes": "x", "list": ["a", "b"], "flag": "true",
    }  # fmt: skip
    rows = [{k: plain(v) for k, v in row.items()} for row in block.frame.iter_rows(named=True)]
    assert rows[0] == first | {"_row": 1}
    assert rows[1] == {**dict.fromkeys(first), "naive": noon, "day": day, "_row": 2}
    (bad,) = block.broken
    assert (bad.code, bad.row, bad.cells and bad.cells["int"]) == ("encoding", 3, str(2**62 + 1))


@pytest.mark.parametrize(
    ("suffix", "write", "packed"),
    [("csv", _csv, ""), ("csv", _csv, ".gz"), ("jsonl", _jsonl, ""), ("parquet", _parquet, "")],
)
def test_the_name_of_a_file_need_not_be_unicode(
    suffix: str, write: Callable[[Path, str], bytes], packed: str, tmp_path: Path
) -> None:
    data = write(tmp_path / "a", ",")
    path = tmp_path / os.fsdecode(b"caf\xe9\n." + f"{suffix}{packed}".encode())
    path.write_bytes(gzip.compress(data) if packed else data)
    assert sum(len(block.frame) for block in read_blocks(path)) > 1


def test_names_tell_formats() -> None:
    names = {
        "a.csv.gz": "csv",
        "ml.inter": "tsv",
        "b.ndjson.ZST": "jsonl",
        "000001-a.csv.jsonl": "jsonl",
    }
    assert {name: detect_format(Path(name)) for name in names} == names
    with pytest.raises(FileRefused):
        detect_format(Path("train.txt.gz"))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("missing.csv", None, "missing-file"),
        ("empty.jsonl", b"", "empty-file"),
        ("page.csv", b"\n<!DOCTYPE html><p>Log in</p>", "format"),
        ("text.parquet", b"user_id\n", "unreadable"),
        ("text.csv.gz", b"user_id\n", "unreadable"),
        ("cut.csv.gz", gzip.compress(b"user_id,item_id\n" * 9, mtime=0)[:-12], "truncated"),
        ("what.xlsx", b"x", "format"),
    ],
)
def test_files_that_are_refused(name: str, data: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(FileRefused) as refused:
        list(read_blocks(path))
    assert refused.value.code == code


def test_only_delimited_files_can_lack_a_header(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(FileRefused):
        list(read_blocks(path, ReadOptions(columns=("a",))))


@pytest.mark.parametrize(
    "row",
    ["u{0:040},i{0:0260}", "u{0:040}", 'u{0:040},"i'],
    ids=["good", "torn", "never closed"],
)
def test_memory_holds_a_block_and_not_the_file(row: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("user_id,item_id\n")
        file.writelines(row.format(n) + "\n" for n in range(300_000))
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from engine.data.reading.table_reader import read_blocks\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "read = sum(block.read for block in read_blocks(Path(sys.argv[1])))\n"
        "print(read, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    read, grown = map(int, done.stdout.split())
    assert read == 300_000
    assert grown < 150 << 10, f"{grown >> 10} MiB"
