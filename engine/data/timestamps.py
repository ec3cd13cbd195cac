"""The one rule for times: text in, epoch milliseconds UTC out.

- Digits, with or without a fraction or exponent, are an epoch: below 1e11 in seconds, below 1e14 in
  milliseconds, otherwise in microseconds.
- Anything else is ISO 8601. A time without a zone is UTC; a date is its first moment.
- Years of more than four digits are times too, only never ones in which something happened.
- What lies before 1980 or more than an hour in the future cannot be when somebody did something.

May import: polars.
"""

import polars as pl

EARLIEST_MS = 315_532_800_000
"""1980-01-01T00:00:00Z."""
CLOCK_SKEW_MS = 3_600_000
_LARGEST_SECONDS = 1e11
_LARGEST_MILLISECONDS = 1e14
_NUMBER = r"^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$"
# polars takes the first format that fits; the zone is cut off before and added after.
_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
_FAR_YEAR = r"^[+-]?\d{5,}-\d{2}-\d{2}|^-\d{4}-\d{2}-\d{2}"
_FAR_MS = 9.0e15
"""Farther away than any year of four digits."""
_ZONE = r"^(.*T.*?)(Z|z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)$"


def to_epoch_ms(text: pl.Expr) -> pl.Expr:
    """Return Int64 epoch milliseconds; null where the text is no time."""
    text = text.str.strip_chars()
    number = pl.when(text.str.contains(_NUMBER)).then(text).cast(pl.Float64, strict=False)
    size = number.abs()
    scaled = (
        pl.when(size < _LARGEST_SECONDS)
        .then(number * 1000)
        .when(size < _LARGEST_MILLISECONDS)
        .then(number)
        .otherwise(number / 1000)
    )
    iso = text.str.replace(r"^(\d{4}-\d{2}-\d{2})[ t]", "${1}T")
    zone = iso.str.extract(_ZONE, 2)
    # A leap second has no epoch of its own; polars would call it the next minute.
    iso = pl.when(~iso.str.contains(r":60")).then(iso)
    local = pl.when(zone.is_null()).then(iso).otherwise(iso.str.extract(_ZONE, 1))
    parsed = pl.coalesce(
        local.str.to_datetime(form, strict=False, time_unit="us").dt.epoch("us")
        for form in _FORMATS
    )
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    hours = zone.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = zone.str.slice(3).str.strip_prefix(":").cast(pl.Int64, strict=False).fill_null(0)
    offset_ms = (sign * (hours * 60 + minutes) * 60_000).fill_null(0)
    from_iso = parsed // 1000 - offset_ms
    from_number = scaled.clip(-_FAR_MS, _FAR_MS).round().cast(pl.Int64, strict=False)
    far = pl.when(text.str.contains(_FAR_YEAR)).then(pl.lit(int(_FAR_MS)))
    return pl.coalesce(from_number, from_iso, far)
