"""Events that come a part at a time, each of whole users, as columns in one order.

A part is sorted where it is pulled, and its users' stretches are then copied to where they belong:
no more is held beside the columns than what is not copied yet.
"""

from collections.abc import Sequence

import numpy as np

from engine.data.arrays import AnyArray, Int32Array

_KINDS = (np.int32, np.int32, np.int64, np.float32, np.int16, np.int64)
"""Of user, item, at, weight, event and, where it was pulled, basket."""
_ALWAYS = 5


def ordered_part(
    columns: Sequence[AnyArray], user_rows: Int32Array, item_rows: Int32Array
) -> list[AnyArray]:
    """Put rows in place of the server's numbers and sort by user, time and item.

    A node that arrived after the rows were numbered has none: its events wait for the next pull.

    Args:
        columns: User, item, at, weight, event and more of what happened, each ``(n,)``.
        user_rows: The server's number of a user to its row, -1 elsewhere and in the last place,
            which stands for every number beyond.
        item_rows: The same of items.
    """
    user, item = (
        rows[np.minimum(numbers, len(rows) - 1)]
        for numbers, rows in zip(columns, (user_rows, item_rows), strict=False)
    )
    order = np.lexsort((item, columns[2], user))
    order = order[(item[order] >= 0) & (user[order] >= 0)]
    return [one[order] for one in (user, item, *columns[2:])]


def joined(parts: list[list[AnyArray]], n_users: int) -> list[AnyArray]:
    """Return all parts in the order of their users; ``parts`` is empty afterwards.

    Args:
        parts: As ``ordered_part`` returns them; no user is in two of them.
        n_users: How many rows there are for users.
    """
    n_columns = len(parts[0]) if parts else _ALWAYS
    counts = np.zeros(n_users, dtype=np.int64)
    for user, *_ in parts:
        counts += np.bincount(user, minlength=n_users)
    ends = np.cumsum(counts)
    total = int(ends[-1]) if n_users else 0
    columns: list[AnyArray] = [np.empty(total, dtype=kind) for kind in _KINDS[:n_columns]]
    while parts:
        part = parts.pop()
        user = part[0]
        first = np.searchsorted(user, user, side="left")
        place = (ends - counts)[user] + np.arange(len(user)) - first
        for whole, some in zip(columns, part, strict=True):
            whole[place] = some
    return columns
