"""Pull what users do not want (``cypher/pull``)."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.negative_feedback import NegativeFeedback
from engine.store.graph_client import GraphClient


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
