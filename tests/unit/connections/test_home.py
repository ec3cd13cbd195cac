"""A home that cannot be used is one sentence, whatever the command; its locks are private."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.config import load
from engine.connections.home import home_lock, make_home, name_of_home
from engine.errors import Busy, ConfigError

from ...obeyed_modes import obey_modes

COMMANDS = [
    ("status",),
    ("ingest", "events.csv"),
    ("train",),
    ("publish",),
    ("retrain",),
    ("recommend", "u1"),
    ("runs", "list"),
    ("generations",),
    ("keys", "list"),
    ("keys", "create", "shop", "--scope", "read"),
    ("migrate",),
    ("serve", "--port", "0"),
    ("db", "start"),
    ("db", "stop"),
    ("db", "reset", "--yes"),
    ("compare", "--models", "popular", "--data", "events.csv", "--out", "report.html"),
]


# All in one process: most of what a command takes is the time to import what it needs.
_EVERY = """
import contextlib, io, json, sys
from engine.cli import main
homes, commands = json.loads(sys.argv[1]), json.loads(sys.argv[2])
for home, command in ((home, command) for home in homes for command in commands):
    said = io.StringIO()
    sys.argv = ["engine", "--home", home, "--log-level", "ERROR", *command]
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code
    lines = [line for line in said.getvalue().splitlines() if line]  # a bar ends its own
    print(json.dumps([home, command, code, lines]), flush=True)
"""


def test_a_home_that_cannot_be_written_is_two_lines(tmp_path: Path) -> None:
    """One that may only be read, and one that cannot be made."""
    rows = [f"u{n % 7},i{n % 5},{1_700_000_000 + n}\n" for n in range(200)]
    Path("events.csv").write_text("user_id,item_id,timestamp\n" + "".join(rows), encoding="utf-8")
    parents = [tmp_path / "read-only", tmp_path / "parent"]
    for parent in parents:
        parent.mkdir()
        parent.chmod(0o500)
    homes = [str(parents[0]), str(parents[1] / "home")]
    done = subprocess.run(
        [sys.executable, "-c", _EVERY, json.dumps(homes), json.dumps(COMMANDS)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=obey_modes,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    asked = [(home, command) for home in homes for command in COMMANDS]
    assert [(home, tuple(command)) for home, command, *_ in told] == asked
    for home, command, code, lines in told:
        assert code in (3, 5), (command, lines)
        assert len(lines) == 2, (command, lines)
        assert lines[0].startswith("Error: "), (command, lines)
        assert home in lines[0], (command, lines)
        assert lines[1].startswith("Try:   "), (command, lines)
    assert [list(parent.iterdir()) for parent in parents] == [[], []]


def test_the_home_and_its_locks_are_private(tmp_path: Path) -> None:
    settings = load(home=tmp_path / "new")
    before = os.umask(0)
    try:
        with home_lock(settings, "some.lock", Busy("taken")):
            file = settings.home / "some.lock"
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
            with (
                pytest.raises(Busy, match="taken"),
                home_lock(settings, "some.lock", Busy("taken")),
            ):
                pass
    finally:
        os.umask(before)


def test_a_file_in_the_place_of_the_home_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="file cannot be used: Not a directory") as caught:
        make_home(load(home=tmp_path / "file"))
    assert "--home" in caught.value.hint


def test_a_home_has_a_name_of_its_own_as_soon_as_it_is_there(tmp_path: Path) -> None:
    first, second = (load(home=tmp_path / name) for name in ("first", "second"))
    assert name_of_home(first) == ""
    assert not first.home.exists()
    names = {name_of_home(one) for one in (first, second) if make_home(one)}
    assert len(names) == 2
    assert name_of_home(first) in names
    assert [one.name for one in first.home.iterdir()] == ["home-id"]
    assert stat.S_IMODE((first.home / "home-id").stat().st_mode) == 0o600


def test_homes_that_share_a_registry_share_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_REGISTRY_URL", "postgresql://a:secret@db/registry")
    first = name_of_home(load(home=tmp_path / "first"))
    monkeypatch.setenv("ENGINE_REGISTRY_URL", "postgresql://b@db/registry")
    assert name_of_home(load(home=tmp_path / "second")) == first
    monkeypatch.setenv("ENGINE_REGISTRY_URL", "postgresql://b@db/other")
    assert name_of_home(load(home=tmp_path / "second")) != first
