"""Stream files with a record per line: JSON lines, and adjacency lists (``user item item``)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from engine.data.reading.block import NESTED, Block, NumberText
from engine.data.reading.header import safe_name
from engine.data.reading.rejection import CODES, RAW_CHARACTERS, Rejection, content_seal
from engine.data.reading.text_stream import (
    MOVED,
    Piece,
    as_it_stood,
    first_bytes,
    open_bytes,
    pieces,
    readable,
)

_PAIR = {"user_id": pl.String, "item_id": pl.String, "_row": pl.Int64}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNCHANGED = "unchanged since it was quarantined; mend a cell, or delete _seal to insist"


def read_json_lines(path: Path) -> Iterator[Block]:
    """Yield a file of one JSON object per line, block by block.

    Numbers stay the text they are. A key that begins with ``_`` is the quarantine's and no column.

    Raises:
        FileRefused: The file is empty or in another encoding.
    """
    lines = JsonLines()
    with open_bytes(path) as stream:
        for piece in pieces(stream, first_bytes(path, stream)):
            yield lines.block(piece)


class JsonLines:
    """Makes blocks of JSON lines, and counts the lines."""

    def __init__(self) -> None:
        self._columns: dict[str, None] = {}
        self._line = 0
        # A quarantine file of rows with a decimal comma says so in every row.
        self._decimal_comma = self._grouping_point = False

    def block(self, piece: Piece) -> Block:
        """Return the next lines as a block."""
        rows: list[dict[str, Any]] = []
        numbers: list[int] = []
        broken: list[Rejection] = []
        blank = 0
        for text in _lines(piece):
            self._line += 1
            if not text.strip():
                blank += 1
                continue
            judged = _judged(text, self._line, piece.fault)
            if isinstance(judged, Rejection):
                broken.append(judged)
                self._columns.update(dict.fromkeys(judged.cells or ()))
            else:
                self._decimal_comma |= '"_decimal": ","' in text
                self._grouping_point |= '"_thousands": "."' in text
                rows.append(judged)
                numbers.append(self._line)
                self._columns.update(dict.fromkeys(judged))
        # A column once seen stays, or a sparse one would come and go with the blocks.
        frame = pl.DataFrame(
            {name: [row.get(name) for row in rows] for name in self._columns},
            dict.fromkeys(self._columns, pl.String),
        )
        return Block(
            frame.with_columns(_row=pl.Series(numbers, dtype=pl.Int64)),
            broken,
            blank_lines=blank,
            decimal_comma=self._decimal_comma,
            grouping_point=self._grouping_point,
        )


def read_adjacency(path: Path) -> Iterator[Block]:
    """Yield pairs of a file whose lines are a user and that user's items.

    Raises:
        FileRefused: The file is empty or in another encoding.
    """
    line = row = 0
    with open_bytes(path) as stream:
        for piece in pieces(stream, first_bytes(path, stream)):
            texts = _lines(piece)
            first, line = line + 1, line + len(texts)
            if piece.fault:
                row += 1
                fault = Rejection(row, piece.fault, "", texts[0][:RAW_CHARACTERS], first, {})
                yield Block(pl.DataFrame(schema=_PAIR), [fault])
                continue
            block = _pairs(pl.Series("cells", texts), first, row)
            row += block.read
            yield block


def _pairs(texts: pl.Series, first: int, row: int) -> Block:
    """Return the pairs of some lines; a user without items is a row that lacks a cell."""
    cells = texts.str.replace_all(r"\s+", " ").str.strip_chars().str.split(" ")
    lists = pl.DataFrame(
        {
            "user_id": cells.list.first(),
            "item_id": cells.list.slice(1),
            "_line": pl.int_range(first, first + len(cells), eager=True),
        }
    ).filter(pl.col("user_id") != "")
    lonely = pl.col("item_id").list.len() == 0
    every = pl.concat(
        [
            lists.filter(~lonely).explode("item_id"),
            lists.filter(lonely).with_columns(item_id=pl.lit(None, dtype=pl.String)),
        ]
    )
    every = every.with_columns(_row=pl.int_range(row + 1, row + 1 + len(every)))
    fault = pl.coalesce(
        pl.when(pl.col("item_id").is_null()).then(pl.lit("missing-cell|a user without items")),
        pl.when(pl.any_horizontal(pl.col("user_id", "item_id").str.contains(MOVED))).then(
            pl.lit("encoding|")
        ),
    )
    every = every.with_columns(fault=fault)
    broken = []
    for user, item, line, number, why in every.filter(pl.col("fault").is_not_null()).rows():
        code, _, detail = why.partition("|")
        named = {"user_id": user} if item is None else {"user_id": user, "item_id": item}
        named = {name: as_it_stood(cell) for name, cell in named.items()}
        broken.append(Rejection(number, code, detail, line=line, cells=named))
    good = every.filter(pl.col("fault").is_null())
    blank = int((cells.list.first() == "").sum())
    return Block(good.select("user_id", "item_id", "_row"), broken, good["_line"], blank)


def _lines(piece: Piece) -> list[str]:
    data, _ = readable(piece.data)
    lines = data.decode().split("\n")
    return lines if piece.cut else lines[:-1]


def _judged(text: str, line: int, fault: str | None) -> Rejection | dict[str, str | None]:
    """Return a line's cells, or why it has none."""
    raw = as_it_stood(text.rstrip("\r"))
    if fault:
        return Rejection(line, fault, "", raw[:RAW_CHARACTERS], line, {})
    try:
        value = decode(raw)
        if not isinstance(value, dict):
            raise TypeError("not an object")
    except (ValueError, TypeError, RecursionError) as error:
        return Rejection(line, "bad-json", str(error)[:200], raw[:RAW_CHARACTERS], line, {})
    plain = {safe_name(key): cell for key, cell in value.items() if not key.startswith("_")}
    if "_seal" in value and value.get("_code") in CODES:
        extra = value.get("_extra") or ()
        if value["_seal"] == content_seal(plain, extra):
            raw = value.get("_raw") or ""
            return Rejection(line, value["_code"], _UNCHANGED, raw, line, plain, tuple(extra))
    suspect = not raw.isascii() or "\\u" in raw
    if suspect and _LONE_SURROGATE.search(json.dumps(plain, ensure_ascii=False)):
        return Rejection(line, "encoding", "", "", line, plain)
    if all(cell is None or cell == "" for cell in plain.values()):
        return Rejection(line, "blank-row", "", "", line, plain)
    return {name: text_of(cell) for name, cell in plain.items()}


def decode(text: str) -> Any:
    """Return what a JSON text says, numbers as the text they are (``NumberText``).

    Raises:
        ValueError: It is no JSON, or a key stands twice in an object.
    """
    return _DECODER.decode(text)


def text_of(value: Any) -> str | None:
    """Return a value of ``decode`` as a cell; a list or an object behind ``NESTED``."""
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return NESTED + _as_it_was(value)


def _as_it_was(value: Any) -> str:
    """Return what was decoded as JSON again, numbers with the digits that they had."""
    if isinstance(value, NumberText):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_as_it_was, value))}]"
    if isinstance(value, dict):
        named = (f"{json.dumps(key)}: {_as_it_was(one)}" for key, one in value.items())
        return f"{{{', '.join(named)}}}"
    return json.dumps(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=NumberText,
    parse_float=NumberText,
    parse_constant=_no_number,
)
