"""TGAT on a real graph: its neighbours are those of `sample/recent`, and its vectors are served."""

import csv
import json
from pathlib import Path

import neo4j
import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.temporal_adjacency import TemporalAdjacency
from engine.graph.pulling import pull
from engine.store.graph_client import GraphClient

from .terminal import engine

_USERS, _ITEMS, _EVENTS = 12, 9, 240
_CREATE = """
UNWIND $events AS e
MERGE (u:User {id: e.user}) MERGE (i:Item {id: e.item})
CREATE (u)-[:INTERACTED {key: e.key, event: 'buy', weight: 1.0, batch: 1, at: e.at}]->(i)
"""


def _recent(client: GraphClient, side: str, before: int, k: int) -> dict[str, list[object]]:
    """Return what the catalogue's query finds: of each node, whom it met and when, newest first."""
    slots = {"label": side, "relation": "INTERACTED", "weight": "weight"}
    slots["reached"] = "Item" if side == "User" else "User"
    mark, count = ("u", _USERS) if side == "User" else ("i", _ITEMS)
    seeds = [f"{mark}{n}" for n in range(count)]
    found: dict[str, list[object]] = {seed: [] for seed in seeds}
    for row in client.ask("sample/recent", slots, seeds=seeds, k=k, before=before):
        found[row["seed"]].append((row["neighbour"], row["at"]))
    return found


def _newest(events: Interactions, side: str, before: int, k: int) -> dict[str, list[object]]:
    """Return what the model is shown of the pulled graph, by ids."""
    own, others = (events.users, events.items)[:: 1 if side == "User" else -1]
    shift, back = (0, events.n_users) if side == "User" else (events.n_users, 0)
    nodes = np.arange(len(own)) + shift
    met = TemporalAdjacency(events).newest(nodes, np.full(len(own), before), k)
    return {
        id_: [
            (others.ids[node - back], at)
            for node, at in zip(nodes[:count].tolist(), moments[:count].tolist(), strict=True)
        ]
        for id_, nodes, moments, count in zip(own.ids, met.nodes, met.at, met.counts, strict=True)
    }


def test_the_model_is_shown_what_the_graph_would_answer(
    graph: GraphClient, bare_driver: neo4j.Driver, rng: np.random.Generator
) -> None:
    at = 1_700_000_000_000 + rng.permutation(_EVENTS) * 60_000  # no two events of one moment
    events = [
        {
            "key": key,
            "user": f"u{rng.integers(_USERS)}",
            "item": f"i{rng.integers(_ITEMS)}",
            "at": moment,
        }
        for key, moment in enumerate(at.tolist())
    ]
    with bare_driver.session() as session:
        session.run(_CREATE, events=events).consume()
    pulled = pull.pull_interactions(graph)
    assert (pulled.n_users, pulled.n_items) == (_USERS, _ITEMS)
    # Before all events, at one of them, right behind it, in the middle, and after all.
    moments = [int(at.min()), int(at[7]), int(at[7]) + 1, int(np.median(at)), int(at.max()) + 1]
    for before in moments:
        for side in ("User", "Item"):
            for k in (1, 5):
                expected = _recent(graph, side, before, k)
                assert _newest(pulled, side, before, k) == expected, (side, before, k)
    assert not any(_recent(graph, "User", moments[0], 5).values())
    assert all(len(met) == 5 for met in _recent(graph, "User", moments[-1], 5).values())


@pytest.mark.usefixtures("graph", "on_server")
def test_trained_published_and_recommended(tmp_path: Path, rng: np.random.Generator) -> None:
    events = tmp_path / "events.csv"
    with events.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "timestamp"])
        for moment in range(900):
            user = int(rng.integers(40))
            item = 5 * int(rng.integers(8)) + user % 5
            out.writerow([f"u{user}", f"i{item}", 1_700_000_000 + 600 * moment])
    engine("ingest", str(events))
    settings = ("epochs=4", "batch_size=128", "dimension=16", "neighbours=5", "beyond=2")
    given = [word for one in settings for word in ("--set", one)]
    told = json.loads(engine("train", "--model", "tgat", *given, "--no-ranker", "--json"))
    engine("publish")
    answer = json.loads(engine("recommend", "u0", "-k", "5", "--include-seen", "--json"))
    similar = json.loads(engine("similar", "i0", "-k", "5", "--json"))

    assert any(name.endswith("tgat.ndcg@20") for name in told["metrics"])
    assert all(int(item["id"][1:]) % 5 == 0 for item in answer["items"])
    assert len(answer["items"]) == 5
    assert sum(int(item["id"][1:]) % 5 == 0 for item in similar["items"]) >= 4
