"""``engine check`` on homes and graphs that are really broken; its remedies mend them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neo4j
import pytest

import engine
from engine.connections.session import open_graph, open_registry
from engine.errors import SchemaMismatch
from engine.graph import stored_generations
from engine.graph.embeddings import property_name
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.migration_lock import MigrationLock, NightLock
from engine.store.processes import this_process
from engine.upkeep import schema_checks
from engine.upkeep.findings import FAULTS_FOUND

from ...obeyed_modes import obey_modes
from ..restoring import Content
from ..terminal import invoked
from .conftest import Run, bad, only

_ADD_MIGRATION = "CREATE (:__Migration {number: $n, name: $name, checksum: '', applied_at: 0})"


def _serving(e: engine.Engine) -> int:
    return next(int(row["number"]) for row in e.generations() if row["serving"])


def _well(e: engine.Engine) -> bool:
    found = e.check()
    return not (found.faults or found.warnings or found.not_checked)


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    files = {path: path.lstat() for path in folder.rglob("*")}
    return {str(path): (one.st_mtime_ns, one.st_size) for path, one in files.items()}


def test_a_shop_that_is_well_has_no_fault_and_a_check_changes_nothing(
    e: engine.Engine, home_of: Path, bare_driver: neo4j.Driver
) -> None:
    with bare_driver.session() as session:
        graph, files = Content.of(session), _snapshot(home_of)
        found = e.check()
        assert Content.of(session) == graph
    assert _snapshot(home_of) == files
    assert (found.faults, found.warnings, found.not_checked, found.exit_code) == ((), (), (), 0)
    assert {one.name for one in found.findings} >= {
        "neo4j", "versions", "graph schema", "constraints", "pointer", "vector indexes", "vectors",
        "attributes", "leftovers", "locks", "clock", "registry schema", "registry", "agreement",
        "checkpoints", "nights", "experiments", "lists", "home", "permissions", "disk", "old files",
    }  # fmt: skip
    assert found.to_polars().height == len(found.findings)


@pytest.mark.parametrize(
    ("drop", "subject"),
    [
        ("DROP CONSTRAINT user_id", "constraint user_id"),
        ("DROP CONSTRAINT interacted_key", "constraint interacted_key"),
        ("DROP INDEX interacted_at", "index interacted_at"),
    ],
)
def test_a_constraint_or_an_index_that_was_dropped(
    drop: str, subject: str, e: engine.Engine, bare_run: Run, typed: Callable[[str], None]
) -> None:
    bare_run(drop)
    found = only(e.check(), "constraints")
    assert (found.state, found.subject, found.value) == ("fault", subject, "it is missing")
    typed(found.remedy)
    assert _well(e)


def test_a_vector_index_that_was_dropped(
    e: engine.Engine, bare_run: Run, typed: Callable[[str], None]
) -> None:
    number = _serving(e)
    bare_run(f"DROP INDEX item_embedding_g{number}")
    found = only(e.check(), "vector indexes")
    assert f"item_embedding_g{number} is missing" in found.value
    typed(found.remedy)
    assert _serving(e) > number
    # The broken one is kept to go back to, and cannot serve.
    broken = f"generation {number}"
    assert {one.subject for one in e.check().faults} == {broken}
    with open_graph(e.settings) as graph:
        stored_generations.remove(graph, number)
    assert _well(e)


@pytest.mark.parametrize(
    ("change", "count", "state", "said"),
    [
        ("[x IN v | 0.0 / 0.0]", 1, "fault", "hold NaN or an infinite number"),
        ("[x IN v | 1.0 / 0.0]", 1, "fault", "hold NaN or an infinite number"),
        ("tail(v)", 1, "fault", "have not 10 numbers"),
        ("null", 1, "warning", "1 of 12 vectors of items are gone"),
        ("null", 7, "fault", "5 of 12 vectors of items are left"),
    ],
)
def test_vectors_that_are_no_vectors_or_are_gone(
    change: str, count: int, state: str, said: str, e: engine.Engine, bare_run: Run
) -> None:
    name = property_name(_serving(e))
    some = f"MATCH (i:Item) WHERE i.{name} IS NOT NULL WITH i ORDER BY i.id LIMIT {count} "
    kept = bare_run(f"{some} RETURN i.id AS id, i.{name} AS v")
    bare_run(f"{some} WITH i, i.{name} AS v SET i.{name} = {change}")
    try:
        found = only(e.check(), "vectors")
        assert (found.state, said in found.value) == (state, True), found
        assert found.remedy.startswith("engine publish --run ")
    finally:
        bare_run(
            f"UNWIND $kept AS one MATCH (i:Item {{id: one.id}}) SET i.{name} = one.v", kept=kept
        )
    assert _well(e)


def test_an_attribute_that_is_a_vector_on_some_alone(e: engine.Engine, bare_run: Run) -> None:
    bare_run(
        "MATCH (i:Item) WITH i ORDER BY i.id LIMIT 4 WITH collect(i) AS some "
        "FOREACH (i IN some | SET i.look = [0.5, 1.5]) "
        "WITH some[0] AS one, some[1] AS other SET one.look = 'red', other.look = [0.5]"
    )
    found = only(e.check(), "attributes")
    assert (found.state, found.subject) == ("warning", "look of items")
    assert found.value == "2 of 4 are unlike most, which hold vectors of 2 numbers"
    bare_run("MATCH (i:Item) REMOVE i.look")
    assert _well(e)


def test_a_pointer_to_two_generations(
    e: engine.Engine, bare_run: Run, typed: Callable[[str], None]
) -> None:
    number = _serving(e)
    bare_run(
        "MATCH (s:Serving {name: 'default'}), (:Serving)-[:USES]->(g:Generation) "
        "CREATE (new:Generation) SET new = properties(g {.*, number: 0, promoted_at: 1}) "
        "CREATE (s)-[:USES]->(new)"
    )
    found = bad(e.check(), "pointer")
    assert [(one.state, one.value) for one in found] == [
        ("fault", f"it leads to the generations 0, {number}")
    ]
    bare_run("MATCH (g:Generation {number: 0}) DETACH DELETE g")
    assert _well(e)
    bare_run("CREATE (:Serving {name: 'another'})")
    assert "second one, 'another'" in only(e.check(), "pointer").value
    bare_run("MATCH (s:Serving) WHERE s.name <> 'default' DETACH DELETE s")
    assert _well(e)
    typed("engine generations")


def test_a_registry_that_says_something_else_of_what_serves(
    e: engine.Engine, typed: Callable[[str], None]
) -> None:
    number = _serving(e)
    with open_registry(e.settings) as registry:
        registry.mark_generation(number, "retired", "by hand")
    found = only(e.check(), "agreement")
    assert found.value == f"the graph serves generation {number}, the registry says none"
    typed(found.remedy)
    assert _well(e)


def test_a_pointer_that_the_registry_does_not_know(e: engine.Engine, bare_run: Run) -> None:
    number = _serving(e)
    rename = "MATCH (g:Generation {number: $old}) SET g.number = $new"
    bare_run(rename, old=number, new=900)
    try:
        found = bad(e.check(), "agreement")
        assert [one.state for one in found] == ["fault"]
        assert "does not know generation 900, which is in service" in found[0].value
    finally:
        bare_run(rename, old=900, new=number)
    assert _well(e)


def test_what_interrupted_publishes_left(
    e: engine.Engine, bare_run: Run, typed: Callable[[str], None]
) -> None:
    bare_run(
        "MATCH (u:User {id: 'alice'}) SET u.embedding_g77 = [1.0], u.embedding_g78_edges = ['x']"
    )
    mark = this_process()
    with open_graph(e.settings) as graph:
        dead = {"model": "als", "host": mark.host, "pid": mark.pid, "process_started": 1.0}
        stored_generations.create_candidate(graph, 79, dead)
        alive = dead | {"process_started": mark.started}
        stored_generations.create_candidate(graph, 80, alive)
    found = bad(e.check(), "leftovers")
    assert {one.subject: one.state for one in found} == {
        "generation 77": "fault",
        "generation 78": "fault",
        "generation 79": "warning",
    }
    assert {one.remedy for one in found} == {"engine tidy"}
    typed("engine tidy")
    assert bare_run("MATCH (g:Generation) WHERE g.state <> 'published' RETURN g.number AS n") == [
        {"n": 80}
    ]
    assert bare_run("MATCH (u:User) WHERE u.embedding_g77 IS NOT NULL RETURN u") == []
    bare_run("MATCH (g:Generation {number: 80}) DELETE g")
    assert _well(e)


def test_a_twin_that_is_gone_or_damaged(e: engine.Engine, home_of: Path) -> None:
    (twin,) = home_of.glob("checkpoints/*/twin.safetensors")
    content = twin.read_bytes()
    for broken, said in (
        (None, "twin.safetensors is missing"),
        (content[:-100], "twin.safetensors cannot be read"),
        (content.replace(b"alice", b"bobby", 1), "twin.safetensors is damaged"),
    ):
        if broken is None:
            twin.unlink()
        else:
            twin.write_bytes(broken)
        found = only(e.check(), "checkpoints")
        assert (found.state, found.value) == ("fault", said)
        assert found.remedy == "engine train && engine publish"
        twin.write_bytes(content)
        twin.chmod(0o600)
    stray = home_of / "checkpoints" / "4711"
    stray.mkdir()
    assert "runs that the registry does not know" in only(e.check(), "checkpoints").value
    stray.rmdir()
    assert _well(e)


def test_migrations_that_are_missing_or_newer(
    e: engine.Engine, bare_run: Run, typed: Callable[[str], None]
) -> None:
    (last,) = bare_run("MATCH (m:__Migration) RETURN m.name AS name ORDER BY m.number DESC LIMIT 1")
    bare_run("MATCH (m:__Migration {name: $name}) DELETE m", name=last["name"])
    found = only(e.check(), "graph schema")
    assert (found.state, found.value) == ("fault", f"not applied: {last['name']}")
    typed(found.remedy)
    assert _well(e)
    bare_run(_ADD_MIGRATION, n=int(last["name"][:4]) + 1, name="9999_future")
    found = only(e.check(), "graph schema")
    assert "9999_future, which this version does not know" in found.value
    assert found.remedy == "upgrade the engine: pip install --upgrade engine-recsys"
    with engine.connect(**_login(e)) as other, pytest.raises(SchemaMismatch, match="9999_future"):
        other.migrate()
    bare_run("MATCH (m:__Migration {name: '9999_future'}) DELETE m")
    assert _well(e)


def _login(e: engine.Engine) -> dict[str, Any]:
    settings = e.settings
    assert settings.neo4j_uri is not None
    user, password = settings.neo4j_login()
    return {
        "uri": settings.neo4j_uri,
        "user": user,
        "password": password,
        "home": str(settings.home),
    }


def test_a_lock_that_a_dead_night_left(
    e: engine.Engine, graph_of_file: GraphClient, typed: Callable[[str], None]
) -> None:
    mark = this_process()
    for lock, remedy in (
        (NightLock, "engine retrain --break-lock"),
        (MigrationLock, "engine migrate --break-lock"),
    ):
        graph_of_file.write(
            "schema/acquire_lock",
            lock=lock.name,
            token="theirs",
            host=mark.host,
            pid=mark.pid,
            started=1.0,
        )
        found = only(e.check(), "locks")
        assert (found.state, found.remedy) == ("warning", remedy)
        typed(found.remedy)
    assert _well(e)


def test_clocks_that_differ_and_events_of_tomorrow(
    e: engine.Engine, graph_of_file: GraphClient, bare_run: Run
) -> None:
    for hours, way in ((2, "ahead of"), (-2, "behind")):
        (found,) = schema_checks.clock(graph_of_file, time.time() + 3_600 * hours)
        assert found.state == "fault"
        assert f"s {way} that of the Neo4j server" in found.value
    tomorrow = int((time.time() + 86_400) * 1_000)
    bare_run(
        "MATCH (u:User {id: 'alice'}), (i:Item {id: 'mug'}) "
        "CREATE (u)-[:INTERACTED {key: 1, at: $at}]->(i)",
        at=tomorrow,
    )
    assert "24 hours in the future" in only(e.check(), "clock").value
    bare_run("MATCH ()-[r:INTERACTED {key: 1}]->() DELETE r")
    assert _well(e)


@pytest.mark.parametrize(
    ("version", "state"), [("5.25.1", "fault"), ("5.26.0", "ok"), ("2026.08.1", "ok")]
)
def test_servers_that_are_too_old(version: str, state: str) -> None:
    assert schema_checks.server_version(version, "community", None).state == state


def test_without_a_server_the_rest_is_looked_at(
    e: engine.Engine, unused_port: int, home_of: Path
) -> None:
    with engine.connect(f"bolt://127.0.0.1:{unused_port}", home=home_of) as away:
        found = away.check()
        assert [one.name for one in found.faults] == ["neo4j"]
        assert {"constraints", "vectors", "checkpoints"} <= set(found.not_checked)
        assert {"registry schema", "nights", "permissions"} <= {one.name for one in found.findings}
        assert found.remarks_for_reader()
        done = away.tidy(dry_run=True)
        assert done.skipped == (
            "No Neo4j server answers: generations and checkpoints were left alone.",
        )


def test_while_a_load_is_at_work(e: engine.Engine, home_of: Path) -> None:
    with open_registry(e.settings) as registry:
        registry.start_ingest("events.csv", "", "events")
        assert _well(e)
        assert registry.ingests(1)[0].status == "running"
        registry.finish_ingest(registry.ingests(1)[0].id, 0, 0, 0, "finished", {}, 0)


def test_the_command_ends_with_13_where_there_is_a_fault(
    e: engine.Engine, home_of: Path, typed: Callable[[str], None], unused_port: int
) -> None:
    assert callable(typed)  # the environment names the shop
    done = invoked("check", "--json")
    assert (done.exit_code, json.loads(done.stdout)["faults"]) == (0, 0)
    done = invoked("--uri", f"bolt://127.0.0.1:{unused_port}", "check", "--json")
    assert done.exit_code == FAULTS_FOUND
    found = json.loads(done.stdout)
    assert found["faults"] == 1
    assert found["not_checked"]
    done = invoked("--uri", f"bolt://127.0.0.1:{unused_port}", "check")
    assert done.exit_code == FAULTS_FOUND
    assert "try: " in done.stdout
    assert "1 faults" in done.stderr


def test_a_home_that_cannot_be_written(
    e: engine.Engine, home_of: Path, on_server: Neo4jTarget
) -> None:
    before = _snapshot(home_of)
    home_of.chmod(0o500)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "engine", "--home", str(home_of), "check", "--json"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ},
            preexec_fn=obey_modes,
        )
    finally:
        home_of.chmod(0o700)
    assert done.returncode == FAULTS_FOUND, done.stderr
    found = json.loads(done.stdout)
    faults = [one["value"] for one in found["findings"] if one["state"] == "fault"]
    assert faults == ["it cannot be written: nothing can be loaded"]
    assert found["not_checked"] == []
    assert _snapshot(home_of) == before
