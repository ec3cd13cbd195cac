"""Pull what users do not want, and what they were shown (``cypher/pull``)."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.item_impressions import ItemImpressions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.negative_feedback import NegativeFeedback
from engine.errors import DataError
from engine.store.graph_client import GraphClient

MOST_LISTS = 200_000
"""The newest; of 20 items each they are 100 MB."""


def pull_dislikes(
    client: GraphClient, events: Interactions, kinds: KindWeights = EQUAL
) -> NegativeFeedback | None:
    """Return which items users dislike, by the rows of events; None where nobody does.

    Args:
        client: The graph.
        events: As pulled; users and items that came since are left out.
        kinds: Factors of kinds; that of a dislike is below 0, and as strong as it is far from it.
    """
    rows = list(client.stream("pull/dislikes"))
    user = events.users.positions([row["user"] for row in rows])
    item = events.items.positions([row["item"] for row in rows])
    weight = np.array([kinds.strength(row["event"]) for row in rows], dtype=np.float32)
    at = np.array([row["at"] for row in rows], dtype=np.int64)
    known = (user >= 0) & (item >= 0)
    if not known.any():
        return None
    return NegativeFeedback.of(user[known], item[known], weight[known], at[known])


def pull_shown(client: GraphClient, events: Interactions) -> ItemImpressions:
    """Return what stood in the newest remembered lists of users, by the rows of events.

    Of a list of which something was reported as seen, that alone.

    Args:
        client: The graph.
        events: As pulled; users and items that came since are left out.

    Raises:
        DataError: No list of anybody is remembered.
    """
    users: list[str] = []
    items: list[str] = []
    positions: list[int] = []
    moments: list[int] = []
    for row in client.stream("pull/shown", most=MOST_LISTS):
        places = row["seen"] or range(1, len(row["items"]) + 1)
        users += [row["user"]] * len(places)
        items += [row["items"][place - 1] for place in places]
        positions += [row["first"] - 1 + place for place in places]
        moments += [row["at"]] * len(places)
    if not users:
        raise DataError(
            "shown_negatives learns from lists that users were shown, and none is remembered",
            hint="set remember_lists = true in engine.toml, or leave out --set shown_negatives",
        )
    found = ItemImpressions(
        events.users.positions(users).astype(np.int32),
        events.items.positions(items).astype(np.int32),
        np.array(positions, dtype=np.int32),
        np.array(moments, dtype=np.int64),
    )
    return found.select((found.user >= 0) & (found.item >= 0))
