"""The registry on SQLite: what goes in comes out, whole or not at all."""

import contextlib
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy

from engine.errors import NotFound, RegistryError
from engine.store.registry import Registry
from engine.store.registry_schema import connect_engine, open_registry_engine

SHA = "0" * 64


@pytest.fixture
def file(home: Path) -> Path:
    return home / "registry.sqlite"


@pytest.fixture
def engine(file: Path) -> Iterator[sqlalchemy.Engine]:
    engine = open_registry_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def registry(engine: sqlalchemy.Engine) -> Registry:
    return Registry(engine)


def test_a_load_is_remembered(registry: Registry) -> None:
    load = registry.start_ingest("events.csv", SHA, "events")
    assert registry.ingests(5)[0].status == "running"
    registry.finish_ingest(load, 7, 2, 3, "done", {"enum": 1, "type-error": 2}, 12)
    found = registry.ingests(5)[0]
    assert (found.id, found.source, found.sha256, found.kind) == (load, "events.csv", SHA, "events")
    assert found.accepted + found.duplicate + found.quarantined == found.rows_read == 12
    assert found.quarantine_counts == {"enum": 1, "type-error": 2}
    assert found.finished_at is not None
    assert found.started_at.tzinfo is UTC
    assert datetime.now(UTC) - found.started_at < timedelta(minutes=1)


def test_finishing_a_load_again_overwrites(registry: Registry) -> None:
    load = registry.start_ingest("events.csv", SHA, "events")
    registry.finish_ingest(load, 1, 0, 1, "failed", {"enum": 1}, 2)
    registry.finish_ingest(load, 2, 0, 1, "done", {"enum": 1}, 3)
    assert registry.ingests(5)[0].status == "done"
    assert registry.totals() == {
        "ingests": 1,
        "runs": 0,
        "generations": 0,
        "rows_read": 3,
        "accepted": 2,
        "duplicate": 0,
        "quarantined": 1,
    }


def test_a_run_is_remembered(registry: Registry) -> None:
    run = registry.start_run("lightgcn", {"layers": 2, "loss": "bpr"}, 3, 2**40, "0.1+abc")
    registry.finish_run(run, "done", {"ndcg@20": 0.25, "loss": float("nan")}, 1.5, "run-1.ckpt")
    found = registry.run(run)
    assert found == registry.runs(1)[0]
    assert found.settings == {"layers": 2, "loss": "bpr"}
    assert (found.data_watermark, found.seed, found.code_version) == (3, 2**40, "0.1+abc")
    assert (found.status, found.seconds, found.checkpoint) == ("done", 1.5, "run-1.ckpt")
    assert found.metrics == {"ndcg@20": 0.25, "loss": None}


def test_the_newest_runs_come_first(registry: Registry) -> None:
    for _ in range(3):
        registry.start_run("popular", {}, None, 1, "0.1")
    assert [run.id for run in registry.runs(2)] == [3, 2]


def test_one_generation_serves(registry: Registry) -> None:
    run = registry.start_run("lightgcn", {}, None, 1, "0.1")
    for number in (1, 2):
        assert registry.next_generation_number() == number
        registry.add_generation(number, run, "lightgcn", 64, {"scoring": "cosine"})
        assert registry.generations()[0].state == "candidate"
        registry.mark_generation(number, "serving", "passed")
        registry.mark_generation(number, "serving", "passed")
    assert [(one.number, one.state, one.reason) for one in registry.generations()] == [
        (2, "serving", "passed"),
        (1, "retired", "replaced by 2"),
    ]
    assert registry.next_generation_number() == 3


def test_the_database_itself_refuses_two_that_serve(
    registry: Registry, engine: sqlalchemy.Engine
) -> None:
    for number in (1, 2):
        registry.add_generation(number, None, "lightgcn", 64, {})
    with pytest.raises(sqlalchemy.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE generations SET state = 'serving'"))


def test_a_generation_number_is_taken_once(registry: Registry) -> None:
    registry.add_generation(1, None, "lightgcn", 64, {})
    with pytest.raises(RegistryError, match="UNIQUE") as caught:
        registry.add_generation(1, None, "lightgcn", 64, {})
    assert "again" in caught.value.hint


def test_a_generation_of_no_run_is_refused(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="FOREIGN KEY"):
        registry.add_generation(1, 99, "lightgcn", 64, {})


def test_what_is_not_there_is_named(registry: Registry) -> None:
    with pytest.raises(NotFound, match="no run 9") as caught:
        registry.run(9)
    assert "engine runs" in caught.value.hint
    with pytest.raises(NotFound, match=f"no run {2**63}"):
        registry.run(2**63)
    with pytest.raises(NotFound, match="no load 9"):
        registry.finish_ingest(9, 0, 0, 0, "done", {}, 0)
    with pytest.raises(NotFound, match="no generation 9"):
        registry.mark_generation(9, "serving", "")


def test_values_are_never_part_of_the_statement(registry: Registry) -> None:
    name = "x'); DROP TABLE ingests; --"
    registry.start_ingest(name, SHA, "events")
    assert registry.ingests(1)[0].source == name


def test_a_file_name_that_is_not_unicode_is_kept_readable(registry: Registry) -> None:
    registry.start_ingest("caf\udce9.csv", SHA, "events")
    assert registry.ingests(1)[0].source == "caf\\udce9.csv"


def test_settings_may_hold_paths(registry: Registry) -> None:
    run = registry.start_run("popular", {"out": Path("a") / "b"}, None, 1, "0.1")
    assert registry.run(run).settings == {"out": str(Path("a") / "b")}


def test_the_file_is_private(registry: Registry, file: Path) -> None:
    registry.totals()
    for path in file.parent.glob("registry.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_write_that_fails_at_any_step_changes_nothing(file: Path) -> None:
    """SQLite is interrupted at step N of its machine, N = 0, 5, ... until it gets through."""
    prepared = open_registry_engine(f"sqlite:///{file}")
    registry = Registry(prepared)
    registry.finish_run(registry.start_run("a", {}, None, 1, "0.1"), "old", {"x": 1.0}, 1.0, None)
    for number in (1, 2):
        registry.add_generation(number, 1, "a", 8, {})
    registry.mark_generation(1, "serving", "old")
    prepared.dispose()

    for step in count(0, 5):
        failures = _change_interrupted_at(step, file)
        checked = open_registry_engine(f"sqlite:///{file}")
        registry = Registry(checked)
        serving = [one.number for one in registry.generations() if one.state == "serving"]
        assert len(serving) == 1
        run = registry.run(1)
        assert (run.status, run.metrics) in [("old", {"x": 1.0}), ("new", {"x": 2.0, "y": 3.0})]
        # Put the old state back for the next step.
        registry.finish_run(1, "old", {"x": 1.0}, 1.0, None)
        registry.mark_generation(1, "serving", "old")
        checked.dispose()
        if failures == 0:
            break
    assert step > 50
    assert (run.status, serving) == ("new", [2])


def _change_interrupted_at(step: int, file: Path) -> int:
    engine = connect_engine(f"sqlite:///{file}")
    ticks = count()

    @sqlalchemy.event.listens_for(engine, "connect")
    def _interrupt(connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(lambda: next(ticks) == step, 1)

    failures = 0
    registry = Registry(engine)
    for change in (
        partial(registry.finish_run, 1, "new", {"x": 2.0, "y": 3.0}, 2.0, "file"),
        partial(registry.mark_generation, 2, "serving", "new"),
    ):
        try:
            change()
        except RegistryError:
            failures += 1
    sqlalchemy.event.remove(engine, "connect", _interrupt)  # the next step has this engine too
    engine.dispose()
    return failures


def test_a_full_disk_is_said_and_survived(file: Path) -> None:
    engine = open_registry_engine(f"sqlite:///{file}")
    registry = Registry(engine)
    with engine.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(RegistryError, match="full") as caught:
        [registry.start_run("a", {"text": "x" * 2_000}, None, 1, "0.1") for _ in range(200)]
    assert "free space" in caught.value.hint
    before = registry.totals()
    engine.dispose()
    with contextlib.closing(sqlite3.connect(file)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    reopened = open_registry_engine(f"sqlite:///{file}")
    assert Registry(reopened).totals() == before
    reopened.dispose()


def test_a_ranker_is_recorded_beside_the_figures_of_its_model(registry: Registry) -> None:
    run = registry.start_run("als", {}, None, 0, "1")
    registry.finish_run(run, "finished", {"seen.blend": 0.4, "trees": 1.0}, 2.0, "model.pt", "abc")
    assert registry.run(run).ranker_digest is None
    registry.record_ranker(run, "f" * 64, {"trees": 50.0, "seen.ranked": 0.5})
    found = registry.run(run)
    assert (found.ranker_digest, found.embeddings_digest) == ("f" * 64, "abc")
    assert found.metrics == {"seen.blend": 0.4, "seen.ranked": 0.5, "trees": 50.0}
    registry.record_ranker(run, None, {})
    assert registry.run(run).ranker_digest is None
    with pytest.raises(NotFound):
        registry.record_ranker(run + 1, None, {})
