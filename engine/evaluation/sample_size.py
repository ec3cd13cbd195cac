"""Sample size: how many users a verdict needs, and why a split leaves fewer.

Among 50 users the 95 % percentile interval names a winner that is none about one time in 25, on
differences of ndcg as real lists have them, most of them zero; among 20 one time in 7, among 5
every second time (``benchmarks/few_users.py``).
"""

import numpy as np

from engine.data.splits import Split

FEWEST_USERS = 50
"""With fewer users who have something to find, no verdict of win, lose or level is given."""


def too_few(users: int, cause: str) -> str:
    """Say that so many users are too few to judge by, why there are no more, and what to do."""
    who = {0: "no user", 1: "1 user"}.get(users, f"{users} users")
    have = "has" if users < 2 else "have"
    return (
        f"too few users to tell ({users}): {who} of the test part {have} anything to find, and a "
        f"verdict needs {FEWEST_USERS}. {cause}"
    )


def cause(parts: Split) -> str:
    """Say what keeps users of a split from being asked, and what to do about it."""
    train, test = parts.earlier, parts.later
    at = np.concatenate((train.at, test.at))
    if len(at) > 1 and at.min() == at.max() > 0:
        return (
            f"All {len(at)} events have one timestamp, so none is later than another: load the "
            "column with the real times, or judge by --split random."
        )
    events = sum(np.bincount(part.user, minlength=train.n_users) for part in (train, test))
    active = int(np.count_nonzero(events))
    if active and int(np.max(events)) == 1:
        return (
            f"Each of the {active} users has one event, so whoever is asked is unknown: load more "
            "than one event per person, and name a person alike in every event (a user_id that "
            "is a session's does not)."
        )
    asked = np.unique(test.user)
    new_users = int(np.count_nonzero(~np.isin(asked, train.user)))
    new_items = int(np.count_nonzero(~np.isin(np.unique(test.item), train.item)))
    if 2 * new_users >= len(asked):
        return (
            f"{new_users} of the {len(asked)} users of the test part have no event before it: "
            "load a longer period, or judge by --split random."
        )
    return (
        f"The data has {active} users with events, {len(asked)} of them in the test part, and "
        f"{new_items} items of the test part have no event before it: load more events."
    )
