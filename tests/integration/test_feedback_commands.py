"""``engine dislike`` and ``engine merge-users``, typed."""

import json
from pathlib import Path

import pytest

from engine.data.interactions import Interactions
from engine.data.kind_weights import KindWeights
from engine.errors import NotFound
from engine.graph.pulling import pull
from engine.store.graph_client import GraphClient

from .terminal import engine, invoked

EVENTS = """user_id,item_id,event,basket_id
x1,tea,view,b1
alice,tea,purchase,b2
alice,pot,view,b2
alice,mug,dislike,b2
"""


@pytest.fixture
def loaded(
    graph: GraphClient, on_server: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> GraphClient:
    monkeypatch.setenv("ENGINE_HOME", str(tmp_path / "home"))
    (tmp_path / "events.csv").write_text(EVENTS)
    engine("ingest", str(tmp_path / "events.csv"))
    return graph


def test_a_user_dislikes_takes_it_back_and_logs_in(loaded: GraphClient) -> None:
    assert "tea is shown to x1 no more" in invoked("dislike", "x1", "tea").output
    assert "x1 dislikes tea already" in invoked("dislike", "x1", "tea").output
    with pytest.raises(NotFound, match="there is no brand 'x' to dislike"):
        invoked("dislike", "x1", "Brand=x")
    assert "--undo takes ITEM" in invoked("dislike", "x1", "--undo").output
    done = json.loads(engine("merge-users", "x1", "alice", "--json"))
    assert done == {"user": "alice", "old": "x1", "moved": {"DISLIKES": 1, "INTERACTED": 1}}
    assert "x1 stands for alice now" in invoked("merge-users", "x1", "alice").output
    assert [one["id"] for one in json.loads(engine("dislike", "x1", "--json"))] == ["tea", "mug"]
    taken = json.loads(engine("dislike", "x1", "tea", "--undo", "--json"))
    assert taken == {"user": "x1", "item": "tea", "undo": True, "changed": True}
    assert "tea was not disliked by alice" in invoked("dislike", "alice", "tea", "--undo").output


def test_kinds_weigh_what_they_are_given_and_dislikes_are_none_of_them(
    loaded: GraphClient,
) -> None:
    def told(events: Interactions) -> list[tuple[str, str, float]]:
        return [
            (events.users.ids[user], events.items.ids[item], round(float(weight), 3))
            for user, item, weight in zip(events.user, events.item, events.weight, strict=True)
        ]

    assert len(pull.pull_interactions(loaded)) == 3, "what is disliked is no event to learn from"
    weights = KindWeights({"purchase": 3, "view": 0.2, "dislike": -1})
    found = told(pull.pull_interactions(loaded, kinds=weights))
    assert found == [("alice", "pot", 0.2), ("alice", "tea", 3.0), ("x1", "tea", 0.2)]
    events, baskets = pull.pull_baskets(loaded, kinds=KindWeights({"view": 0}))
    assert told(events) == [("alice", "tea", 1.0)]
    assert len(baskets) == 1
