"""Values of a database as the text that a file would hold, by the rules of Parquet.

A moment becomes ISO 8601 in UTC, a duration seconds, ``7.0`` and ``7.00`` the id ``7``, a list or
an object JSON. Bytes are text where they are UTF-8, else a UUID if there are 16, else hexadecimal.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from engine.data.reading.block import NESTED

_WHOLE = float(1 << 53)
_UUID_BYTES = 16
_NO_FRACTION = re.compile(r"\.0+$")


def text_column(name: str, values: Iterable[Any]) -> pl.Series:
    """Return the values of a column as text; None stays None."""
    return pl.Series(name, [_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    return str(value)


def _moment(value: datetime) -> str:
    # Without a zone it is UTC, as everywhere.
    with suppress(OverflowError):  # 9999-12-31 west of Greenwich is a year later in UTC
        value = value if value.tzinfo is None else value.astimezone(UTC)
    return value.isoformat()


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else repr(value)


def _decimal(value: Decimal) -> str:
    return _NO_FRACTION.sub("", f"{value:f}")


def _bytes(value: bytes | bytearray | memoryview) -> str:
    data = bytes(value)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return str(uuid.UUID(bytes=data)) if len(data) == _UUID_BYTES else data.hex()


def _nested(value: Any) -> str:
    return NESTED + json.dumps(value, default=_text)


_CONVERSIONS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (float, _number),
    (datetime, _moment),
    (date, date.isoformat),
    (Decimal, _decimal),
    (timedelta, lambda value: _number(value.total_seconds())),
    ((bytes, bytearray, memoryview), _bytes),
    ((list, tuple, dict), _nested),
)
