import pytest

from engine import resources
from engine.errors import ConfigError


def test_what_ships_with_the_code_is_there() -> None:
    assert (resources.cypher_dir() / "README.md").is_file()
    assert (resources.migrations_dir() / "neo4j").is_dir()
    assert list(resources.demo_dir().iterdir())
    assert list(resources.templates_dir().glob("*.jinja"))
    assert (resources.page_dir() / "index.html").is_file()


def test_a_broken_installation_says_how_to_mend_it() -> None:
    with pytest.raises(ConfigError, match="nothing/ folder is missing") as refused:
        resources._shipped("nothing")
    assert "reinstall" in (refused.value.hint or "")
