"""The one rule for times: text in, epoch milliseconds UTC out.

- Digits, with or without a fraction or exponent, are an epoch: below 1e11 in seconds, below 1e14 in
  milliseconds, below 1e17 in microseconds, otherwise in nanoseconds. Eight, twelve and fourteen
  digits that are a date of 1980 to 2099 (20240501, 202405011000, 20240501100000) are that date: as
  an epoch they would lie before 1980 or after 2600.
- Numbers from 6.2e17 to 6.6e17 are no times: the ticks of .NET lie there, and as nanoseconds they
  would be 1989 and 1990.
- Anything else is ISO 8601, extended or basic. A time without a zone is UTC; a date is its first
  moment. Understood as well: a blank before the zone, ``UTC`` and ``GMT``, a comma before the
  fraction, a zone beside the offset (``+02:00[Europe/Berlin]``, ``+0000 UTC``), other marks in a
  date that begins with the year (``2024/5/1``), English names of months, digits of other scripts,
  and characters that show nothing.
- Years of more than four digits are times too, only never ones in which something happened.
- What lies before 1980 or more than an hour in the future cannot be when somebody did something.
"""

from collections.abc import Sequence

import polars as pl

from engine.data.reading.numbers import ascii_digits

EARLIEST_MS = 315_532_800_000
"""1980-01-01T00:00:00Z."""
CLOCK_SKEW_MS = 3_600_000
_LARGEST_SECONDS = 1e11
_LARGEST_MILLISECONDS = 1e14
_LARGEST_MICROSECONDS = 1e17
_TICKS = (6.2e17, 6.6e17)
"""Of .NET, 100 ns since the year 1: 1965 to 2092."""
_NUMBER = r"^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$"
_DIGITS = r"^(?:19[89]|20\d)\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_DIGITS += r"(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{3}|\.\d+)?)?)?$"
_FORM = "%Y-%m-%dT%H:%M:%S%.f"
_DAY, _MINUTES = len("2024-01-31"), len("12:30")
_FAR_YEAR = r"^[+-]?\d{5,}-\d{2}-\d{2}|^-\d{4}-\d{2}-\d{2}"
_FAR_MS = 9.0e15
"""Farther away than any year of four digits."""
_ZONE = r"(Z|z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)$"
# What other tools write, and what it is in ISO 8601; each is tried once, in this order.
_OTHER_FORMS = (
    (r"(?i)(Z|[+-]\d{2}:?\d{2})\s*\[[a-z0-9_+/-]+\]$", "$1"),
    (r"(?i)\s*(?:Etc/)?(?:UTC|GMT)$", "Z"),
    (r"^(\d{4}-\d{2}-\d{2})Z$", "$1"),
    (r"\s+(Z|z|[+-]\d{2}(?::?\d{2})?)$", "$1"),
    (r"^(\d{4})/(\d{2})/(\d{2})", "$1-$2-$3"),
    (r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3"),
    (r"^(\d{14})(\d{3})$", "$1.$2"),
    (r"^(\d{4})(\d{2})(\d{2})[Tt ]?(\d{2})(\d{2})(\d{2})", "${1}-${2}-${3}T${4}:${5}:${6}"),
    (r"^(\d{4})(\d{2})(\d{2})[Tt ]?(\d{2})(\d{2})([^\d]|$)", "${1}-${2}-${3}T${4}:${5}:00${6}"),
    (r"^(\d{4})(\d{2})(\d{2})[Tt ](\d{2}:)", "${1}-${2}-${3}T${4}"),
    (r"^([^,]+:\d{2}),(\d)", "$1.$2"),
)
# What is rarer, tried after these and followed by them.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_RARE_FORMS = (
    (r"[\x{ad}\x{61c}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{2066}-\x{2069}\x{feff}]", ""),
    (r"\x{2212}(\d{2})", "-$1"),
    (r"(?i)\s*(?:UTC|GMT)([+-]\d{2}(?::?\d{2})?)(?:\s*\([^)]*\))?$", "$1"),
    (r"(?i)\s*(?:UTC|GMT)([+-])(\d)$", "${1}0$2"),
    (r"([+-]\d{2}:?\d{2})\s+[A-Za-z_]+(?:/[A-Za-z_/]+)?(?:\s+m=\S+)?$", "$1"),
    (rf"(?i)^{_WEEKDAY}{_MONTH}\s+(\d{{1,2}})\s+([\d:.]+)(\s+\S+)?\s+(\d{{4}})$", "$2 $1 $5 $3$4"),
    (rf"(?i)^{_WEEKDAY}(\d{{1,2}})[\s/-]{_MONTH},?[\s/-](\d{{4}})[\s,:]*", "${3}-${2}-${1}T"),
    (rf"(?i)^{_WEEKDAY}{_MONTH}\s+(\d{{1,2}}),?\s+(\d{{4}})[\s,]*(?:at\s+)?", "${3}-${1}-${2}T"),
    *((rf"(?i)^(\d{{4}})-{name}-", f"${{1}}-{n:02}-") for n, name in enumerate(_MONTHS, 1)),
    (r"^(\d{4})(?:\.\s?|[/年])(\d{1,2})(?:\.\s?|[/月])(\d{1,2})(?:\.|日)?", "$1-$2-$3"),
    (r"^(\d{4})-(\d)-", "$1-0$2-"),
    (r"^(\d{4}-\d{2})-(\d)([T\s]|$)", "$1-0$2$3"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]*$", "$1"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]+(\d:)", "${1}T0$2"),
    (r"^(\d{4}-\d{2}-\d{2})-(\d{2})\.(\d{2})\.(\d{2})", "${1}T$2:$3:$4"),
)  # fmt: skip


def to_epoch_ms(texts: pl.Series) -> pl.Series:
    """Return Int64 epoch milliseconds; null where the text is no time."""
    frame = pl.DataFrame({"text": texts.str.strip_chars()})
    moments = frame.select(_usual(pl.col("text"))).to_series()
    other = (moments.is_null() | frame["text"].str.contains(_DIGITS)) & frame["text"].is_not_null()
    rows = other.arg_true()
    if not len(rows):  # in most files
        return moments
    rest = frame["text"].gather(rows)
    found = _folded(rest, _OTHER_FORMS)
    if (unknown := found.is_null()).any():
        seldom = ascii_digits(rest.filter(unknown))
        found = found.scatter(unknown.arg_true(), _folded(seldom, (*_RARE_FORMS, *_OTHER_FORMS)))
    return moments.scatter(rows, found.zip_with(found.is_not_null(), moments.gather(rows)))


def _folded(texts: pl.Series, forms: Sequence[tuple[str, str]]) -> pl.Series:
    """Return the moments of texts once each form is replaced by that of ISO 8601."""
    for pattern, form in forms:
        texts = texts.str.replace(pattern, form)
    return pl.DataFrame({"text": texts}).select(_usual(pl.col("text"))).to_series()


def _usual(text: pl.Expr) -> pl.Expr:
    """Return the moment of an epoch or of extended ISO 8601."""
    is_number = text.str.contains(_NUMBER)
    number = pl.when(is_number).then(text).cast(pl.Float64, strict=False)
    # What is null costs nothing in what follows, which is slower.
    text = pl.when(~is_number).then(text)
    size = number.abs()
    scaled = (
        pl.when(size < _LARGEST_SECONDS)
        .then(number * 1000)
        .when(size < _LARGEST_MILLISECONDS)
        .then(number)
        .when(size < _LARGEST_MICROSECONDS)
        .then(number / 1000)
        .when(~size.is_between(*_TICKS))
        .then(number / 1_000_000)
    )
    # A leap second has no epoch of its own; polars would call it the next minute.
    day, clock = text.str.head(10), text.str.slice(11)
    parted = text.str.slice(10, 1).is_in(["T", "t", " "]) & ~clock.str.contains(":60", literal=True)
    zone = clock.str.extract(_ZONE)
    plain = clock.str.head(clock.str.len_bytes() - zone.str.len_bytes().fill_null(0))
    # One form per text: trying them all would take three times as long.
    plain = pl.when(plain.str.len_bytes() == _MINUTES).then(plain + ":00").otherwise(plain)
    midnight = text.str.len_bytes() <= _DAY
    local = pl.when(midnight).then(text + "T00:00:00").when(parted).then(day + "T" + plain)
    parsed = local.str.to_datetime(_FORM, strict=False, time_unit="us").dt.epoch("us")
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    hours = zone.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = zone.str.slice(3).str.strip_prefix(":").cast(pl.Int64, strict=False).fill_null(0)
    offset_ms = (sign * (hours * 60 + minutes) * 60_000).fill_null(0)
    from_iso = parsed // 1000 - offset_ms
    from_number = scaled.clip(-_FAR_MS, _FAR_MS).round().cast(pl.Int64, strict=False)
    side = pl.when(text.str.starts_with("-")).then(pl.lit(-1)).otherwise(pl.lit(1))
    far = pl.when(text.str.contains(_FAR_YEAR)).then(side * int(_FAR_MS))
    return pl.coalesce(from_number, from_iso, far)
