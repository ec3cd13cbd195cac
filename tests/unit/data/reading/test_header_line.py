"""Where the rows of a text begin, and what its columns are called."""

from pathlib import Path

import pytest

from engine.data.reading.header_line import read_header
from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused


@pytest.mark.parametrize(
    ("text", "names", "lines"),
    [
        ("a,b\n1,2\n", ["a", "b"], 1),
        ("\n\r\na,b\n1,2\n", ["a", "b"], 3),
        ("sep=;\r\na;b\r\n1;2\r\n", ["a", "b"], 2),
        ('a,"two\nlines"\n1,2\n', ["a", "two\nlines"], 2),
        (",a\n0,1\n", ["column 1", "a"], 1),
        ("a, b\n1, 2\n", ["a", "b"], 1),
        ("# by x\n#\n\na,b\n1,2\n", ["a", "b"], 4),
        ("# by x\r\n#a,b\r\n1,2\r\n", ["#a", "b"], 2),
        ("#a,b\n#1,2\n3,4\n", ["#a", "b"], 1),
        ("#a\n", ["#a"], 1),
    ],
)
def test_rows_begin_after_the_header(text: str, names: list[str], lines: int) -> None:
    head = read_header(Path("a.csv"), text.encode(), ",", ReadOptions())
    assert (head.names, head.lines) == (names, lines)
    assert text.encode()[: head.size].count(b"\n") == lines


def test_a_text_without_a_header_begins_at_once() -> None:
    head = read_header(Path("a.csv"), b"1;2\n3;4\n", ",", ReadOptions(columns=("a", "b")))
    assert (head.names, head.lines, head.size) == (["a", "b"], 0, 0)
    assert head.dialect.delimiter == ";"


def test_rows_that_begin_like_remarks_stay_rows() -> None:
    options = ReadOptions(columns=("a", "b"))
    for text, lines in (("#1,2\n3,4\n", 0), ("# x\n3,4\n", 1)):
        head = read_header(Path("a.csv"), text.encode(), ",", options)
        assert (head.names, head.lines) == (["a", "b"], lines)
    assert head.dialect.remarks() == ["1 lines before the header, of remarks, are passed over"]


def test_a_header_is_utf8() -> None:
    with pytest.raises(FileRefused, match="byte offset 5"):
        read_header(Path("a.csv"), b"a,caf\xe9\n1,2\n", ",", ReadOptions())
