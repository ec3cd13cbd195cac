"""The registry's migrations on SQLite and on a real PostgreSQL: up, down, up; two at once."""

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.errors import RegistryError
from engine.resources import migrations_dir
from engine.store import registry_schema
from engine.store.registry import Registry
from engine.store.tables import RegistryTable

ROOT = migrations_dir().parent
VERSIONS = sorted((migrations_dir() / "sql" / "versions").glob("*.py"))
TABLES = {
    "ingests",
    "quarantine_counts",
    "runs",
    "metrics",
    "generations",
    "flips",
    "nights",
    "night_steps",
    "api_keys",
    "tombstones",
    "experiment_layers",
    "experiments",
}


@pytest.fixture
def engine(registry_url: str) -> Iterator[sqlalchemy.Engine]:
    engine = registry_schema.connect_engine(registry_url)
    yield engine
    engine.dispose()


def _tables(engine: sqlalchemy.Engine) -> set[str]:
    return set(sqlalchemy.inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_down_up(engine: sqlalchemy.Engine) -> None:
    registry_schema.upgrade(engine)
    assert _tables(engine) == TABLES
    registry_schema.downgrade(engine, "base")
    assert _tables(engine) == set()
    registry_schema.upgrade(engine)
    assert _tables(engine) == TABLES


def test_every_step_can_be_taken_back_alone(engine: sqlalchemy.Engine) -> None:
    numbers = [path.name[:4] for path in VERSIONS]
    for number, before in zip(numbers, ["base", *numbers], strict=False):
        registry_schema.upgrade(engine, number)
        registry_schema.downgrade(engine, before)
        registry_schema.upgrade(engine, number)
    with engine.connect() as connection:
        assert registry_schema.current(connection) == registry_schema.head() == numbers[-1]


def test_the_migrations_make_what_the_models_say(engine: sqlalchemy.Engine) -> None:
    registry_schema.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, RegistryTable.metadata) == []


def test_the_numbers_have_no_gaps() -> None:
    assert [path.name[:5] for path in VERSIONS] == [f"{n + 1:04d}_" for n in range(len(VERSIONS))]
    for path in VERSIONS:
        text = path.read_text(encoding="utf-8")
        assert re.search(rf'^revision = "{path.name[:4]}"$', text, re.MULTILINE), path
        assert "def downgrade() -> None:\n    pass" not in text, path


def test_opening_again_changes_nothing(registry_url: str) -> None:
    for _ in range(2):
        opened = registry_schema.open_registry_engine(registry_url)
        assert Registry(opened).totals()["runs"] == 0
        opened.dispose()
    status = registry_schema.read_status(registry_url)
    assert status.current == status.head


def test_many_processes_open_an_empty_registry_at_once(registry_url: str) -> None:
    code = (
        "import sys; from engine.store.registry_schema import open_registry_engine as o\n"
        "from engine.store.registry import Registry\n"
        "sys.stdin.readline()\n"
        "r = Registry(o(sys.argv[1]))\n"
        "[r.start_ingest('a.csv', '0' * 64, 'events') for _ in range(5)]"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, registry_url],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, errors
    opened = registry_schema.open_registry_engine(registry_url)
    assert Registry(opened).totals()["ingests"] == 20
    opened.dispose()


def test_a_newer_registry_is_refused(registry_url: str) -> None:
    opened = registry_schema.open_registry_engine(registry_url)
    with opened.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    opened.dispose()
    with pytest.raises(RegistryError, match="another version") as caught:
        registry_schema.open_registry_engine(registry_url)
    assert "upgrade the engine" in caught.value.hint


def test_an_interrupted_upgrade_leaves_nothing_behind(home: Path) -> None:
    """SQLite is interrupted at step N of its machine, N = 0, 20, ... until it gets through."""
    file = home / "registry.sqlite"
    tried = next(index for index in count() if not _upgrade_fails_at(file, 20 * index))
    assert tried > 20
    status = registry_schema.read_status(f"sqlite:///{file}")
    assert status.current == status.head


def _upgrade_fails_at(file: Path, step: int) -> bool:
    engine = registry_schema.connect_engine(f"sqlite:///{file}")
    ticks = count()

    @sqlalchemy.event.listens_for(engine, "connect")
    def _interrupt(connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(lambda: next(ticks) == step, 1)

    with contextlib.closing(sqlite3.connect(file)) as raw:
        try:
            registry_schema.upgrade(engine)
        except RegistryError:
            left = raw.execute("SELECT name FROM sqlite_master").fetchall()
            # In the step that follows the commit all of it is there, and SQLite still raises.
            assert left == [] or set(TABLES) <= {name for (name,) in left}
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return True
        finally:
            sqlalchemy.event.remove(
                engine, "connect", _interrupt
            )  # the next try has this engine too
            engine.dispose()
    return False


def test_the_alembic_command_uses_the_settings(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status = registry_schema.read_status(f"sqlite:///{home / 'registry.sqlite'}")
    assert status.current == status.head


def test_what_older_nights_recorded_is_read_under_its_new_names(
    engine: sqlalchemy.Engine,
) -> None:
    """A rule's and a file's sentence was ``said``; a held file's code had another name."""

    def night(sentence: str, code: str) -> dict[str, object]:
        files = [{"file": "a.csv", "held": code, sentence: "it said so"}]
        return {"files": files, "rules": {"m": [{"name": "users", sentence: "too few"}]}, "n": [1]}

    registry_schema.upgrade(engine, "0003")
    old = night("said", "flood")
    with engine.begin() as connection:
        connection.execute(
            sqlalchemy.text(
                "INSERT INTO nights (id, asked, status, host, pid, process_started, started_at) "
                "VALUES (1, 'x', 'finished', 'h', 1, 1.0, '2026-01-01')"
            )
        )
        connection.execute(
            sqlalchemy.text(
                "INSERT INTO night_steps (night_id, name, position, result, seconds, finished_at) "
                "VALUES (1, 'load', 1, :result, 1.0, '2026-01-01')"
            ),
            {"result": json.dumps(old)},
        )
    registry_schema.upgrade(engine)
    with engine.connect() as connection:
        (step,) = connection.execute(
            sqlalchemy.select(RegistryTable.metadata.tables["night_steps"])
        )
    assert step.result == night("message", "one-user")
    registry_schema.downgrade(engine, "0003")
    with engine.connect() as connection:
        found = connection.execute(sqlalchemy.text("SELECT result FROM night_steps")).scalar_one()
    assert (json.loads(found) if isinstance(found, str) else found) == old
