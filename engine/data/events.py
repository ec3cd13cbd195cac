"""Events: what makes a row an event, its key, and why a row is not one.

May import: ``columns``, ``rejection``, ``table_reader``, ``timestamps``, polars.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from engine.data.rejection import Rejection
from engine.data.table_reader import Block
from engine.data.timestamps import CLOCK_SKEW_MS, EARLIEST_MS, to_epoch_ms

MAX_ID_BYTES = 256
DEFAULT_EVENT = "interaction"
_NULLS = ("", "null", "NULL", "None", "none", "NaN", "nan", "N/A")
_EVENT_NAME = r"^[a-z][a-z0-9_-]{0,62}$"
_TEXT_FIELDS = ("event", "basket_id", "event_id", "timestamp", "weight")
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class EventContract:
    """What the caller allows.

    Attributes:
        columns: Field -> column of the file.
        default_event: Kind of the events of a file that names none.
        allowed_events: The only kinds accepted; empty means every well-formed lower-case name.
    """

    columns: Mapping[str, str]
    default_event: str = DEFAULT_EVENT
    allowed_events: tuple[str, ...] = ()


def validate(block: Block, contract: EventContract) -> tuple[pl.DataFrame, list[Rejection]]:
    """Return the block's events and its rejected rows.

    The frame's columns: ``row, user, item, event, at, weight, basket, key, payload``. ``key`` is a
    signed 64-bit hash of the event id when the file has one, else of the content; ``payload`` is a
    hash of the content. Two in four billion billion keys collide by chance.
    """
    if not len(block.frame):
        return _empty(), list(block.broken)
    frame = block.frame.select(
        pl.col("_row").alias("row"),
        *(_column(contract, name) for name in ("user_id", "item_id", *_TEXT_FIELDS)),
    )
    frame = frame.with_columns(
        at=to_epoch_ms(pl.col("timestamp")),
        number=pl.col("weight").cast(pl.Float64, strict=False),
        event=pl.col("event").fill_null(contract.default_event),
    )
    judged = frame.with_columns(fault=_fault(contract))
    bad = judged.filter(pl.col("fault").is_not_null())
    good = judged.filter(pl.col("fault").is_null()).select(
        "row",
        "event",
        "at",
        "event_id",
        user="user_id",
        item="item_id",
        weight=pl.col("number").fill_null(1.0),
        basket="basket_id",
    )
    return _with_keys(good), block.broken + _rejections(bad, block)


def _column(contract: EventContract, name: str) -> pl.Expr:
    if name not in contract.columns:
        return pl.lit(None, dtype=pl.String).alias(name)
    cell = pl.col(contract.columns[name]).cast(pl.String)
    # An optional cell that is empty or says null is simply not there; a required one is a fault.
    return pl.when(~cell.is_in(_NULLS)).then(cell).alias(name)


def _fault(contract: EventContract) -> pl.Expr:
    """Return ``code|detail`` of the first rule a row breaks, or null."""
    latest = int(time.time() * 1000) + CLOCK_SKEW_MS
    blank = pl.all_horizontal(
        pl.col(name).is_null() for name in ("user_id", "item_id", "timestamp", "event_id")
    )
    rules: list[tuple[pl.Expr, str]] = [(blank, "blank-row|")]
    for name in ("user_id", "item_id"):
        rules.append((pl.col(name).is_null(), f"required-value|{name}"))
    for name in ("user_id", "item_id", "event_id", "basket_id"):
        rules.append((pl.col(name).str.len_bytes() > MAX_ID_BYTES, f"too-long|{name}"))
    allowed = contract.allowed_events
    known = pl.col("event").is_in(allowed) if allowed else pl.col("event").str.contains(_EVENT_NAME)
    rules += [
        (~known, "enum|event"),
        (pl.col("timestamp").is_not_null() & pl.col("at").is_null(), "type-error|timestamp"),
        ((pl.col("at") < EARLIEST_MS) | (pl.col("at") > latest), "out-of-range|timestamp"),
        (pl.col("weight").is_not_null() & pl.col("number").is_null(), "type-error|weight"),
        (~pl.col("number").is_finite(), "type-error|weight"),
    ]
    if "timestamp" in contract.columns:
        rules.append((pl.col("timestamp").is_null(), "type-error|timestamp"))
    return pl.coalesce(pl.when(broken).then(pl.lit(fault)) for broken, fault in rules)


def _rejections(bad: pl.DataFrame, block: Block) -> list[Rejection]:
    if not len(bad):
        return []
    rows = block.frame.filter(pl.col("_row").is_in(bad["row"].implode()))
    raw = rows.drop("_row").fill_null("").rows()
    found = []
    for number, fault, cells in zip(bad["row"], bad["fault"], raw, strict=True):
        code, _, detail = fault.partition("|")
        found.append(Rejection(number, code, detail, ",".join(cells)))
    return found


def _with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    content = frame.select(
        pl.concat_str(
            [
                pl.col("user"),
                pl.col("item"),
                pl.col("event"),
                pl.col("at").cast(pl.String).fill_null(""),
                pl.col("weight").cast(pl.String),
                pl.col("basket").fill_null(""),
            ],
            separator=_SEPARATOR,
        )
    ).to_series()
    payload = pl.Series("payload", [hash64(text) for text in content], dtype=pl.Int64)
    if frame["event_id"].null_count() == len(frame):
        key = payload.alias("key")
    else:
        named = ("id" + _SEPARATOR + one if one else None for one in frame["event_id"])
        key = pl.Series(
            "key",
            [hash64(one) if one else own for one, own in zip(named, payload, strict=True)],
            dtype=pl.Int64,
        )
    return frame.with_columns(key, payload)


def hash64(text: str) -> int:
    """Return a signed 64-bit hash, the same on every machine and in every version."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _empty() -> pl.DataFrame:
    schema = {
        "row": pl.Int64,
        "event": pl.String,
        "at": pl.Int64,
        "event_id": pl.String,
        "user": pl.String,
        "item": pl.String,
        "weight": pl.Float64,
        "basket": pl.String,
        "key": pl.Int64,
        "payload": pl.Int64,
    }
    return pl.DataFrame(schema=schema)
