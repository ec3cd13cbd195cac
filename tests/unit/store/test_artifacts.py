"""The lock is the one this code needs, and no jar but the locked one is ever used."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import LocalServerError
from engine.store import artifacts
from engine.store.artifacts import Lock, LockedArtifact, fetch, read_lock, sha256_of


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every download is refused at once: the proxy is a port where nothing listens."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def _one_jar(cache: Path, content: bytes = b"a jar") -> tuple[Lock, Path]:
    """Return a lock of one artefact that no repository has, and its file in the cache."""
    path = cache / "jars" / "org.example-a-1.jar"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    one = LockedArtifact("org.example:a:1", len(content), sha256_of(path))
    return Lock(artifacts.NEO4J_VERSION, artifacts.GDS_VERSION, (one,)), path


def test_the_lock_names_every_jar_exactly() -> None:
    lock = read_lock()
    assert (lock.neo4j, lock.gds) == ("2026.08.1", "2.26.0")
    names = {one.coordinate for one in lock.artifacts}
    assert len(names) == len(lock.artifacts) > 300
    assert all(len(one.sha256) == 64 and one.size > 0 for one in lock.artifacts)
    assert {
        "org.neo4j.app:neo4j-server:2026.08.1",
        "org.neo4j.gds:opengds-extension:2.26.0",
    } <= names


@pytest.mark.parametrize("library", ["junit:", "org.mockito:", "org.hamcrest:"])
def test_no_library_of_tests_is_on_the_class_path(library: str) -> None:
    assert not [one for one in read_lock().artifacts if one.coordinate.startswith(library)]


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw | {"neo4j": "2025.01.0"},
        lambda raw: raw | {"gds": "2.13.0"},
        lambda raw: {"neo4j": raw["neo4j"], "gds": raw["gds"]},
        lambda raw: raw | {"artifacts": [{"coordinate": "a:b:1"}]},
        lambda raw: [],
    ],
    ids=["neo4j", "gds", "no artifacts", "no hash", "a list"],
)
def test_another_lock_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, damage: Callable[[Any], Any]
) -> None:
    raw = json.loads(artifacts.LOCK_FILE.read_text(encoding="utf-8"))
    path = tmp_path / "lock.json"
    path.write_text(json.dumps(damage(raw)), encoding="utf-8")
    with pytest.raises(LocalServerError) as refused:
        read_lock(path)
    assert "engine db lock" in refused.value.hint


def test_a_missing_lock_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError) as refused:
        read_lock(tmp_path / "none.json")
    assert "engine db lock" in refused.value.hint


@pytest.mark.usefixtures("offline")
def test_what_is_in_the_cache_needs_no_network(tmp_path: Path) -> None:
    lock, path = _one_jar(tmp_path)
    assert fetch(lock, tmp_path) == [path]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["jars"]


@pytest.mark.usefixtures("offline")
def test_a_damaged_jar_of_the_right_size_is_not_used(tmp_path: Path) -> None:
    lock, path = _one_jar(tmp_path)
    path.write_bytes(b"a Jar")
    with pytest.raises(LocalServerError, match=r"org\.example:a:1 .* damaged .* cannot be fetched"):
        fetch(lock, tmp_path)


@pytest.mark.usefixtures("offline")
def test_a_failed_download_leaves_nothing_half_done(tmp_path: Path) -> None:
    lock, path = _one_jar(tmp_path)
    absent = replace(lock.artifacts[0], coordinate="org.example:b:1")
    with pytest.raises(LocalServerError) as failed:
        fetch(replace(lock, artifacts=(*lock.artifacts, absent)), tmp_path)
    assert "run the command again" in failed.value.hint
    assert [one.name for one in (tmp_path / "jars").iterdir()] == [path.name]
    assert not (tmp_path / "partial").exists()


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    lock, path = _one_jar(tmp_path / "first")
    shutil.copy(path, tmp_path / "file")
    with pytest.raises(LocalServerError) as refused:
        fetch(lock, tmp_path / "file")
    assert "ENGINE_CACHE" in refused.value.hint


def test_the_cache_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENGINE_CACHE", str(tmp_path / "jars of mine"))
    assert artifacts.cache_dir() == tmp_path / "jars of mine"
    monkeypatch.delenv("ENGINE_CACHE")
    assert artifacts.cache_dir().name == "engine-recsys"
