"""What earlier releases left is opened by this one; what a later one left is refused by name.

``tests/migrations/releases/<version>`` is what ``make_release.py`` made with that version.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

import engine
from engine.errors import RegistryError, SchemaMismatch
from engine.resources import migrations_dir
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.version import __version__

from .api.conftest import connected
from .restoring import Content
from .sample import clear

RELEASES = Path(__file__).parents[1] / "migrations" / "releases"
_NODE = (
    "CYPHER 25 UNWIND $rows AS row CREATE (n:$(row.labels)) "
    "SET n = row.properties, n.`_n` = row.node"
)
_LINK = (
    "CYPHER 25 UNWIND $rows AS row MATCH (a {`_n`: row.a}) MATCH (b {`_n`: row.b}) "
    "CREATE (a)-[r:$(row.type)]->(b) SET r = row.properties"
)


def _restore(driver: neo4j.Driver, lines: list[dict[str, Any]]) -> None:
    """Make the graph and its schema as the release had them, and nothing that this version has."""
    with driver.session() as session:
        for name in session.run("SHOW CONSTRAINTS YIELD name RETURN name").value("name"):
            session.run(f"DROP CONSTRAINT `{name}`").consume()
        left = "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"
        for name in session.run(left).value("name"):
            session.run(f"DROP INDEX `{name}`").consume()
        for text in (line["schema"] for line in lines if "schema" in line):
            session.run(text).consume()
        session.run(_NODE, rows=[line for line in lines if "node" in line]).consume()
        session.run(_LINK, rows=[line for line in lines if "type" in line]).consume()
        session.run("MATCH (n) REMOVE n.`_n`").consume()
        session.run("CALL db.awaitIndexes(300)").consume()


@pytest.fixture(scope="module", params=sorted(path.name for path in RELEASES.glob("[0-9]*")))
def release(
    request: pytest.FixtureRequest,
    graph_of_file: GraphClient,
    neo4j_target: Neo4jTarget,
    bare_driver: neo4j.Driver,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[engine.Engine]:
    """An engine of today on what a release left."""
    assert graph_of_file.server.version
    place = RELEASES / request.param
    text = (place / "graph.jsonl").read_text(encoding="utf-8")
    clear(bare_driver)
    _restore(bare_driver, [json.loads(line) for line in text.splitlines()])
    home = tmp_path_factory.mktemp("upgraded")
    shutil.copyfile(place / "registry.sqlite", home / "registry.sqlite")
    (home / "registry.sqlite").chmod(0o600)
    with connected(neo4j_target, home) as here:
        yield here


def test_this_release_has_a_fixture_or_none_was_made_yet() -> None:
    assert (RELEASES / __version__ / "graph.jsonl").exists()
    assert (RELEASES / __version__ / "registry.sqlite").exists()


def test_no_released_migration_was_changed(release: engine.Engine) -> None:
    shipped = [path.stem for path in sorted((migrations_dir() / "neo4j").glob("*.cypher"))]
    found = release.migration_status()  # compares the sums of the files with those of the graph
    names = [one.name for one in found.graph.applied]
    assert names == shipped[: len(names)]
    assert list(found.graph.pending) == shipped[len(names) :]


def test_what_a_release_left_is_opened_and_used(release: engine.Engine) -> None:
    e = release
    e.migrate()
    assert e.migration_status().graph.pending == ()
    assert (e.status().users, e.status().items) == (24, 12)
    assert [row["number"] for row in e.generations().to_dicts() if row["serving"]] == [2]
    assert {run.status for run in e.runs()} == {"finished"}
    assert [night["status"] for night in e.nights()] == ["finished"]
    assert [key.name for key in e.list_keys()] == ["shop"]
    assert [move.to_number for move in e.pointer_moves()] == [2, 1]
    served = e.recommend("u1", k=3)
    assert (len(served.to_dicts()), served.generation) == (3, 2)
    # The checkpoints are not part of the fixture; nothing else may be wrong.
    found = e.check()
    assert {one.name for one in found.faults} == {"checkpoints"}
    assert found.not_checked == ()
    assert e.rollback().generation == 1
    assert e.recommend("u1", k=3).generation == 1
    assert e.promote(2).generation == 2


def test_events_that_a_release_loaded_are_recognised(
    release: engine.Engine, bare_driver: neo4j.Driver, tmp_path: Path
) -> None:
    text = (
        "MATCH (u:User)-[e:INTERACTED]->(i:Item) "
        "RETURN u.id AS user_id, i.id AS item_id, e.at AS timestamp"
    )
    with bare_driver.session() as session:
        rows = session.run(text).data()
    lines = [f"{row['user_id']},{row['item_id']},{row['timestamp']}" for row in rows]
    again = tmp_path / "again.csv"
    again.write_text("user_id,item_id,timestamp\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (report,) = release.ingest(again)
    assert (report.accepted, report.duplicate) == (0, len(rows))


def test_a_graph_that_a_later_release_made_is_refused_by_name(
    release: engine.Engine, bare_driver: neo4j.Driver
) -> None:
    add = "CREATE (m:__Migration {number: $n, name: $name, checksum: '', applied_at: 0})"
    count = len(release.migration_status().graph.applied)
    release.close()
    with bare_driver.session() as session:
        session.run(add, n=count + 1, name=f"{count + 1:04d}_of_tomorrow").consume()
        before = Content.of(session)
        for call in (release.status, release.migrate, release.migration_status):
            with pytest.raises(SchemaMismatch, match=r"_of_tomorrow, which this version") as caught:
                call()
            assert "pip install --upgrade engine-recsys" in caught.value.hint
        assert Content.of(session) == before
        session.run("MATCH (m:__Migration {number: $n}) DELETE m", n=count + 1).consume()
    assert release.status().users == 24


def test_a_registry_that_a_later_release_made_is_refused_by_name(release: engine.Engine) -> None:
    file = release.settings.home / "registry.sqlite"

    def set_to(revision: str) -> str:
        with sqlite3.connect(file) as registry:
            (before,) = registry.execute("SELECT version_num FROM alembic_version").fetchone()
            registry.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        registry.close()
        return str(before)

    release.close()
    before = set_to("9999")
    for call in (release.status, release.migrate, release.runs, release.generations):
        said = f"migration 9999, which this version .{__version__}"
        with pytest.raises(RegistryError, match=said):
            call()
    (found,) = (one for one in release.check().findings if one.name == "registry schema")
    assert (found.state, "migration 9999" in found.value) == ("fault", True)
    assert set_to(before) == "9999"
    assert release.status().users == 24
