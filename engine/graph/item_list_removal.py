"""Take items out of the lists of ids that generations keep, and out of remembered lists."""

import json
from collections.abc import Sequence

from engine.graph import stored_generations
from engine.graph.embeddings import property_name
from engine.store.graph_client import GraphClient

# Label, list of ids, list of numbers beside it; the last where there is none beside: a name that
# no property has.
_LISTS = (
    ("Item", "edges", "weights"),
    ("Item", "together", "none"),
    ("Item", "following", "none"),
    ("User", "others", "counts"),
    ("User", "people", "people_counts"),
)


def remove(client: GraphClient, ids: Sequence[str]) -> dict[str, int]:
    """Take items out of every list that is kept; return what changed, and how many."""
    changed = 0
    for one in stored_generations.generations(client):
        for label, list_, beside in _LISTS:
            prefix = property_name(one.number)
            slots = {"label": label, "list": f"{prefix}_{list_}", "beside": f"{prefix}_{beside}"}
            changed += client.schema("forget/remove_from_lists", slots, ids=list(ids))[0]["changed"]
    popular = client.write("forget/remove_from_popular", ids=list(ids))[0]["changed"]
    quoted = [json.dumps(id_, ensure_ascii=False) for id_ in ids]
    shown = client.schema("forget/remove_from_shown", ids=list(ids), quoted=quoted)[0]["changed"]
    return {
        "lists of ids": changed,
        "lists of popular items": popular,
        "remembered lists": shown,
    }
