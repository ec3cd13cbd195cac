"""Events: what makes a row an event, its key, and why a row is not one."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from engine.data.hashing import hash64_all
from engine.data.reading.block import NESTED, Block
from engine.data.reading.read_options import DEFAULT_EVENT
from engine.data.reading.rejection import Rejection
from engine.data.reading.timestamps import CLOCK_SKEW_MS, EARLIEST_MS, to_epoch_ms

MAX_ID_BYTES = 256
NULLS = ("", "null", "NULL", "None", "none", "NaN", "nan", "N/A")
# A weight that is not a number was computed wrong; it is not simply absent.
_WEIGHT_NULLS = ("", "null", "NULL", "None", "none", "N/A")
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
        *(_column(block, contract, name) for name in ("user_id", "item_id", *_TEXT_FIELDS)),
    )
    frame = frame.with_columns(
        at=to_epoch_ms(pl.col("timestamp")),
        number=pl.col("weight").str.strip_chars().cast(pl.Float64, strict=False),
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
    return _with_keys(good), block.broken + _rejections(bad)


def _column(block: Block, contract: EventContract, name: str) -> pl.Expr:
    column = contract.columns.get(name)
    if column is None or column not in block.frame.columns:
        return pl.lit(None, dtype=pl.String).alias(name)
    cell = pl.col(column)
    # An optional cell that is empty or says null is simply not there; a required one is a fault.
    absent = cell.is_in(_WEIGHT_NULLS if name == "weight" else NULLS)
    return pl.when(~absent).then(cell).alias(name)


def _fault(contract: EventContract) -> pl.Expr:
    """Return ``code|detail`` of the first rule a row breaks, or null."""
    latest = int(time.time() * 1000) + CLOCK_SKEW_MS
    rules: list[tuple[pl.Expr, str]] = []
    for name in ("user_id", "item_id"):
        rules.append((pl.col(name).is_null(), f"required-value|{name}"))
    for name in ("user_id", "item_id", "event_id", "basket_id"):
        rules.append((pl.col(name).str.len_bytes() > MAX_ID_BYTES, f"too-long|{name}"))
        rules.append((pl.col(name).str.starts_with(NESTED), f"type-error|{name}"))
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


def _rejections(bad: pl.DataFrame) -> list[Rejection]:
    faults = (fault.partition("|") for fault in bad["fault"])
    return [
        Rejection(row, code, detail)
        for row, (code, _, detail) in zip(bad["row"], faults, strict=True)
    ]


def _with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the keys; the text that is hashed is the same whatever the format of the file."""
    # The bits of a weight, as the text of a float is polars' to change; -0.0 is 0.0.
    weights = (frame["weight"] + 0.0).to_numpy().view(np.int64)
    content = frame.with_columns(bits=pl.Series(weights)).select(
        pl.concat_str(
            # The lengths tell where each id ends, whatever characters are in it.
            pl.col("user").str.len_bytes(),
            pl.col("item").str.len_bytes(),
            "user",
            "item",
            "event",
            pl.col("at").cast(pl.String).fill_null(""),
            "bits",
            pl.col("basket").fill_null(""),
            separator=_SEPARATOR,
        )
    )
    payload = pl.Series("payload", hash64_all(content.to_series()))
    key = payload.alias("key")
    if frame["event_id"].null_count() < len(frame):
        named = frame["event_id"].fill_null("")
        ids = pl.Series("key", hash64_all("id" + _SEPARATOR + one for one in named))
        key = ids.zip_with(frame["event_id"].is_not_null(), key)
    return frame.with_columns(key, payload)


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
