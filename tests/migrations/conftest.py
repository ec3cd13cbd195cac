"""A registry on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest

from ..postgresql import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_url(request: pytest.FixtureRequest, home: Path) -> str:
    """An empty registry, once on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{home / 'registry.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url
