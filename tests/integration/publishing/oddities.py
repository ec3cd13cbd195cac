"""Some of everything that a graph can hold, for the tests of the exchange."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import neo4j
import polars as pl

from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.dislikes import DislikedTarget
from engine.data.list_id import first_list_id
from engine.graph import list_removal, remembered_lists, stored_dislikes, user_merge
from engine.graph.remembered_lists import RememberedList
from engine.usecases import ingesting
from engine.usecases.ingesting import IngestRequest

FIRST_DAY = 1_600_000_000_000
"""When lists are remembered from, epoch ms; one from before is removed and counts in sums."""

# An older version, or somebody by Cypher, took for ids and texts what a file says nothing with, and
# a text for a vector, or a list of nothing for a text.
_OLD_IDS = """
CREATE (:User {id: 'NULL', city: 'NaN'})-[:INTERACTED {key: 4711, event: 'buy', weight: 1.0,
  at: 1600000000500, basket: '--', batch: 1}]->
  (:Item {id: '4.00638E+12', note: 'nan', vision: 'a text'})
CREATE (:Item {id: 'nothing', note: [], vision: []})
"""

_HELD = (
    "MATCH (u:User)-[r:INTERACTED|DISLIKES]->(to) "
    "RETURN u.id, type(r), coalesce(to.id, to.key), r {.*, batch: null} AS said ORDER BY r.key",
    "MATCH (a:Alias)-[:ALIAS_OF]->(u) RETURN u.id, properties(a) AS said ORDER BY a.id",
    "MATCH (l:List) OPTIONAL MATCH (u)-[:WAS_SHOWN]->(l) "
    "RETURN u.id, properties(l) AS said ORDER BY l.id",
    "MATCH (s:ListSums) RETURN properties(s) AS said ORDER BY s.key",
)


def list_id_of(number: int) -> str:
    """Return the id of a list, in the order of the numbers."""
    return first_list_id(FIRST_DAY + number)


def load(settings: Settings, folder: Path) -> None:
    """Load events by id, without a time, of a list; attributes of every type, all kinds of fact."""
    events = {
        "user_id": ["u1", "u1", "u2"],
        "item_id": ["i1", "i2", "i3"],
        "weight": [0.1, 2, 1e-9],
    }
    times = {"timestamp": [None, 1_600_000_000_123, None], "basket_id": ["b", "c", None]}
    lists = {
        "event": ["not_interested", "buy", "buy"],
        "list_id": [list_id_of(2), list_id_of(0), list_id_of(1)],
        "list_position": [1, 1, None],
        "event_id": ["e1", None, "e3"],
    }
    facts = {"head": ["i1", "u1"], "head_type": ["Item", "User"], "tail": ["kiln: 7", "u2"]}
    of_facts = {"tail_type": ["Maker", "User"], "relation": ["MADE_BY", "KNOWS"]}
    items = {
        "item_id": ["i1", "i2"],
        "tags": [["a", "b"], ["c"]],
        "vision": [[0.5, -1.0], [1 / 3, 2]],
    }
    rules = {"hidden": [True, None], "expires_at": ["12040-01-01", "2040-01-01"]}
    texts = {"note": ['a "b", c', None], "item-id": ["of another shop", None]}
    tables = {
        "events": pl.DataFrame(events | times | lists),
        "items": pl.DataFrame(items | rules | texts),
        "users": pl.DataFrame(
            {
                "user_id": ["u1", "without events"],
                "city": ["Zürich", None],
                "User ID": [None, "of another shop"],
            }
        ),
        "facts": pl.DataFrame(facts | of_facts),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    paths = {name: folder / f"{name}.parquet" for name in tables}
    ingesting.ingest(settings, IngestRequest(**paths))
    pl.DataFrame({"item_id": ["i3"], "tags": ["a text"]}).write_parquet(folder / "more.parquet")
    ingesting.ingest(settings, IngestRequest(items=folder / "more.parquet"))
    with open_graph(settings) as graph:
        graph.run_text(_OLD_IDS)


def say(settings: Settings) -> None:
    """Dislike, merge users who dislike the same, and be shown lists, of which one is removed."""
    with open_graph(settings) as graph:
        for user in ("u1", "visitor", "u3"):
            for target in ("i9", "Maker=kiln: 7"):
                stored_dislikes.add(graph, user, DislikedTarget.of(target), "dislike")
        user_merge.merge(graph, "visitor", "u1", lambda: None)
        user_merge.merge(graph, "old-3", "u3", lambda: None)
        remembered_lists.write(graph, _lists())
        remembered_lists.note_seen(graph, list_id_of(2), ["i5"])
        assert list_removal.remove_before(graph, FIRST_DAY) == 1


def _lists() -> list[RememberedList]:
    old = FIRST_DAY - 10**9
    one = RememberedList(
        list_id_of(0), old, "u1", "for-you", None, 1, "{}", ("i2", "i1"), ("new", "near")
    )
    nobodys = replace(
        one,
        user=None,
        named="home",
        generation=None,
        options='{"basket": ["i5"]}',
        items=("i1", "i5"),
        variant="blend/b",
    )
    return [
        one,
        replace(one, id=list_id_of(1), at=FIRST_DAY),
        replace(nobodys, id=list_id_of(2), at=FIRST_DAY),
        replace(one, id=list_id_of(3), at=FIRST_DAY, user="u3"),
    ]


def held(driver: neo4j.Driver) -> list[list[dict[str, Any]]]:
    """Return every event and dislike with all that it says, every alias, list and sum."""
    with driver.session() as session:
        return [session.run(one).data() for one in _HELD]
