"""Bytes of a text file, whole records at a time: compression, encoding, quotes, endless lines.

Memory holds one piece and the record that straddles its end, which is bounded.
"""

import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.errors import FileRefused

RECORD_BYTES = 16 << 20
COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
_PEEK = 1 << 20
# One line of an adjacency list is many rows.
_CELL_BYTES = 2 << 20
_LINE_BYTES = 1 << 20
_ENOUGH_LINES = 3
_PART_LINES = 40_000
_MARK = b"\xef\xbb\xbf"
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ESCAPED = re.compile("[\udc80-\udcff]")
# Bytes that are no UTF-8 travel through the parser as private characters.
_MOVE = 0x10FE80 - 0xDC80
MOVED = "[\U0010fe80-\U0010feff]"
_MOVED = re.compile(MOVED)


@dataclass(frozen=True)
class Piece:
    """Whole records of a file.

    Attributes:
        data: The bytes.
        fault: Code of the fault where this is one record that cannot be taken apart.
        cut: Whether the file ends here without an end of line.
    """

    data: bytes
    fault: str | None = None
    cut: bool = False


def open_file(path: Path) -> Any:
    """Open a file whose name need not be Unicode, as pyarrow takes it."""
    return pa.OSFile(os.fsencode(path))


@contextmanager
def open_bytes(path: Path) -> Iterator[Any]:
    """Open a file, decompressed; damage met while reading refuses the file.

    Raises:
        FileRefused: The file cannot be read or is not what its suffix says.
    """
    compression = COMPRESSED.get(path.suffix.lower())
    try:
        with open_file(path) as file:
            if compression is None:
                yield file
            else:
                with pa.CompressedInputStream(file, compression) as stream:
                    yield stream
    except (pa.ArrowInvalid, OSError) as error:
        message = str(error).partition("\n")[0]
        cut = "truncated" in message.lower()
        raise FileRefused(
            f"{path.name} ends too early" if cut else f"{path.name} cannot be read: {message}",
            code="truncated" if cut else "unreadable",
            hint="copy the file again and load it again: what was loaded is recognised"
            if cut
            else "check that the file is what its suffix says",
        ) from error


_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
# How other files begin, what they are, and what to do.
_OTHER_FILES = (
    (rb"\x1f\x8b", "gzip", "let its name end in .gz"),
    (rb"\x28\xb5\x2f\xfd", "zstd", "let its name end in .zst"),
    (rb"PK\x03\x04", "a zip archive", "unpack it; save a sheet of Excel as CSV"),
    (rb"\xd0\xcf\x11\xe0", "an old file of Excel", "save the sheet as CSV"),
    (rb"PAR1[\x00-\x1f]", "Parquet", "let its name end in .parquet, or give --format parquet"),
    (rb"BZh[1-9]1AY&SY", "bzip2", "unpack it: bunzip2"),
    (rb"\xfd7zXZ\x00", "xz", "unpack it: unxz"),
    (rb"\s*<(?i:!doctype html|html|table|\?xml)", "HTML or XML", "save or export it as CSV"),
    (rb"%PDF-", "PDF", "export it as CSV"),
)


def first_bytes(path: Path, stream: Any) -> bytes:
    """Read the beginning of a text file and judge whether it can be UTF-8.

    Raises:
        FileRefused: There is nothing, or it is in another encoding.
    """
    start: bytes = stream.read(_PEEK)
    if not start.strip():
        raise FileRefused(
            f"{path.name} is empty", code="empty-file", hint="check the export that wrote it"
        )
    _refuse_other_files(path, start)
    if start.startswith(_UTF_32):
        raise _wrong_encoding(path, 0, "UTF-32")
    if start.startswith(_MARKS) or _is_of_two_bytes(start[:1024]):
        raise _wrong_encoding(path, 0, "UTF-16")
    if (offset := _foreign(start, whole=len(start) < _PEEK)) is not None:
        raise _wrong_encoding(path, offset, "WINDOWS-1252, SHIFT_JIS or GB18030")
    return _without_marks(start)


def pieces(
    stream: Any,
    start: bytes,
    delimiter: str | None = None,
    clean: Callable[[bytes], bytes] | None = None,
) -> Iterator[Piece]:
    """Yield whole records, some megabytes and not too many at a time.

    Args:
        stream: What follows ``start``.
        start: What was read before.
        delimiter: Of a file whose records may hold line ends in quotes; None: a line is a record.
        clean: Applied to the bytes before they are parted; what it returns it leaves as it is.
    """
    opening = _quoted(delimiter) if delimiter else None
    buffer, skipping = b"", False
    for more, at_end in _parts(stream, start, _CELL_BYTES if delimiter else _LINE_BYTES):
        buffer = _without_marks(buffer + more)
        if clean:
            buffer = clean(buffer)
        if skipping:
            # The rest of a record that was too long: it has been counted.
            past = buffer.find(b"\n") + 1
            buffer, skipping = (buffer[past:], False) if past else (b"", not at_end)
            if not buffer:
                continue
        found, used = _split(buffer, opening, at_end=at_end)
        yield from (part for piece in found if piece.data for part in _small(piece))
        skipping = bool(found) and found[-1].fault is not None and found[-1].cut and not at_end
        buffer = buffer[used:]


def _without_marks(data: bytes) -> bytes:
    """Return bytes without the byte order marks at the beginning of lines.

    Files that were joined have one each.
    """
    data = data.removeprefix(_MARK)
    return data.replace(b"\n" + _MARK, b"\n") if _MARK in data else data


def _small(piece: Piece) -> Iterator[Piece]:
    """Yield a piece in parts of few enough lines, where no quote can stand in the way."""
    data = piece.data
    if piece.fault or b'"' in data:
        yield piece
        return
    while data.count(b"\n") > _PART_LINES:
        # As many bytes as lines that have two each, up to the end of one.
        end = data.index(b"\n", 2 * _PART_LINES) + 1
        yield Piece(data[:end])
        data = data[end:]
    yield Piece(data, cut=piece.cut)


def _parts(stream: Any, start: bytes, size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield the bytes of a stream, few enough lines at a time, and whether they are the last.

    A line may cost a rejected row, which is a hundred times as large.
    """
    data = start
    while True:
        more = stream.read(size)
        waiting = [data]
        while waiting:
            part = waiting.pop()
            if max(part.count(b"\n"), part.count(b"\r")) <= _PART_LINES:
                yield part, not more and not waiting
            else:
                half = len(part) // 2
                waiting += [part[half:], part[:half]]
        if not more:
            return
        data = more


def readable(data: bytes) -> tuple[bytes, bool]:
    """Return UTF-8 and whether bytes that are none had to be moved out of the way."""
    if data.isascii():
        return data, False
    try:
        data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
        moved = _ESCAPED.sub(lambda one: chr(ord(one.group()) + _MOVE), text)
        return moved.encode(), True
    return data, False


def as_it_stood(text: str) -> str:
    """Return text with moved bytes as lone surrogates, which JSON can show."""
    return _MOVED.sub(lambda one: chr(ord(one.group()) - _MOVE), text)


def _split(
    data: bytes, opening: "re.Pattern[bytes] | None", *, at_end: bool
) -> tuple[list[Piece], int]:
    """Return the whole records of ``data`` and how many bytes they are.

    A quote that is never closed, or closes in the middle of a cell, costs the line where its record
    begins; the lines after it are records again.
    """
    found: list[Piece] = []
    start = boundary = position = 0
    while True:
        fault = None
        end = position
        for match in opening.finditer(data, position) if opening and b'"' in data else ():
            boundary = max(boundary, data.rfind(b"\n", end, match.start()) + 1)
            end = match.end()
            if match.group(1):
                continue
            whole = match.group(2) and data.find(b"\n", boundary) >= 0
            if whole or at_end or len(data) - boundary > RECORD_BYTES:
                fault = "unclosed-quote"
            break
        else:
            boundary = max(boundary, data.rfind(b"\n", end) + 1)
            if len(data) - boundary > RECORD_BYTES and not at_end:
                fault = "too-long"
        if fault is None:
            if at_end and boundary < len(data):
                return [*found, Piece(data[start:], cut=True)], len(data)
            return [*found, Piece(data[start:boundary])], boundary
        found.append(Piece(data[start:boundary]))
        line_end = data.find(b"\n", boundary) + 1
        start = line_end or len(data)
        found.append(Piece(data[boundary:start], fault=fault, cut=not line_end))
        boundary = position = start
        if start == len(data):
            return found, start


def _quoted(delimiter: str) -> "re.Pattern[bytes]":
    """Match a quoted cell: group 1 where it ends well, group 2 where text follows the quote."""
    separator = re.escape(delimiter).encode()
    return re.compile(
        rb'(?:\A|(?<=[\r\n%b]))"[^"]*+(?:""[^"]*+)*+(?:("(?=[\r\n%b]|\Z))|(")|\Z)'
        % (separator, separator)
    )


def _foreign(start: bytes, *, whole: bool) -> int | None:
    """Return where the first byte of another encoding is, when no line shows UTF-8."""
    lines = start.split(b"\n")
    offset, first, bad = 0, None, 0
    for line in lines if whole else lines[:-1]:
        if not line.isascii():
            try:
                line.decode()
            except UnicodeDecodeError as error:
                bad += 1
                first = offset + error.start if first is None else first
            else:
                return None
        offset += len(line) + 1
    return first if bad >= _ENOUGH_LINES else None


def _refuse_other_files(path: Path, start: bytes) -> None:
    for mark, kind, hint in _OTHER_FILES:
        if re.match(mark, start, re.DOTALL):
            raise FileRefused(f"{path.name} is {kind}, no table of text", code="format", hint=hint)


def _is_of_two_bytes(start: bytes) -> bool:
    """Return whether many characters have a byte of zero; zeros in a row are a file cut off."""
    return start.replace(b"\0\0", b"").count(0) * 4 > len(start)


def conversion(path: Path, encoding: str) -> str:
    """Return the command that writes a file in another encoding as UTF-8 beside it."""
    source, target = (shlex.quote(str(one)) for one in (path, path.with_stem(f"{path.stem}-utf8")))
    return f"convert it: iconv -f {encoding} -t UTF-8 {source} > {target}"


def _wrong_encoding(path: Path, offset: int, guess: str) -> FileRefused:
    return FileRefused(
        f"{path.name} is not UTF-8 (byte offset {offset})",
        code="encoding-error",
        hint=conversion(path, guess),
    )
