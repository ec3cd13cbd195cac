"""``engine migrate``: both schemas with one command, and the lock that can be broken."""

import json
from typing import Any

import neo4j
import pytest
from click.testing import Result

from engine.errors import Busy, QueryFailed
from engine.store.graph_client import GraphClient
from engine.store.registry_schema import head

from .terminal import invoked

pytestmark = pytest.mark.usefixtures("on_server")


def _engine(*arguments: str) -> Result:
    return invoked("migrate", *arguments)


def _forget(driver: neo4j.Driver) -> None:
    with driver.session() as session:
        session.run("MATCH (n:__Migration) DELETE n").consume()


def test_migrate_brings_both_up_to_date(graph: GraphClient, bare_driver: neo4j.Driver) -> None:
    _forget(bare_driver)
    before = json.loads(_engine("--status", "--json").stdout)
    assert {row["state"] for row in before["migrations"]} == {"pending"}
    first = json.loads(_engine("--json").stdout)
    assert first["graph"][0] == "0001_constraints"
    assert (first["registry_before"], first["registry_after"]) == (None, head())
    again = json.loads(_engine("--json").stdout)
    assert again == {"graph": [], "registry_before": head(), "registry_after": head()}
    after = json.loads(_engine("--status", "--json").stdout)
    assert {row["state"] for row in after["migrations"]} == {"applied"}
    assert after["lock"] is None
    assert graph.server.edition


def test_people_are_told(graph: GraphClient, bare_driver: neo4j.Driver) -> None:
    _forget(bare_driver)
    assert "graph: applied 0001_constraints" in _engine().stderr
    assert "0001_constraints" in _engine("--status").stdout
    assert graph.server.edition


def test_a_foreign_lock_is_named_and_broken(graph: GraphClient, bare_driver: neo4j.Driver) -> None:
    _forget(bare_driver)
    owner: dict[str, Any] = {
        "token": "theirs",
        "host": "elsewhere/pid:[1]",
        "pid": 4_711,
        "started": 0.0,
    }
    graph.write("schema/acquire_lock", lock="default", **owner)
    with pytest.raises(Busy, match="process 4711 on elsewhere"):
        _engine("--wait", "0")
    assert "engine migrate --break-lock" in _engine("--status").stderr
    assert "process 4711 on elsewhere" in _engine("--break-lock").stderr
    assert "nothing to break" in _engine("--break-lock").stderr
    assert json.loads(_engine("--json").stdout)["graph"]


def test_what_was_dropped_is_made_again_unless_the_graph_forbids_it(
    graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    assert graph.server.edition
    names = "SHOW CONSTRAINTS YIELD name RETURN name"
    with bare_driver.session() as session:
        before = set(session.run(names).value("name"))
        session.run("DROP CONSTRAINT user_id").consume()
        session.run("CREATE (:User {id: 'a'}), (:User {id: 'a'})").consume()
        with pytest.raises(QueryFailed, match="'a'"):
            _engine("--repair")
        assert json.loads(_engine("--status", "--json").stdout)["lock"] is None
        session.run("MATCH (u:User) DELETE u").consume()
        assert json.loads(_engine("--repair", "--json").stdout)["statements"] > 10
        assert set(session.run(names).value("name")) == before
        assert "carried out again" in _engine("--repair").stderr
