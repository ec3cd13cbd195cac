"""``engine status``: what is counted, and how fresh it is (``cypher/status``)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from engine import config
from engine.connections.session import open_registry
from engine.graph import census
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.usecases.status import read_status

from .terminal import invoked

_NEWEST = 1_700_000_000_000
_SHOP = f"""
CREATE (a:User {{id: 'a'}}), (b:User {{id: 'b'}}), (x:Item {{id: 'x'}}),
       (c:Entity:Category {{id: 'c'}}),
       (a)-[:INTERACTED {{key: 1, at: {_NEWEST}}}]->(x), (a)-[:INTERACTED {{key: 2}}]->(x),
       (b)-[:INTERACTED {{key: 3, at: {_NEWEST - 5_000}}}]->(x),
       (x)-[:IN_CATEGORY {{key: 4}}]->(c), (a)-[:FRIEND {{key: 5}}]->(b),
       (x)-[:USES {{key: 6}}]->(c),
       (x)-[:SIMILAR {{score: 1.0}}]->(x), (x)-[:CO_OCCURRED {{count: 1}}]->(x),
       (:Batch {{number: 1, token: 't'}}),
       (serving:Serving {{name: 'default'}})-[:USES]->(:Generation {{number: 3}}),
       (serving)-[:MOVED]->(:Flip {{token: 'm', to_number: 3}})
"""


def test_an_empty_graph(graph: GraphClient) -> None:
    assert census.count(graph) == census.Census(0, 0, 0, 0, 0, 0)
    assert census.newest_event(graph) is None
    assert census.serving_generation(graph) is None
    assert census.stamps(graph) == census.Stamps(None, None, 0, 0)


def test_everything_is_counted_once(graph: GraphClient) -> None:
    graph.run_text(_SHOP)
    assert census.count(graph) == census.Census(
        users=2, items=1, entities=1, events=3, facts=3, batches=1
    )
    assert census.newest_event(graph) == datetime.fromtimestamp(_NEWEST / 1000, tz=UTC)
    assert census.serving_generation(graph) == 3
    assert census.stamps(graph) == census.Stamps(3, None, 0, 0)


def test_events_without_a_time_have_no_age(graph: GraphClient) -> None:
    graph.run_text("CREATE (:User {id: 'a'})-[:INTERACTED {key: 1}]->(:Item {id: 'x'})")
    assert census.newest_event(graph) is None


@pytest.mark.usefixtures("on_server")
def test_the_status_joins_graph_and_registry(graph: GraphClient) -> None:
    graph.run_text(_SHOP)
    settings = config.load()
    with open_registry(settings) as registry:
        load = registry.start_ingest("a.csv", "0" * 64, "events")
        registry.finish_ingest(load, 3, 0, 2, "done", {"enum": 2}, 5)
    now = datetime.fromtimestamp(_NEWEST / 1000, tz=UTC) + timedelta(hours=2)
    status = read_status(settings, now=now)
    assert status.newest_event_age_seconds == 7_200
    assert (status.quarantined, status.events, status.serving_generation) == (2, 3, 3)
    assert status.quarantine == {"enum": 2}


def test_the_command_prints_json(graph: GraphClient, on_server: Neo4jTarget) -> None:
    graph.run_text(_SHOP)
    printed = json.loads(invoked("status", "--json").stdout)
    assert list(printed) == [
        "users",
        "items",
        "entities",
        "events",
        "facts",
        "quarantined",
        "quarantine",
        "batches",
        "serving_generation",
        "newest_event_at",
        "newest_event_age_seconds",
        "generation_on_trial",
    ]
    assert printed["facts"] == 3
    assert printed["newest_event_at"] == "2023-11-14T22:13:20+00:00"
    assert on_server.password not in json.dumps(printed)


@pytest.mark.usefixtures("on_server", "graph")
def test_the_command_says_what_to_do_next() -> None:
    result = invoked("status")
    assert result.exit_code == 0, result.output
    assert "engine ingest" in result.stderr
