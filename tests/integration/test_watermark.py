"""Nothing is written below a watermark that somebody has read, and every kind of load moves it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import neo4j
import polars as pl
import pytest

from engine.config import Settings
from engine.connections.session import open_registry
from engine.graph import event_writes
from engine.graph.pulling import pull
from engine.loading.ingest import ingest_files
from engine.loading.load import IngestRequest
from engine.nights import night_steps
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import RetrainRequest
from engine.store.graph_client import GraphClient, Neo4jTarget

Run = Callable[..., list[dict[str, Any]]]
_TAKEN = "MATCH (s:Sequence {name: 'batch'}) RETURN s.value AS number"
_LOADS = {
    "events": "user_id,item_id,timestamp\nu2,i2,1700000001\n",
    "items": "item_id,name\ni1,Tea\n",
    "users": "user_id,age\nu1,30\n",
    "facts": "head,head_type,relation,tail,tail_type\ni1,Item,OF,tea,Kind\n",
}


def _events(item: str, key: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "user": ["u1"],
            "item": [item],
            "key": [key],
            "event": ["buy"],
            "at": [key],
            "weight": [1.0],
            "basket": [None],
            "list": [None],
            "position": [None],
        },
        schema_overrides={"basket": pl.String, "list": pl.String, "position": pl.Int64},
    )


def test_what_is_committed_after_a_watermark_was_read_has_a_higher_number(
    graph: GraphClient,
    run: Run,
    bare_driver: neo4j.Driver,
    until: Callable[..., None],
) -> None:
    run("CREATE (:User {id: 'u1'}), (:Item {id: 'slow'}), (:User {id: 'u2'}), (:Item {id: 'i'})")
    with (
        ThreadPoolExecutor(1) as pool,
        bare_driver.session() as session,
        session.begin_transaction() as holding,
    ):
        # A transaction that has its number, 1, and cannot go on: somebody holds its event's key. (A
        # lock of the item would let it come to its commit, with the lock that others need.)
        holding.run(
            "MATCH (u:User {id: 'u1'}), (i:Item {id: 'slow'}) "
            "CREATE (u)-[:INTERACTED {key: 1}]->(i)"
        ).consume()
        slow = pool.submit(event_writes.create_events, graph, _events("slow", 1), 1)
        until(lambda: [row["number"] for row in run(_TAKEN)] == [1])
        # One that began later, has 2, and is done first; a night and a model look at it.
        event_writes.create_events(graph, _events("i", 2).with_columns(user=pl.lit("u2")), 1)
        watermark = pull.data_watermark(graph)
        assert watermark == 2
        assert list(pull.pull_interactions(graph).at) == [2]
        holding.rollback()
        slow.result()
    rows = run("MATCH ()-[r:INTERACTED {key: 1}]->() RETURN r.batch AS batch")
    assert rows[0]["batch"] > watermark
    assert pull.newest_batch(graph) == rows[0]["batch"]
    assert pull.data_watermark(graph) == rows[0]["batch"]
    assert sorted(pull.pull_interactions(graph).at) == [1, 2]
    assert run("MATCH (b:Batch) RETURN count(b) AS n, sum(b.rows) AS rows") == [{"n": 2, "rows": 2}]


@pytest.fixture
def settings(neo4j_target: Neo4jTarget, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        neo4j_uri=neo4j_target.uri,
        neo4j_user=neo4j_target.user,
        neo4j_password=neo4j_target.password,
    )


def test_a_night_after_any_kind_of_load_has_something_new(
    graph: GraphClient, run: Run, settings: Settings, tmp_path: Path
) -> None:
    def load(kind: str, text: str) -> None:
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        ingest_files(settings, IngestRequest(**{kind: path}, bulk=False))  # type: ignore[arg-type]

    load("events", "user_id,item_id,timestamp\nu1,i1,1700000000\n")
    run("CREATE (:Serving {name: 'default'})-[:USES]->(:Generation {number: 1})")
    request = RetrainRequest()
    with open_registry(settings) as registry:

        def looked() -> dict[str, Any]:
            night = registry.nights.begin(request.digest()).id
            found = night_steps.look(
                NightContext(settings, request, (graph, registry), night, lambda *_: None)
            )
            registry.nights.record_step(night, "look", found, 0.0)
            registry.nights.finish(night, "finished", "kept")
            return found

        assert looked()["new"]
        assert not looked()["new"]
        for kind, text in _LOADS.items():
            load(kind, text)
            assert looked()["new"], kind
            load(kind, text)  # the same again says nothing new
            assert not looked()["new"], kind
