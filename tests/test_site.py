"""The site is built from docs/, and every link and anchor in it leads somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import engine.errors
from engine.api import Engine

ROOT = Path(__file__).parents[1]
_BUILD = [sys.executable, "-m", "mkdocs", "build", "--strict"]
_CONFIG = str(ROOT / "docs" / "site" / "mkdocs.yml")
_LOADED = re.compile(r'<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as CI builds it: a page outside of the navigation or a dead link is an error."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [*_BUILD, "--config-file", _CONFIG, "--site-dir", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
    return folder


def _ids(page: Path) -> set[str]:
    return set(re.findall(r'id="(engine\.[\w.]+)"', page.read_text(encoding="utf-8")))


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        assert not _LOADED.findall(page.read_text(encoding="utf-8")), page


def test_every_call_and_every_error_is_described(site: Path) -> None:
    calls = {name for name in dir(Engine) if not name.startswith("_")}
    assert {f"engine.api.Engine.{name}" for name in calls} <= _ids(site / "api" / "engine.html")
    errors = {
        f"engine.errors.{name}"
        for name, value in vars(engine.errors).items()
        if isinstance(value, type) and issubclass(value, engine.errors.EngineError)
    }
    assert errors <= _ids(site / "api" / "errors.html")


def test_examples_of_docstrings_are_code(site: Path) -> None:
    page = (site / "api" / "engine.html").read_text(encoding="utf-8")
    assert '<span class="gp">&gt;&gt;&gt; </span>' in page
    assert "<blockquote>" not in page
