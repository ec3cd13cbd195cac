"""A graph is put in place whole, whenever the one who does it is killed."""

from pathlib import Path

import pytest

from engine.store import staged_store

_PARTS = ("data/databases/neo4j", "data/transactions/neo4j")


def _fill(folder: Path, text: str) -> None:
    for part in _PARTS:
        (folder / part).mkdir(parents=True)
        (folder / part / "store").write_text(text)


def _graph(folder: Path) -> list[str]:
    return [(folder / part / "store").read_text() for part in _PARTS]


def test_an_unfinished_graph_is_removed_and_the_old_one_stays(tmp_path: Path) -> None:
    _fill(tmp_path, "old")
    _fill(staged_store.begin_staging(tmp_path), "half")
    staged_store.replace_with_complete(tmp_path)
    assert _graph(tmp_path) == ["old", "old"]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_complete_graph_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    _fill(tmp_path, "old")
    (tmp_path / "data/databases/system").mkdir()
    stage = staged_store.begin_staging(tmp_path)
    _fill(stage, "new")
    staged_store.mark_complete(stage)
    staged_store.replace_with_complete(tmp_path)
    assert _graph(tmp_path) == ["new", "new"]
    assert (tmp_path / "data/databases/system").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("moved", _PARTS)
def test_a_move_that_was_interrupted_is_finished(tmp_path: Path, moved: str) -> None:
    _fill(tmp_path, "new")
    (tmp_path / moved / "store").write_text("new")
    stage = staged_store.begin_staging(tmp_path)
    _fill(stage, "new")
    staged_store.mark_complete(stage)
    # One part had been moved when the command was killed.
    (tmp_path / "import-done" / moved / "store").unlink()
    (tmp_path / "import-done" / moved).rmdir()
    staged_store.replace_with_complete(tmp_path)
    assert _graph(tmp_path) == ["new", "new"]


def test_whether_there_is_a_graph(tmp_path: Path) -> None:
    assert not staged_store.holds_graph(tmp_path)
    stage = staged_store.begin_staging(tmp_path)
    assert not staged_store.holds_graph(tmp_path)
    staged_store.mark_complete(stage)
    assert staged_store.holds_graph(tmp_path)
    _fill(tmp_path, "old")
    staged_store.replace_with_complete(tmp_path)
    assert staged_store.holds_graph(tmp_path)
