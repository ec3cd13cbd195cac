"""What the graph tells of some users and their candidates at one moment, as flat columns."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.data.arrays import Float64Array, Int32Array, Int64Array

SOURCES = ("own", "near", "people", "together", "next", "popular")
"""What names candidates: the user's own items; the nearest by vector; what similar users have; what
shares baskets with, and what follows, the items of the last basket; the most popular."""

GROUPS = 4
"""Attributes of items whose shares of a user's purchases are features, such as a category."""


@dataclass(frozen=True, eq=False)
class OwnEvents:
    """Every event of the users up to the moment, in any order.

    Attributes:
        user: ``(e,) int64`` rows of users.
        item: ``(e,) int64`` rows of the items of ``Candidates``.
        at: ``(e,) int64`` epoch milliseconds; 0 where the event has no time: the oldest.
        basket: ``(e,) int64`` which events are one basket, equal numbers of one user.
    """

    user: Int64Array
    item: Int64Array
    at: Int64Array
    basket: Int64Array


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidates of some users, each pair of user and item once, sorted by user.

    Attributes:
        as_of: The moment, epoch milliseconds: nothing after it is known.
        n_users: How many users there are, those without a candidate included.
        user: ``(n,) int64`` rows of users.
        item: ``(n,) int64`` rows of the items of this question.
        scores: Source to ``(n,) float64``: how much it speaks for the candidate; NaN where it did
            not name it. A source that is not there named nothing.
        cosine: ``(n,) float64`` of the user's and the item's vectors; NaN where there is none.
        own: The users' events.
        statistics: ``(m, len(STATISTICS)) float64`` of the items, as of the publishing.
        groups: ``(m, GROUPS) int32`` value of each grouping attribute; -1 for none.
    """

    as_of: int
    n_users: int
    user: Int64Array
    item: Int64Array
    scores: Mapping[str, Float64Array]
    cosine: Float64Array
    own: OwnEvents
    statistics: Float64Array
    groups: Int32Array

    def __len__(self) -> int:
        return len(self.user)
