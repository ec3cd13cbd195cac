"""Events in parts of whole users are what sorting all of them at once gives."""

import numpy as np

from engine.data.arrays import AnyArray
from engine.graph.pulling.event_columns import joined, ordered_part

USERS, ITEMS = 40, 12


def test_parts_of_whole_users_are_joined_to_the_order_of_one_sort() -> None:
    rng = np.random.default_rng(1)
    user_rows = np.append(rng.permutation(USERS), -1).astype(np.int32)
    item_rows = np.append(rng.permutation(ITEMS), -1).astype(np.int32)
    # Two numbers beyond the tables stand for nodes that came after them.
    user, item = rng.integers(0, USERS + 2, 900), rng.integers(0, ITEMS + 2, 900)
    number = np.arange(900)
    columns: list[AnyArray] = [user, item, rng.integers(0, 3, 900), number.astype(np.float32)]
    columns += [(number % 5).astype(np.int16), number]
    parts = []
    for some in np.array_split(rng.permutation(USERS + 2), 5):
        chosen = np.isin(user, some)
        parts.append(ordered_part([one[chosen] for one in columns], user_rows, item_rows))
    found = joined(parts, USERS)
    rows = [user_rows[np.minimum(user, USERS)], item_rows[np.minimum(item, ITEMS)]]
    order = np.lexsort((rows[1], columns[2], rows[0]))
    order = order[(rows[0][order] >= 0) & (rows[1][order] >= 0)]
    for whole, expected in zip(found, [*rows, *columns[2:]], strict=True):
        assert whole.tolist() == expected[order].tolist()
    assert [one.dtype.name for one in found] == [
        *("int32", "int32", "int64", "float32", "int16", "int64")
    ]
    assert parts == []


def test_no_part_is_five_empty_columns() -> None:
    assert [(len(one), one.dtype.name) for one in joined([], 0)] == [
        (0, name) for name in ("int32", "int32", "int64", "float32", "int16")
    ]
