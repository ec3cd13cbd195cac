"""Graph migrations on a real server: ordered, locked, immutable, resumable (RELIABILITY R10)."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import neo4j
import pytest

from engine.errors import Busy, QueryFailed, SchemaMismatch
from engine.resources import migrations_dir
from engine.store import graph_schema
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.migration_lock import MigrationLock

ROOT = migrations_dir().parent
SHIPPED = [path.stem for path in sorted((migrations_dir() / "neo4j").glob("*.cypher"))]
_MIGRATIONS = graph_schema.read_migrations()
_STATEMENTS = [text for one in _MIGRATIONS for text in one.statements]
_CONSTRAINTS = [text for text in _STATEMENTS if text.startswith("CREATE CONSTRAINT")]
_FORGET = "MATCH (n:__Migration|__MigrationLock|Proof) DETACH DELETE n"


@pytest.fixture
def blank(graph: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """A graph that remembers no migration."""
    with bare_driver.session() as session:
        session.run(_FORGET).consume()
    return graph


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations that leave a trace each time a statement of theirs runs."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    _write(folder, "0001_first", "// a comment; not a statement\nCREATE (:Proof {n: 1});\n")
    _write(folder, "0002_second", "CREATE (:Proof {n: 2});\nCREATE (:Proof\n  {n: ';'});\n")
    return folder


def _write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.cypher").write_bytes(text.encode())


def _proofs(driver: neo4j.Driver) -> list[object]:
    with driver.session() as session:
        return session.run("MATCH (p:Proof) RETURN p.n AS n").value("n")


def _constraints(driver: neo4j.Driver) -> set[str]:
    with driver.session() as session:
        return set(session.run("SHOW CONSTRAINTS YIELD name RETURN name").value("name"))


def test_the_shipped_migrations_apply_once(blank: GraphClient, bare_driver: neo4j.Driver) -> None:
    assert graph_schema.status(blank).pending == tuple(SHIPPED)
    assert graph_schema.apply(blank, wait_seconds=5) == SHIPPED
    assert graph_schema.apply(blank, wait_seconds=5) == []
    status = graph_schema.status(blank)
    assert [one.name for one in status.applied] == SHIPPED
    assert (status.pending, status.lock) == ((), None)
    assert _constraints(bare_driver) >= {
        "user_id",
        "item_id",
        "entity_key",
        "batch_token",
        "batch_number",
        "sequence_name",
        "generation_number",
        "serving_name",
        "interacted_key",
    }


@pytest.mark.parametrize(
    "pair",
    [
        "CREATE (:User {id: 'a'}), (:User {id: 'a'})",
        "CREATE (:Item {id: 'a'}), (:Item {id: 'a'})",
        "CREATE (:Entity {key: 'Brand:1'}), (:Entity {key: 'Brand:1'})",
        "CREATE (:Batch {token: 'a'}), (:Batch {token: 'a'})",
        "CREATE (:Serving {name: 'a'}), (:Serving {name: 'a'})",
        "CREATE (u:User)-[:INTERACTED {key: 1}]->(i:Item), (u)-[:INTERACTED {key: 1}]->(i)",
    ],
)
def test_the_server_refuses_twins(pair: str, graph: GraphClient) -> None:
    with pytest.raises(QueryFailed, match="ConstraintValidationFailed"):
        graph.run_text(pair)


def test_ids_are_unique_per_label_and_type(graph: GraphClient) -> None:
    graph.run_text("CREATE (:User {id: '1'}), (:Item {id: '1'})")
    graph.run_text(
        "CREATE (:Entity:Brand {key: 'Brand:1', id: '1'}), (:Entity:Shop {key: 'Shop:1', id: '1'})"
    )


def test_files_run_in_order_each_statement_once(
    blank: GraphClient, bare_driver: neo4j.Driver, folder: Path
) -> None:
    assert graph_schema.apply(blank, wait_seconds=5, folder=folder) == ["0001_first", "0002_second"]
    assert sorted(_proofs(bare_driver), key=str) == [1, 2, ";"]
    _write(folder, "0003_third", "CREATE (:Proof {n: 3})")
    assert graph_schema.apply(blank, wait_seconds=5, folder=folder) == ["0003_third"]
    assert len(_proofs(bare_driver)) == 4


def test_a_changed_file_stops(blank: GraphClient, folder: Path) -> None:
    graph_schema.apply(blank, wait_seconds=5, folder=folder)
    _write(folder, "0001_first", "CREATE (:Proof {n: 7});\n")
    for call in (
        lambda: graph_schema.apply(blank, wait_seconds=5, folder=folder),
        lambda: graph_schema.status(blank, folder=folder),
    ):
        with pytest.raises(SchemaMismatch, match="0001_first was changed") as caught:
            call()
        assert "new migration" in caught.value.hint


def test_other_line_endings_are_no_change(blank: GraphClient, folder: Path) -> None:
    graph_schema.apply(blank, wait_seconds=5, folder=folder)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert graph_schema.apply(blank, wait_seconds=5, folder=folder) == []


def test_a_missing_file_stops(blank: GraphClient, folder: Path) -> None:
    graph_schema.apply(blank, wait_seconds=5, folder=folder)
    (folder / "0002_second.cypher").unlink()
    with pytest.raises(SchemaMismatch, match="0002_second, which this version") as caught:
        graph_schema.apply(blank, wait_seconds=5, folder=folder)
    assert "upgrade" in caught.value.hint


def test_a_hole_in_the_history_stops(
    blank: GraphClient, bare_driver: neo4j.Driver, folder: Path
) -> None:
    graph_schema.apply(blank, wait_seconds=5, folder=folder)
    with bare_driver.session() as session:
        session.run("MATCH (m:__Migration {number: 1}) DELETE m").consume()
    with pytest.raises(SchemaMismatch, match="0001 was never applied"):
        graph_schema.apply(blank, wait_seconds=5, folder=folder)


def test_a_failing_statement_gives_the_lock_back(
    blank: GraphClient, bare_driver: neo4j.Driver, folder: Path
) -> None:
    _write(folder, "0002_second", "CREATE (:Proof {n: 2});\nTHIS IS NO CYPHER;\n")
    with pytest.raises(QueryFailed, match="SyntaxError"):
        graph_schema.apply(blank, wait_seconds=5, folder=folder)
    status = graph_schema.status(blank, folder=folder)
    assert status.pending == ("0002_second",)
    assert status.lock is None
    _write(folder, "0002_second", "MERGE (:Proof {n: 2});\n")
    assert graph_schema.apply(blank, wait_seconds=5, folder=folder) == ["0002_second"]
    assert sorted(_proofs(bare_driver), key=str) == [1, 2]


def test_of_two_migrators_one_applies(
    blank: GraphClient, bare_driver: neo4j.Driver, neo4j_target: Neo4jTarget, folder: Path
) -> None:
    start = threading.Barrier(2)

    def migrate(client: GraphClient) -> list[str]:
        start.wait()
        return graph_schema.apply(client, wait_seconds=30, folder=folder)

    with GraphClient(neo4j_target) as other, ThreadPoolExecutor(2) as pool:
        for _ in range(50):
            with bare_driver.session() as session:
                session.run(_FORGET).consume()
            results = list(pool.map(migrate, (blank, other)))
            assert sorted(results) == [[], ["0001_first", "0002_second"]]
            assert len(_proofs(bare_driver)) == 3
    assert MigrationLock.holder(blank) is None


def _lock_of_another_machine(client: GraphClient) -> None:
    client.write(
        "schema/acquire_lock",
        lock="default",
        token="theirs",
        host="elsewhere/pid:[1]",
        pid=4_711,
        started=0.0,
    )


def test_a_lock_that_stays_is_reported_with_its_age_and_broken_by_name(
    blank: GraphClient, folder: Path
) -> None:
    _lock_of_another_machine(blank)
    with pytest.raises(Busy, match=r"process 4711 on elsewhere, for \d+ s") as caught:
        graph_schema.apply(blank, wait_seconds=0.3, folder=folder)
    assert "engine migrate --break-lock" in caught.value.hint
    holder = graph_schema.status(blank, folder=folder).lock
    assert holder is not None
    assert 0.3 <= holder.age_seconds < 60
    broken = MigrationLock.break_lock(blank)
    assert broken is not None
    assert broken.process.pid == 4_711
    assert graph_schema.apply(blank, wait_seconds=0, folder=folder)


def test_a_locked_graph_without_pending_migrations_still_opens(
    graph: GraphClient,
) -> None:
    _lock_of_another_machine(graph)
    assert graph_schema.apply(graph, wait_seconds=0) == []


def test_a_migrator_whose_lock_was_broken_records_nothing(blank: GraphClient, folder: Path) -> None:
    lock = MigrationLock(blank, wait_seconds=0)
    with lock:
        MigrationLock.break_lock(blank)
        with pytest.raises(Busy, match="was broken while 0001_first"):
            lock.record(1, "0001_first", "sum")
    assert graph_schema.status(blank, folder=folder).applied == ()


_DIES = """
import os, signal, sys
from engine.store import graph_schema
from engine.store.graph_client import GraphClient, Neo4jTarget

class Dying(GraphClient):
    left = int(sys.argv[4])

    def run_text(self, text):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        super().run_text(text)

graph_schema.apply(Dying(Neo4jTarget(*sys.argv[1:4])), wait_seconds=5)
"""


@pytest.mark.parametrize("statements", range(len(_STATEMENTS)))
def test_killed_between_two_statements_the_next_run_converges(
    statements: int, blank: GraphClient, bare_driver: neo4j.Driver, neo4j_target: Neo4jTarget
) -> None:
    target = (neo4j_target.uri, neo4j_target.user, neo4j_target.password)
    with bare_driver.session() as session:
        for name in _constraints(bare_driver):
            session.run(f"DROP CONSTRAINT `{name}`").consume()
        session.run("DROP INDEX entity_id IF EXISTS").consume()
    died = subprocess.run(
        [sys.executable, "-c", _DIES, *target, str(statements)], cwd=ROOT, check=False
    )
    assert died.returncode == -9
    status = graph_schema.status(blank)
    assert status.pending
    assert status.lock is not None
    assert status.lock.process.is_dead()
    # The dead holder ran on this machine, so nobody has to break its lock.
    assert graph_schema.apply(blank, wait_seconds=0) == list(status.pending)
    after = graph_schema.status(blank)
    assert ([one.name for one in after.applied], after.lock) == (SHIPPED, None)
    # The lock and the history have a constraint each.
    assert len(_constraints(bare_driver)) == len(_CONSTRAINTS) + 2


def test_a_generation_stored_before_learns_the_most_events(
    blank: GraphClient, bare_driver: neo4j.Driver
) -> None:
    with bare_driver.session() as session:
        session.run(
            "UNWIND [1, 37, 1230] AS n CREATE (:Generation {number: n, log_max_events: log(1 + n)})"
        ).consume()
        session.run(
            "CREATE (:Generation {number: 9, max_events: 5, log_max_events: 2.0})"
        ).consume()
    graph_schema.apply(blank, wait_seconds=30.0)
    with bare_driver.session() as session:
        rows = session.run("MATCH (g:Generation) RETURN g.number AS n, g.max_events AS most").data()
    assert {row["n"]: row["most"] for row in rows} == {1: 1, 37: 37, 1230: 1230, 9: 5}
