"""Which checkpoint is published where none, a run or a file is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.config import Settings
from engine.errors import NotFound
from engine.publishing import run_files
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine


@pytest.fixture
def registry(home: Path) -> Iterator[Registry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield Registry(engine)
    engine.dispose()


def _run(registry: Registry, status: str, checkpoint: str | None) -> int:
    number = registry.start_run("lightgcn", {}, 1, 0, "test")
    registry.finish_run(number, status, {}, 1.0, checkpoint)
    return number


def test_the_newest_finished_run_with_a_checkpoint_is_published(
    registry: Registry, home: Path
) -> None:
    settings = Settings(home=home)
    with pytest.raises(NotFound, match="no finished training run") as nothing:
        run_files.chosen_checkpoint(settings, registry, None, None)
    assert nothing.value.hint == "engine train"
    _run(registry, "finished", "checkpoints/1/model.pt")
    newest = _run(registry, "finished", "checkpoints/2/model.pt")
    _run(registry, "failed", "checkpoints/3/model.pt")
    _run(registry, "finished", None)
    chosen = run_files.chosen_checkpoint(settings, registry, None, None)
    assert chosen == (newest, home / "checkpoints/2/model.pt")


def test_a_named_run_or_file_is_published_whatever_is_newer(registry: Registry, home: Path) -> None:
    settings = Settings(home=home)
    first = _run(registry, "interrupted", "checkpoints/1/model.pt")
    _run(registry, "finished", "checkpoints/2/model.pt")
    named = run_files.chosen_checkpoint(settings, registry, first, None)
    assert named == (first, home / "checkpoints/1/model.pt")
    assert run_files.chosen_checkpoint(settings, registry, None, Path("a.pt")) == (
        None,
        Path("a.pt"),
    )
    assert run_files.chosen_checkpoint(settings, registry, first, Path("a.pt")) == (
        first,
        Path("a.pt"),
    )
    without = _run(registry, "finished", None)
    with pytest.raises(NotFound):
        run_files.chosen_checkpoint(settings, registry, without, None)
