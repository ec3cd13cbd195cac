"""What a home looks like to a check: there or not, open to others, on a disk that is full."""

from pathlib import Path

import pytest

from engine.upkeep import home_checks


def _states(found: object) -> list[str]:
    return [one.state for one in found]  # type: ignore[attr-defined]


def test_a_home_that_is_not_there_yet(tmp_path: Path) -> None:
    (found,) = home_checks.home(tmp_path / "nowhere")
    assert (found.state, found.remedy) == ("warning", "engine demo")
    assert list(home_checks.permissions(tmp_path / "nowhere")) == []
    assert _states(home_checks.disk(tmp_path / "nowhere" / "deeper", 0, 0)) == ["ok"]


@pytest.mark.parametrize(
    ("name", "mode", "state"),
    [
        ("registry.sqlite", 0o644, "fault"),
        ("neo4j/password", 0o640, "fault"),
        ("neo4j/logs/debug.log", 0o644, "warning"),
        ("quarantine/1.jsonl", 0o602, "warning"),
        ("neo4j/conf/neo4j.conf", 0o600, "ok"),
        ("neo4j/data/databases/store", 0o644, "ok"),  # the server's own; its folder is closed
    ],
)
def test_a_file_that_others_can_open(home: Path, name: str, mode: int, state: str) -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("secret", encoding="utf-8")
    path.chmod(mode)
    (found,) = home_checks.permissions(home)
    assert found.state == state
    if state != "ok":
        assert found.subject == str(path)
        assert f"{path.name} of mode {mode:o}" in found.value
        assert found.remedy == f"chmod -R go-rwx {home}"


def test_a_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "open").write_text("x", encoding="utf-8")
    (tmp_path / "open").chmod(0o666)
    (home / "link").symlink_to(tmp_path / "open")
    assert _states(home_checks.permissions(home)) == ["ok"]


def test_a_disk_without_room(home: Path) -> None:
    exabyte = 1 << 60
    for least, few, state in ((exabyte, exabyte, "fault"), (0, exabyte, "warning"), (0, 0, "ok")):
        (found,) = home_checks.disk(home, least, few)
        assert found.state == state
        assert "GiB are free" in found.value
