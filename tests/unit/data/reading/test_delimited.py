"""Every row of a CSV has the line where it begins, quoted line ends and blank lines included."""

import bz2
import csv
import gzip
import io
import lzma
import subprocess
from pathlib import Path

import numpy as np
import pytest

from engine.data.reading.delimited import read_delimited
from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_an_editor(
    line_end: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    cells = ["x", f"two{line_end}lines", f"{line_end}{line_end}", "a,b", 'say "x"']
    text = io.StringIO(newline="")
    text.write(f"{line_end}a,b{line_end}")
    expected: list[tuple[int, str]] = []
    blank = 1
    for number in range(500):
        row = [f"{number}", *(cells[at] for at in rng.integers(0, len(cells), rng.integers(1, 3)))]
        if rng.random() < 0.1:
            text.write(line_end)
            blank += 1
        expected.append((_lines(text, line_end) + 1, row[0]))
        csv.writer(text, lineterminator=line_end).writerow(row)
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode())
    found: list[tuple[int, str]] = []
    for block in read_delimited(path, ",", ReadOptions()):
        blank -= block.blank_lines
        if block.lines is not None:
            found += zip(block.lines.to_list(), block.frame["a"].to_list(), strict=True)
        found += [(one.line or 0, (one.cells or {})["a"]) for one in block.broken]
    assert sorted(found) == sorted(expected)
    assert blank == 0


def _lines(text: io.StringIO, line_end: str) -> int:
    return text.getvalue().count(line_end)


def test_torn_rows_keep_the_cells_they_have(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b,_c,d\n1,"x,\ny"\n1,2,3,4,5,6\n', encoding="utf-8")
    broken = [one for block in read_delimited(path, ",", ReadOptions()) for one in block.broken]
    assert [(one.code, one.line, one.cells, one.extra) for one in broken] == [
        ("missing-cell", 2, {"a": "1", "b": "x,\ny"}, ()),
        ("extra-cell", 4, {"a": "1", "b": "2", "d": "4"}, ("5", "6")),
    ]


def test_columns_that_begin_with_an_underscore_are_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("_row,a\n9,1\n", encoding="utf-8")
    (first, *_) = read_delimited(path, ",", ReadOptions())
    assert first.frame.rows(named=True) == [{"a": "1", "_row": 1}]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"_a\n1\n", "header"),
        (b"caf\xe9,b\n", "encoding-error"),
        ("a,b\n".encode("utf-16"), "encoding-error"),
        (b" \n\n", "empty-file"),
    ],
)
def test_files_that_are_refused(data: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(FileRefused) as refused:
        list(read_delimited(path, ",", ReadOptions()))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (gzip.compress(b"user_id,item_id\n", mtime=0), "end in .gz"),
        (b"PK\x03\x04\x14\x00\x00\x00", "unpack it; save a sheet of Excel as CSV"),
        (b"PAR1\x15\x04\x15", "--format parquet"),
        (bz2.compress(b"user_id,item_id\n"), "bunzip2"),
        (lzma.compress(b"user_id,item_id\n"), "unxz"),
        ("a,b\n".encode("utf-16"), "iconv -f UTF-16 "),
        ("a,b\n".encode("utf-32"), "iconv -f UTF-32 "),
    ],
)
def test_a_file_of_another_kind_is_named_and_the_advice_helps(
    data: bytes, remedy: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(FileRefused) as refused:
        list(read_delimited(path, ",", ReadOptions()))
    assert remedy in refused.value.hint


def test_the_command_that_converts_a_file_can_be_typed(tmp_path: Path) -> None:
    path = tmp_path / "of Excel.csv"
    path.write_bytes("user_id,item_id\nann,tea\n".encode("utf-16"))
    with pytest.raises(FileRefused) as refused:
        list(read_delimited(path, ",", ReadOptions()))
    subprocess.run(refused.value.hint.removeprefix("convert it: "), shell=True, check=True)
    block = next(iter(read_delimited(tmp_path / "of Excel-utf8.csv", ",", ReadOptions())))
    assert block.frame["user_id"].to_list() == ["ann"]


@pytest.mark.parametrize("start", ["PAR1,b", "BZh9,b", "PK,b"])
def test_a_header_that_begins_like_another_kind_is_a_header(start: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{start}\n1,2\n", encoding="utf-8")
    (first, *_) = read_delimited(path, ",", ReadOptions())
    assert first.header == start.split(",")


def test_a_file_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("1\t2\n3\t4", encoding="utf-8")
    blocks = list(read_delimited(path, ",", ReadOptions(columns=("head", "tail"))))
    assert blocks[0].frame.select("head", "tail").rows() == [("1", "2"), ("3", "4")]
