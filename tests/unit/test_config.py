"""Settings: engine.toml < environment < flags, and everyone can see which won."""

from pathlib import Path

import pytest

from engine import config
from engine.errors import ConfigError


def test_flag_beats_environment_beats_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("engine.toml").write_text(
        'neo4j_user = "file"\nneo4j_database = "file"\nlog_level = "INFO"\n', encoding="utf-8"
    )
    monkeypatch.setenv("ENGINE_NEO4J_USER", "environment")
    monkeypatch.setenv("ENGINE_NEO4J_DATABASE", "environment")
    flags = {"neo4j_user": "flag", "home": None}

    settings = config.load(**flags)
    source = {row["name"]: row["source"] for row in config.provenance(settings, flags)}

    assert settings.neo4j_user == "flag"
    assert settings.neo4j_database == "environment"
    assert settings.log_level == "INFO"
    assert source["neo4j_user"] == "flag"
    assert source["neo4j_database"] == "environment"
    assert source["log_level"] == "engine.toml"
    assert source["neo4j_uri"] == "default"


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_NEO4J_PASSWORD", "hunter2-hunter2")
    assert "hunter2" not in str(config.provenance(config.load(), {}))


def test_a_bad_uri_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_NEO4J_URI", "http://localhost")
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert "ENGINE_NEO4J_URI" in caught.value.hint


def test_the_registry_lives_in_home_by_default(tmp_path: Path) -> None:
    settings = config.load(home=tmp_path)
    assert settings.registry == f"sqlite:///{tmp_path / 'registry.sqlite'}"
