"""Durations as people write them: 30m, 6h, 7d."""

import re

from engine.errors import UsageError

DURATION = r"^[0-9]{1,6}[mhd]$"
"""The form: a whole number of minutes, hours or days."""
_MILLISECONDS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_MOST = 36_500 * _MILLISECONDS["d"]
_FORM = re.compile(DURATION)


def read_duration(name: str, text: str | None) -> int | None:
    """Return the milliseconds of a text such as ``6h``; None where there is none.

    Raises:
        UsageError: It is none; the message has the name.
    """
    if text is None:
        return None
    if isinstance(text, str) and _FORM.fullmatch(text):
        length = int(text[:-1]) * _MILLISECONDS[text[-1]]
        if 0 < length <= _MOST:
            return length
    raise UsageError(
        f"{name} must be minutes, hours or days from 1m to 36500d, not {text!r}",
        hint="write 30m, 6h or 7d",
    )
