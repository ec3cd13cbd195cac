"""``import engine`` is instant; what it names is there, and nothing heavy comes with it."""

import subprocess
import sys

import pytest

import engine
from engine import api


@pytest.mark.parametrize("name", engine.__all__)
def test_a_name_is_there(name: str) -> None:
    assert getattr(engine, name) is not None
    assert name in dir(engine)


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'recommend'"):
        engine.recommend  # noqa: B018


def test_the_same_names_are_those_of_the_api() -> None:
    assert set(engine.__all__) - {"__version__", "errors"} == set(api.__all__)


def test_connecting_imports_nothing_heavy() -> None:
    code = (
        "import sys, engine\n"
        "light = set(sys.modules)\n"
        "e = engine.connect('bolt://nowhere.invalid')\n"
        "heavy = {'torch', 'polars', 'pyarrow', 'pandas', 'sqlalchemy', 'neo4j', 'rich', 'numpy'}\n"
        "assert 'pydantic' not in light, 'import engine reads no settings'\n"
        "sys.exit(f'imported {heavy}' if (heavy := heavy & set(sys.modules)) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
