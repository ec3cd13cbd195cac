"""What the local server says when there is none; the real one is in the integration tests."""

from pathlib import Path

import pytest

from engine.errors import LocalServerError
from engine.store.local_server import LocalServer


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalServerError) as refused:
        LocalServer(tmp_path / "file" / "neo4j").start()
    assert "--home" in refused.value.hint


def test_there_is_nothing_to_stop_or_delete_at_first(tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "neo4j")
    assert server.running() is None
    assert server.store_bytes() == 0
    assert not server.stop()
    server.reset()
    assert server.running() is None


def test_a_state_file_of_a_dead_server_is_cleared_away(tmp_path: Path) -> None:
    server = LocalServer(tmp_path)
    state = tmp_path / "server.json"
    state.write_text(
        '{"pid": 1, "started": 0.0, "port": 7687, "versions": "", "java": "", "ready": true}',
        encoding="utf-8",
    )
    assert server.running() is None
    assert not server.stop()
    assert not state.exists()
