"""What a check says of registries: old, new, damaged, of nights that were cut off."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.config import load
from engine.data.experiment_definition import Variant
from engine.store import registry_schema, registry_snapshot
from engine.store.experiment_registry import NewExperiment
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine
from engine.upkeep import registry_checks
from engine.usecases import keys


@pytest.fixture
def url(home: Path) -> str:
    return f"sqlite:///{home / 'registry.sqlite'}"


def test_a_registry_that_is_not_there_or_up_to_date(url: str) -> None:
    (found,) = registry_checks.registry_schema_state(registry_snapshot.read(url))
    assert (found.state, found.remedy) == ("warning", "engine ingest")
    with registry_engine(url):
        pass
    (found,) = registry_checks.registry_schema_state(registry_snapshot.read(url))
    assert (found.state, found.value) == ("ok", f"migration {registry_schema.head()} is applied")


def test_a_registry_of_an_earlier_and_of_a_later_version(url: str) -> None:
    engine = registry_schema.connect_engine(url)
    registry_schema.upgrade(engine, "0002")
    engine.dispose()
    (found,) = registry_checks.registry_schema_state(registry_snapshot.read(url))
    assert (found.state, found.remedy) == ("fault", "engine migrate")
    assert found.value == f"it is at migration 0002, this version needs {registry_schema.head()}"
    later = replace(registry_snapshot.read(url), current="9999")
    (found,) = registry_checks.registry_schema_state(later)
    assert "at migration 9999, which this version" in found.value
    assert found.remedy == "upgrade the engine: pip install --upgrade engine-recsys"


def test_a_registry_whose_file_is_damaged(url: str, home: Path) -> None:
    with registry_engine(url) as engine:
        for number in range(300):
            Registry(engine).start_ingest(f"file-{number}.csv", "0" * 64, "events")
    file = home / "registry.sqlite"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4_096 * 4_096
    content[middle : middle + 2_048] = b"\xff" * 2_048
    file.write_bytes(content)
    (found,) = registry_checks.registry_schema_state(registry_snapshot.read(url))
    assert (found.state, "damaged" in found.value) == ("fault", True)
    assert "backup" in found.remedy


def test_how_the_newest_night_ended(url: str) -> None:
    with registry_engine(url) as engine:
        nights = Registry(engine).nights
        (found,) = registry_checks.nights(registry_snapshot.read(url))
        assert (found.state, found.value) == ("ok", "there was none")
        night = nights.begin("x")
        nights.record_step(night.id, "load", {}, 1.0)
        (found,) = registry_checks.nights(registry_snapshot.read(url))
        assert (found.state, found.value) == ("ok", "running: at work")
        nights.finish(night.id, "failed", None)
        (found,) = registry_checks.nights(registry_snapshot.read(url))
        assert (found.state, found.remedy) == ("warning", "engine retrain")
        assert "failed after load" in found.value
        nights.finish(night.id, "finished", "kept")
        (found,) = registry_checks.nights(registry_snapshot.read(url))
        assert (found.state, found.value) == ("ok", "finished: kept")


def test_a_registry_in_which_keys_were_made_and_that_is_gone(url: str, home: Path) -> None:
    settings = load(home=home)
    assert keys.create(settings, "shop", ["read"]).key.name == "shop"
    (found,) = registry_checks.lost_keys(settings, registry_snapshot.read(url))
    assert found.state == "ok"
    for path in home.glob("registry.sqlite*"):
        path.unlink()
    (found,) = registry_checks.lost_keys(settings, registry_snapshot.read(url))
    assert (found.state, "though API keys were made in it" in found.value) == ("fault", True)


def test_an_experiment_that_runs_past_its_end(url: str) -> None:
    variants = tuple(Variant(name, 50.0, "serving") for name in "ab")
    with registry_engine(url) as engine:
        experiments = Registry(engine).experiments
        for name, days in (("tea", None), ("mug", 14)):
            new = NewExperiment(name, "conversion", name, 100.0, variants, days, "me")
            began = experiments.start(new).started_at
    snapshot = registry_snapshot.read(url)
    (found,) = registry_checks.experiments(snapshot, began + timedelta(days=13))
    assert (found.state, found.value) == ("ok", "2 run")
    (found,) = registry_checks.experiments(snapshot, began + timedelta(days=15))
    assert (found.state, found.subject) == ("warning", "experiment mug")
    assert found.remedy == "engine experiment stop mug"
