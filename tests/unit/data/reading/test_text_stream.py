"""Records are cut where the csv module would cut them, wherever the pieces of a file end."""

import csv
import io
from typing import Any

import numpy as np
import pytest

from engine.data.reading.text_stream import as_it_stood, pieces, readable


class Dribble:
    """Gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._file, self._size = io.BytesIO(data), size

    def read(self, _size: int) -> bytes:
        return self._file.read(self._size)


def cut(data: bytes, size: int, delimiter: str | None = ",") -> list[tuple[bytes, str | None]]:
    stream: Any = Dribble(data, size)
    return [(piece.data, piece.fault) for piece in pieces(stream, b"", delimiter)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_quoted_records_stay_whole(size: int, rng: np.random.Generator) -> None:
    words = ["a", "b,c", 'say "x"', "line\nend", "\n", '"', "", ",", "\r\n"]
    rows = [[words[at] for at in rng.integers(0, len(words), 3)] for _ in range(200)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    found = cut(text.getvalue().encode(), size)
    assert all(fault is None for _, fault in found)
    assert b"".join(data for data, _ in found).decode() == text.getvalue()
    read = [
        row
        for data, _ in found
        for row in csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    ]
    assert read == rows


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_a_bad_quote_costs_its_line(size: int) -> None:
    data = b'a,b\n"c"d,e\nf,"g\nh,i\n'
    good = b"".join(part for part, fault in cut(data, size) if fault is None)
    bad = [part for part, fault in cut(data, size) if fault]
    assert (good, bad) == (b"a,b\nh,i\n", [b'"c"d,e\n', b'f,"g\n'])


def test_a_quote_within_a_cell_is_a_character() -> None:
    data = b'5" disk,7" disk\n'
    assert cut(data, 4) == [(data, None)]


def test_a_line_without_end_is_one_fault() -> None:
    data = b"a\n" + b"x" * (40 << 20) + b"\nb\n"
    found = cut(data, 4 << 20)
    assert [fault for _, fault in found if fault] == ["too-long"]
    assert b"".join(part for part, fault in found if not fault) == b"a\nb\n"


def test_foreign_bytes_travel_and_come_back() -> None:
    data, moved = readable(b"caf\xe9 \xc3\xa9")
    assert moved
    assert as_it_stood(data.decode()) == "caf\udce9 é"
    assert readable("café".encode()) == ("café".encode(), False)


@pytest.mark.parametrize("size", [1, 2, 5, 10_000])
def test_files_that_were_joined_have_a_mark_each(size: int) -> None:
    mark = b"\xef\xbb\xbf"
    data = mark + b"a,1\n" + mark + b"b,2\n" + mark + b'"c\n' + mark + b'd",3'
    assert b"".join(one for one, _ in cut(data, size)) == b'a,1\nb,2\n"c\nd",3'


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_a_piece_has_few_enough_lines(line_end: bytes) -> None:
    data = (b"a," + line_end) * 200_000
    found = [
        piece.data
        for piece in pieces(io.BytesIO(data), b"", ",", lambda one: one.replace(b"\r", b"\n"))
    ]
    assert b"".join(found) == data.replace(b"\r", b"\n")
    assert max(piece.count(b"\n") for piece in found) <= 2 * 40_000
