"""Ids of answered lists: UUIDs of version 7 (RFC 9562, section 5.7).

The first 48 bits are the time in epoch milliseconds, so that ids are in the order of time, and 74
bits are random, so that nobody guesses one.
"""

import re
import secrets
import time

LIST_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
"""The form of an id: lower case, with hyphens."""

_FORM = re.compile(LIST_ID)
_LATEST_MS = (1 << 48) - 1


def new_list_id() -> str:
    """Return an id that no other list has."""
    random = secrets.randbits(74)
    return _written(time.time_ns() // 1_000_000, random >> 62, random & ((1 << 62) - 1))


def first_list_id(at: int) -> str:
    """Return the id before which, in the order of text, lie those from before a moment.

    Args:
        at: Epoch milliseconds; from before 1970 counts as 1970.
    """
    return _written(min(max(at, 0), _LATEST_MS), 0, 0)


def list_time(list_id: str) -> int | None:
    """Return when a list was made, epoch milliseconds; None where the text is no id of one."""
    if not _FORM.fullmatch(list_id):
        return None
    return int(list_id[:8] + list_id[9:13], 16)


def _written(at: int, first: int, second: int) -> str:
    digits = f"{at << 80 | 0x7 << 76 | first << 64 | 0b10 << 62 | second:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
