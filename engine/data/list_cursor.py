"""The cursor of a list's next page: the ids of all items on the pages so far.

A text ``1.`` followed by the ids as a JSON array, compressed (zlib, RFC 1950) and written in the
base64 of URLs (RFC 4648, section 5) without padding. The service keeps nothing of it, so any
process answers the next page, and no page repeats an item whatever generation serves by then.
"""

import base64
import json
import zlib
from collections.abc import Sequence

from engine.errors import UsageError

MAX_LISTED = 1_000
"""Items that a cursor names at most."""
MAX_CURSOR = 12_000
"""Characters: the head of a request, of which a cursor may be a part, has 16,384 at most."""
_VERSION = "1."
_MAX_JSON = MAX_LISTED * 520
"""An id has 256 bytes, of which JSON may escape each; then quotes, a comma and a blank."""


def make_cursor(listed: Sequence[str]) -> str | None:
    """Return the cursor behind some items; None where they are too many for one.

    Args:
        listed: Ids of the items on all pages so far, in their order.
    """
    if len(listed) > MAX_LISTED:
        return None
    packed = zlib.compress(json.dumps(listed, ensure_ascii=False).encode("utf-8"), 9)
    text = _VERSION + base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    return text if len(text) <= MAX_CURSOR else None


def read_cursor(text: str | None) -> tuple[str, ...]:
    """Return the ids that a cursor names; none without one, for the first page.

    Raises:
        UsageError: It is not one that ``make_cursor`` returns.
    """
    if text is None:
        return ()
    try:
        listed = json.loads(_unpacked(text))
    except (ValueError, zlib.error, RecursionError) as error:
        raise _not_a_cursor(text) from error
    if not isinstance(listed, list) or not all(isinstance(one, str) and one for one in listed):
        raise _not_a_cursor(text)
    if len(listed) > MAX_LISTED:
        raise _not_a_cursor(text)
    return tuple(listed)


def _unpacked(text: str) -> str:
    if len(text) > MAX_CURSOR or not text.startswith(_VERSION):
        raise ValueError("not of this form")
    body = text.removeprefix(_VERSION)
    packed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    stream = zlib.decompressobj()
    plain = stream.decompress(packed, _MAX_JSON)
    if not stream.eof:
        raise ValueError("too long, or cut off")
    return plain.decode("utf-8")


def _not_a_cursor(text: str) -> UsageError:
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    return UsageError(
        f"cursor must be the one of an answer, whole and unchanged, not {shown!r}",
        hint="leave cursor out for the first page",
    )
