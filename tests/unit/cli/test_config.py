"""``engine config show``: every setting, where its value came from, and no secret."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.config import Settings


def test_every_setting_says_where_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "engine.toml").write_text("serve_port = 9\nserve_seconds = 3\n", encoding="utf-8")
    monkeypatch.setenv("ENGINE_SERVE_SECONDS", "4")
    monkeypatch.setenv("ENGINE_NEO4J_PASSWORD", "hunter2")
    arguments = ["--home", str(tmp_path), "config", "show", "--json"]
    done = CliRunner().invoke(cli, arguments)
    rows = {row["name"]: (row["value"], row["source"]) for row in json.loads(done.stdout)}
    assert rows.keys() == Settings.model_fields.keys()
    assert rows["home"] == (str(tmp_path), "flag")
    assert rows["serve_seconds"] == ("4.0", "environment")
    assert rows["serve_port"] == ("9", "engine.toml")
    assert rows["serve_host"] == ("127.0.0.1", "default")
    assert "hunter2" not in done.output
