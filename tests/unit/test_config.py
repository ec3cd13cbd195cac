"""Settings: engine.toml < environment < flags, and everyone can see which won."""

import time
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


def _toml(text: str) -> None:
    Path("engine.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("variable", ["ENGINE_NEO4J_PASSWORD", "ENGINE_NEO4J_USER"])
def test_a_login_of_the_environment_is_not_sent_where_the_folder_says(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    _toml('neo4j_uri = "bolt://elsewhere.example:7687"\n')
    monkeypatch.setenv(variable, "hunter2-hunter2")
    with pytest.raises(ConfigError, match=r"not sent to bolt://elsewhere\.example") as caught:
        config.load().neo4j_login()
    assert variable in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert "ENGINE_NEO4J_URI" in caught.value.hint


def test_a_login_is_sent_to_an_address_of_its_own_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _toml('neo4j_uri = "bolt://a"\nneo4j_user = "file"\nneo4j_password = "of-the-file"\n')
    assert config.load().neo4j_login() == ("file", "of-the-file")
    monkeypatch.setenv("ENGINE_NEO4J_PASSWORD", "of-the-environment")
    assert config.load(neo4j_uri="bolt://b").neo4j_login() == ("file", "of-the-environment")
    monkeypatch.setenv("ENGINE_NEO4J_URI", "bolt://c")
    assert config.load().neo4j_login() == ("file", "of-the-environment")


def test_a_registry_of_the_folder_gets_no_password_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2-hunter2")
    _toml('registry_url = "postgresql://someone@elsewhere.example/registry"\n')
    with pytest.raises(ConfigError, match=r"PGPASSWORD is not sent to .*elsewhere"):
        _ = config.load().registry
    _toml('registry_url = "postgresql://someone:its-own@elsewhere.example/registry"\n')
    assert config.load().registry.endswith("elsewhere.example/registry")
    monkeypatch.setenv("ENGINE_REGISTRY_URL", "postgresql://someone@here/registry")
    assert config.load().registry == "postgresql://someone@here/registry"


def test_the_password_of_the_registry_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_REGISTRY_URL", "postgresql://someone:hunter2@here/registry")
    assert "hunter2" not in str(config.provenance(config.load(), {}))


@pytest.mark.parametrize("text", ["neo4j_uri = bolt", "home = ", '"'])
def test_a_malformed_file_is_one_error(text: str) -> None:
    _toml(text)
    with pytest.raises(ConfigError, match=r"engine\.toml of this folder cannot be read"):
        config.load()


def test_a_malformed_list_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_SERVE_ORIGINS", "https://shop.example")
    with pytest.raises(ConfigError, match="serve_origins") as caught:
        config.load()
    assert "JSON" in caught.value.hint


def test_events_have_no_limit_of_age_unless_one_is_set(tmp_path: Path) -> None:
    assert config.Settings(home=tmp_path).oldest_event() is None
    before = time.time()
    found = config.Settings(home=tmp_path, event_days=2.5).oldest_event()
    assert found is not None
    assert int((before - 216_000) * 1_000) <= found <= int((time.time() - 216_000) * 1_000)
