"""Pull what users do not want, and what they were shown (``cypher/pull``)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.arrays import AnyArray, Int64Array
from engine.data.interactions import Interactions
from engine.data.item_impressions import ItemImpressions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.negative_feedback import NegativeFeedback
from engine.errors import DataError
from engine.store.graph_client import GraphClient

ITEMS_OF_FACT = 1_000
"""A model learns what a user does not want from few of them; a category may have 100,000."""
MOST_LISTS = 200_000
"""The newest; of 20 items each they are 100 MB."""


def pull_dislikes(
    client: GraphClient, events: Interactions, kinds: KindWeights = EQUAL
) -> NegativeFeedback | None:
    """Return which items users dislike, by the rows of events; None where nobody does.

    Who dislikes a fact dislikes the items of it: those that the user had events on, and the
    ``ITEMS_OF_FACT`` with most events of all.

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
    found = NegativeFeedback.of(user[known], item[known], weight[known], at[known])
    counts = events.item_counts()
    facts = [_of_fact(row, events, counts, kinds) for row in client.stream("pull/fact_dislikes")]
    if facts:
        columns = (np.concatenate(parts) for parts in zip(*facts, strict=True))
        found = found.joined(NegativeFeedback.of(*columns))
    return found if len(found) else None


def _of_fact(
    row: Mapping[str, Any], events: Interactions, counts: Int64Array, kinds: KindWeights
) -> tuple[AnyArray, ...]:
    """Return the columns of ``NegativeFeedback`` for who dislikes one fact; pairs may repeat."""
    user = events.users.positions(row["users"])
    weight = np.array([kinds.strength(event) for event in row["events"]], dtype=np.float32)
    at = np.array(row["at"], dtype=np.int64)
    known = user >= 0
    user, weight, at = user[known], weight[known], at[known]
    item = np.unique(events.items.positions(row["items"]))
    item = item[item >= 0]
    most = item[np.argsort(-counts[item], kind="stable")[:ITEMS_OF_FACT]]

    who = np.full(events.n_users, -1)
    who[user] = np.arange(len(user))
    had = (who[events.user] >= 0) & np.isin(events.item, item)
    who = np.concatenate((np.repeat(np.arange(len(user)), len(most)), who[events.user[had]]))
    what = np.concatenate((np.tile(most, len(user)), events.item[had]))
    return user[who], what, weight[who], at[who]


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
