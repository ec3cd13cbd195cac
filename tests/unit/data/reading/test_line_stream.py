import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.data.reading.line_stream import Line, LineStream
from engine.errors import FileRefused


def take(batches: Iterator[list[Line]], count: int) -> list[Line]:
    """Return the next ``count`` lines, however they are cut into batches."""
    found: list[Line] = []
    while len(found) < count:
        found += next(batches)
    assert len(found) == count
    return found


def test_a_pipe_is_read_to_its_end_in_batches() -> None:
    with LineStream(None, io.BytesIO(b"a\nb\n\nc")) as stream:
        batches = [[line.data for line in batch] for batch in stream.batches(2, 60.0) if batch]
    assert batches == [[b"a\n", b"b\n"], [b"\n", b"c\n"]]


def test_what_came_is_not_kept_waiting_for_a_full_batch() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as pipe, LineStream(None, pipe) as stream:
        batches = stream.batches(1_000, 0.01)
        os.write(write, b"first\n")
        assert [line.data for line in take(batches, 1)] == [b"first\n"]
        os.write(write, b"second\n")
        assert [line.data for line in take(batches, 1)] == [b"second\n"]
        os.close(write)
        assert not [line for batch in batches for line in batch]


def test_a_file_is_followed_as_it_grows_is_cut_and_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\nhal")
    with LineStream(path) as stream:
        batches = stream.batches(10, 0.01)
        assert [line.data for line in take(batches, 1)] == [b"one\n"]
        with path.open("ab") as file:
            file.write(b"f\n")
        half = take(batches, 1)[0]
        assert (half.data, half.end) == (b"half\n", 9)
        path.write_bytes(b"cut\n")
        assert [line.data for line in take(batches, 1)] == [b"cut\n"]
        other = tmp_path / "next"
        other.write_bytes(b"another file, longer than the one before\n")
        other.replace(path)
        another = take(batches, 1)[0]
        assert another.data.startswith(b"another")
        assert another.source != half.source


def test_it_goes_on_where_it_was_in_the_same_file_only(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\ntwo\n")
    with LineStream(path) as stream:
        first = take(stream.batches(1, 0.01), 1)[0]
    with LineStream(path, start=first.end, of=first.source) as stream:
        assert take(stream.batches(1, 0.01), 1)[0].data == b"two\n"
    with LineStream(path, start=first.end, of="another") as stream:
        assert take(stream.batches(1, 0.01), 1)[0].data == b"one\n"


def test_the_reader_ends_with_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"")
    before = set(threading.enumerate())
    with LineStream(path) as stream:
        assert next(stream.batches(1, 0.01)) == []
    stream.join()
    assert set(threading.enumerate()) <= before


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="no such file"):
        LineStream(tmp_path / "none.jsonl")
