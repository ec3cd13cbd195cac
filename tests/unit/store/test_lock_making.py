"""A lock that cannot be made leaves the old one alone."""

from pathlib import Path

import pytest

from engine.errors import LocalServerError
from engine.store.artifacts import LOCK_FILE, Lock, read_lock
from engine.store.lock_making import lock_text, make_lock


def test_without_a_network_the_old_lock_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "neo4j.lock.json"
    path.write_text("the old one", encoding="utf-8")
    with pytest.raises(LocalServerError, match="cannot be made"):
        make_lock(path=path)
    assert path.read_text(encoding="utf-8") == "the old one"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_the_lock_in_the_repository_is_written_as_the_command_writes_it() -> None:
    lock = read_lock()
    in_order = sorted(lock.artifacts, key=lambda one: one.coordinate)
    text = lock_text(Lock(lock.neo4j, lock.gds, tuple(in_order)))
    assert text == LOCK_FILE.read_text(encoding="utf-8")
