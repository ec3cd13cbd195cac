"""The whole life of a registry, the same on SQLite and on PostgreSQL."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy

from engine.data.api_key import ApiKey
from engine.data.experiment_definition import Variant
from engine.data.online_trial import OnlineGateLimits, OnlineTrial
from engine.data.pointer_move import PointerMove
from engine.errors import NotFound, RegistryError, UsageError
from engine.store.experiment_registry import NewExperiment
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine
from engine.store.tables import RegistryTable


@pytest.fixture
def engine(registry_url: str) -> Iterator[sqlalchemy.Engine]:
    engine = open_registry_engine(registry_url)
    yield engine
    engine.dispose()


@pytest.fixture
def registry(engine: sqlalchemy.Engine) -> Registry:
    return Registry(engine)


def test_loads_runs_and_generations_are_kept(registry: Registry) -> None:
    load = registry.start_ingest("événements.csv", "0" * 64, "events")
    registry.finish_ingest(load, 3_000_000_000, 0, 2, "done", {"enum": 2}, 3_000_000_002)
    kept = registry.ingests()[0]
    assert (kept.source, kept.rows_read) == ("événements.csv", 3_000_000_002)
    assert kept.quarantine_counts == {"enum": 2}
    assert kept.started_at.utcoffset() == UTC.utcoffset(None)

    run = registry.start_run("lightgcn", {"layers": [64, 64], "x": None}, 2**40, -1, "0.1")
    for value in (float("nan"), 1 / 3):
        registry.finish_run(run, "done", {"ndcg@20": value, "b": 2.0}, 1.5, "a.ckpt")
    found = registry.run(run)
    assert found.settings == {"layers": [64, 64], "x": None}
    assert (found.data_watermark, found.metrics) == (2**40, {"ndcg@20": 1 / 3, "b": 2.0})

    for number in (1, 2):
        registry.add_generation(registry.next_generation_number(), run, "lightgcn", 64, {})
        registry.mark_generation(number, "serving", "passed")
    assert [one.state for one in registry.generations()] == ["serving", "retired"]
    totals = registry.totals()
    assert (totals["accepted"], totals["generations"]) == (3_000_000_000, 2)


def test_what_cannot_be_is_refused(registry: Registry, engine: sqlalchemy.Engine) -> None:
    with pytest.raises(NotFound):
        registry.run(1)
    with pytest.raises(RegistryError):
        registry.add_generation(1, 99, "lightgcn", 64, {})
    for number in (1, 2):
        registry.add_generation(number, None, "lightgcn", 64, {})
    with pytest.raises(RegistryError):
        registry.add_generation(1, None, "lightgcn", 64, {})
    with pytest.raises(sqlalchemy.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE generations SET state = 'serving'"))


def test_promotions_at_once_leave_one_in_service(registry: Registry) -> None:
    for number in range(1, 9):
        registry.add_generation(number, None, "lightgcn", 64, {})

    def promote(number: int) -> str:
        try:
            registry.mark_generation(number, "serving", "")
        except RegistryError as error:
            return error.hint
        return "done"

    with ThreadPoolExecutor(4) as pool:
        said = set(pool.map(promote, range(1, 9)))
    # PostgreSQL may let the slower of two fail; it then says to try again.
    assert "done" in said
    assert said <= {"done", "another engine command was quicker; run the command again"}
    assert [one.state for one in registry.generations()].count("serving") == 1


def test_nights_and_moves_of_the_pointer_are_kept(registry: Registry) -> None:
    night = registry.nights.begin("q" * 32)
    registry.nights.record_step(night.id, "gate", {"rules": [{"passed": False}]}, 1.5)
    registry.nights.record_step(night.id, "gate", {"rules": []}, 2.5)
    registry.nights.finish(night.id, "finished", "kept")
    found = registry.nights.nights()[0]
    assert (found.status, found.outcome) == ("finished", "kept")
    assert [(one.name, one.result, one.seconds) for one in found.steps] == [
        ("gate", {"rules": []}, 2.5)
    ]
    flip = PointerMove("t", 1, found.started_at, "rollback", None, 1, "größe@host", "ärger")
    assert [registry.nights.copy_flips([flip]) for _ in range(2)] == [1, 0]
    assert registry.nights.flips() == [flip]


def test_a_copy_is_put_back_once(registry: Registry, engine: sqlalchemy.Engine) -> None:
    load = registry.start_ingest("a.csv", "0" * 64, "events")
    registry.finish_ingest(load, 1, 0, 2, "finished", {"enum": 2}, 3)
    run = registry.start_run("lightgcn", {"x": None}, 9, 1, "0.1")
    registry.finish_run(run, "finished", {"ndcg@20": 1 / 3, "b": float("nan")}, 1.5, "a.ckpt")
    registry.add_generation(1, run, "lightgcn", 64, {"y": [1]})
    registry.nights.record_step(registry.nights.begin("x").id, "load", {"files": []}, 0.1)
    registry.tombstones.add(["a" * 64, "b" * 64], "key")
    variants = Variant("a", 50.0, "serving"), Variant("b", 50.0, "holdout")
    registry.experiments.start(NewExperiment("x", "m", "l", 100, variants, None, "me"))
    registry.keys.add(ApiKey("0" * 12, "app", "0" * 64, ("read",), datetime.now(UTC)))
    copied = json.loads(json.dumps(registry.copy.rows()))
    assert "api_keys" not in copied

    _empty(engine)
    registry.copy.check(copied)
    added = registry.copy.add(copied)
    assert added == sum(map(len, copied.values())) == 12
    assert registry.copy.rows() == copied
    assert registry.copy.add(copied) == 0
    # What is counted goes on after what was put back.
    assert registry.start_run("ease", {}, None, 0, "0.1") == run + 1
    assert registry.start_ingest("b.csv", "1" * 64, "events") == load + 1

    _empty(engine)
    registry.start_run("ease", {}, None, 0, "0.1")
    with pytest.raises(UsageError, match="runs 1 of this registry is another one"):
        registry.copy.check(copied)


def _empty(engine: sqlalchemy.Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(RegistryTable.metadata.sorted_tables):
            connection.execute(table.delete())
        if engine.dialect.name == "postgresql":  # as in a database that is new
            connection.execute(sqlalchemy.text("ALTER SEQUENCE runs_id_seq RESTART"))
            connection.execute(sqlalchemy.text("ALTER SEQUENCE ingests_id_seq RESTART"))


def test_a_trial_is_kept_as_it_was_begun_and_stopped_once(registry: Registry) -> None:
    trial = OnlineTrial(3, 7, 2, OnlineGateLimits(share=5.0, event="purchase"))
    variants = Variant("serving", 95.0, "serving"), Variant("candidate", 5.0, "generation", 7)
    new = NewExperiment("online-gate-7", "value", "home", 60, variants, None, "me", trial)
    begun = registry.experiments.start(new)
    assert begun.trial == trial
    assert registry.experiments.trials() == [begun]
    assert registry.experiments.generations() == {7}
    assert registry.experiments.widest_gap("home") == pytest.approx(40.0)
    assert registry.experiments.widest_gap("cart") == pytest.approx(100.0)

    def stop(winner: str) -> str | None:
        try:
            return registry.experiments.stop("online-gate-7", "me", winner, f"{winner} won").winner
        except UsageError:
            return None

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(stop, ["serving", "candidate"] * 2))
    (won,) = (one for one in told if one is not None)
    kept = registry.experiments.named("online-gate-7")
    assert (kept.winner, kept.stop_reason) == (won, f"{won} won")
    assert registry.experiments.trials() == []
