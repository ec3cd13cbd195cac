"""Where the files that ship with the code live: Cypher, migrations, demonstration data, the page.

A wheel carries ``cypher/`` and ``migrations/`` inside the package under another name, so that they
cannot collide with another project's folders; a checkout has them beside the package. Nothing else
in the engine computes such a path.
"""

from importlib.resources import files
from pathlib import Path

from engine.errors import ConfigError


def _package_dir() -> Path:
    return Path(str(files("engine")))


def _shipped(folder: str) -> Path:
    inside = _package_dir() / f"_{folder}"
    beside = _package_dir().parent / folder
    for candidate in (inside, beside):
        if candidate.is_dir():
            return candidate
    raise ConfigError(
        f"the engine's {folder}/ folder is missing from this installation",
        hint="reinstall: pip install --force-reinstall engine-recsys",
    )


def cypher_dir() -> Path:
    """Return the folder of Cypher statements."""
    return _shipped("cypher")


def migrations_dir() -> Path:
    """Return the folder of graph and SQL migrations."""
    return _shipped("migrations")


def demo_dir() -> Path:
    """Return the folder of the demonstration data (completejourney, CC0)."""
    return _package_dir() / "demo"


def templates_dir() -> Path:
    """Return the folder of the templates of reports."""
    return _package_dir() / "templates"


def page_dir() -> Path:
    """Return the folder of the page that the service shows."""
    return _package_dir() / "serving" / "page"
