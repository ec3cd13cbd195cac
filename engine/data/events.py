"""Events: what makes a row an event, its key, and why a row is not one."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from engine.data.event_kinds import EVENT_KIND, check_kinds, event_kind, fold_kinds
from engine.data.hashing import hash64_all
from engine.data.id_rule import SPREADSHEET_ERROR, id_rules, says_nothing
from engine.data.list_id import LIST_ID
from engine.data.reading.block import Block, is_nested, repeats_names
from engine.data.reading.columns import EVENT_REQUIRED
from engine.data.reading.numbers import to_number
from engine.data.reading.read_options import DEFAULT_EVENT, ReadOptions
from engine.data.reading.rejection import Rejection
from engine.data.reading.timestamps import CLOCK_SKEW_MS, EARLIEST_MS, to_epoch_ms

MAX_WEIGHT = 1e12
"""The largest weight, and below zero the smallest: its square and sums of many fit a float32."""
# A weight that is not a number was computed wrong; it is not simply absent.
_NOT_A_NUMBER = rf"(?i)^\s*(-?nan|-?1\.#(ind|qnan)|{SPREADSHEET_ERROR})\s*$"
_TEXT_FIELDS = (
    "event",
    "basket_id",
    "event_id",
    "event_key",
    "timestamp",
    "weight",
    "list_id",
    "list_position",
)
MAX_POSITION = 2_000
"""The last position that a list can have."""
_SEPARATOR = "\x1f"
_KEPT = (
    "row",
    "event",
    "at",
    "event_id",
    "given_key",
    "user",
    "item",
    "weight",
    "basket",
    "list",
    "position",
)


@dataclass(frozen=True)
class EventContract:
    """What the caller allows.

    Attributes:
        columns: Field -> column of the file.
        default_event: Kind of the events of a file that names none.
        allowed_events: The only kinds accepted; empty means every one.
        kinds: Kind as the file writes it -> kind (``event_kinds``).
        stored: Whether the events were in a graph (``ReadOptions``).
    """

    columns: Mapping[str, str]
    default_event: str = DEFAULT_EVENT
    allowed_events: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    stored: bool = False

    @classmethod
    def of(cls, columns: Mapping[str, str], options: ReadOptions) -> "EventContract":
        """Return what the options of a file allow.

        Raises:
            UsageError: A kind that they name is none.
        """
        named = {f"--kind {text}={kind}": kind for text, kind in options.kinds.items()}
        check_kinds(named | {"--event": options.default_event})
        allowed = tuple(event_kind(one, {}) or one for one in options.allowed_events)
        check_kinds({f"--only-event {one}": one for one in allowed})
        return cls(columns, options.default_event, allowed, options.kinds, options.stored)


def validate(block: Block, contract: EventContract) -> tuple[pl.DataFrame, list[Rejection]]:
    """Return the block's events and its rejected rows.

    The frame's columns: ``row, user, item, event, at, weight, basket, list, position, key,
    payload``. ``key`` is a signed 64-bit hash of the event id when the file has one, else of the
    content; ``payload`` is a hash of the content. Two in four billion billion keys collide by
    chance. A file that was exported from a graph has the keys themselves, as ``event_key``. ``at``
    is null where the time's cell says nothing; a time that cannot be read is a fault. The list that
    an event names is no part of its content: what somebody did is the same, whatever it is
    attributed to.
    """
    if not len(block.frame):
        return _empty(), list(block.broken)
    frame = block.frame.select(
        pl.col("_row").alias("row"),
        *(_column(block, contract, name) for name in ("user_id", "item_id", *_TEXT_FIELDS)),
    )
    kinds = fold_kinds(frame["event"], contract.kinds)
    judged = frame.with_columns(
        to_epoch_ms(frame["timestamp"]).alias("at"),
        _weights(frame["weight"], block).alias("number"),
        to_number(frame["list_position"]).alias("place"),
        given_key=pl.col("event_key").cast(pl.Int64, strict=False),
        kind=pl.col("event")
        .replace(kinds)
        .fill_null(pl.when(pl.col("event").is_null()).then(pl.lit(contract.default_event))),
    )
    judged = judged.with_columns(fault=_fault(contract))
    bad = judged.filter(pl.col("fault").is_not_null())
    good = judged.filter(pl.col("fault").is_null()).select(
        "row",
        "at",
        "event_id",
        "given_key",
        event="kind",
        user="user_id",
        item="item_id",
        weight=pl.col("number").fill_null(1.0),
        basket="basket_id",
        list="list_id",
        position=pl.col("place").cast(pl.Int64),
    )
    good = good.select(_KEPT)
    raw = block.frame.filter(judged["fault"].is_not_null())
    return _with_keys(good), block.broken + _rejections(bad, raw, contract)


def folded_kinds(block: Block, contract: EventContract) -> dict[str, str]:
    """Return the kinds of a block that are stored otherwise than they are written."""
    column = contract.columns.get("event")
    if column is None or column not in block.frame.columns:
        return {}
    cells = block.frame.select(_column(block, contract, "event")).to_series()
    return {text: kind for text, kind in fold_kinds(cells, contract.kinds).items() if kind}


def _column(block: Block, contract: EventContract, name: str) -> pl.Expr:
    column = contract.columns.get(name)
    if column is None or column not in block.frame.columns:
        return pl.lit(None, dtype=pl.String).alias(name)
    cell = pl.col(column)
    if name in EVENT_REQUIRED or contract.stored:
        return cell.alias(name)
    # An optional cell that says nothing is simply not there; a required one is a fault.
    absent = says_nothing(cell)
    if name == "weight":
        absent &= ~cell.str.contains(_NOT_A_NUMBER).fill_null(False)
    return pl.when(~absent).then(cell).alias(name)


def _weights(cells: pl.Series, block: Block) -> pl.Series:
    """Return weights as numbers; -0.0 becomes 0.0, as the bits of a weight are part of its key."""
    numbers = to_number(
        cells, decimal_comma=block.decimal_comma, grouping_point=block.grouping_point
    )
    return numbers.set(numbers == 0.0, 0.0)


def _fault(contract: EventContract) -> pl.Expr:
    """Return ``code|detail`` of the first rule a row breaks, or null."""
    latest = int(time.time() * 1000) + CLOCK_SKEW_MS
    header = {} if contract.stored else {name: contract.columns[name] for name in EVENT_REQUIRED}
    rules: list[tuple[pl.Expr, str]] = [(repeats_names(header), "column-names|")]
    for name in ("user_id", "item_id", "event_id", "basket_id"):
        rules.append((is_nested(pl.col(name)), f"type-error|{name}"))
        rules += id_rules(name, required=name in EVENT_REQUIRED, stored=contract.stored)
    known = pl.col("kind").is_not_null() & pl.col("kind").str.contains(EVENT_KIND)
    if contract.allowed_events:
        known &= pl.col("kind").is_in(contract.allowed_events)
    rules += [
        (~known, "enum|event"),
        (pl.col("timestamp").is_not_null() & pl.col("at").is_null(), "type-error|timestamp"),
        ((pl.col("at") < EARLIEST_MS) | (pl.col("at") > latest), "out-of-range|timestamp"),
        (pl.col("weight").is_not_null() & pl.col("number").is_null(), "type-error|weight"),
        (pl.col("event_key").is_not_null() & pl.col("given_key").is_null(), "type-error|event_key"),
        (~pl.col("number").is_finite(), "type-error|weight"),
        (pl.col("number").abs() > MAX_WEIGHT, "out-of-range|weight"),
        *_list_rules(),
    ]
    return pl.coalesce(pl.when(broken).then(pl.lit(fault)) for broken, fault in rules)


def _list_rules() -> list[tuple[pl.Expr, str]]:
    place = pl.col("place")
    whole = place.is_not_null() & (place == place.floor())
    return [
        (~pl.col("list_id").str.contains(LIST_ID), "type-error|list_id"),
        (pl.col("list_position").is_not_null() & ~whole, "type-error|list_position"),
        (~place.is_between(1, MAX_POSITION), "out-of-range|list_position"),
        (place.is_not_null() & pl.col("list_id").is_null(), "required-value|list_id"),
    ]


def _rejections(bad: pl.DataFrame, raw: pl.DataFrame, contract: EventContract) -> list[Rejection]:
    """Return the rejected rows; ``raw`` holds them as they stood in the file."""
    cells = {
        name: raw[column].to_list()
        for name, column in contract.columns.items()
        if column in raw.columns
    }
    found = []
    for place, (row, fault) in enumerate(bad.select("row", "fault").iter_rows()):
        code, _, name = fault.partition("|")
        value = cells[name][place] if name in cells else None
        found.append(Rejection(row, code, name, value=value))
    return found


def _with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the keys; the text that is hashed is the same whatever the format of the file."""
    # The bits of a weight, as the text of a float is polars' to change.
    weights = frame["weight"].to_numpy().view(np.int64)
    content = frame.with_columns(bits=pl.Series(weights)).select(
        pl.concat_str(
            # The lengths show where each id ends, whatever characters are in it.
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
    given = frame["given_key"].alias("key")
    key = given.zip_with(given.is_not_null(), key)
    return frame.drop("given_key").with_columns(key, payload)


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
        "list": pl.String,
        "position": pl.Int64,
        "key": pl.Int64,
        "payload": pl.Int64,
    }
    return pl.DataFrame(schema=schema)
