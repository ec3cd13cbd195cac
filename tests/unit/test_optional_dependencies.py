"""Every extra is what pyproject.toml says, and what lacks one says which."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from engine.errors import MissingExtra
from engine.optional_dependencies import EXTRAS, needs, require

ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# No module of theirs is asked for.
_OTHERS = {"all", "benchmarks", "docs", "postgresql", "py2neo", "test"}


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=~! ]", requirement)[0].lower().replace("_", "-")


def _top(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def _packages_of(extra: str) -> set[str]:
    """Return the packages of an extra, and those of extras that it names."""
    found: set[str] = set()
    for one in _PROJECT["optional-dependencies"][extra]:
        if named := re.fullmatch(r"engine-recsys\[(.+)\]", one):
            found |= {name for part in named[1].split(",") for name in _packages_of(part)}
        else:
            found.add(_name(one))
    return found


def test_an_extra_of_the_project_installs_the_modules_that_are_asked_for() -> None:
    extras = _PROJECT["optional-dependencies"]
    assert extras.keys() - _OTHERS == EXTRAS.keys()
    made_by = packages_distributions()
    for extra, modules in EXTRAS.items():
        listed = _packages_of(extra)
        for module in modules:
            assert listed & {_name(one) for one in made_by[_top(module)]}, (extra, module)


def test_the_core_has_none_of_them() -> None:
    core = {_name(one) for one in _PROJECT["dependencies"]}
    made_by = packages_distributions()
    for modules in EXTRAS.values():
        assert not core & {_name(one) for module in modules for one in made_by[_top(module)]}


def test_what_lacks_an_extra_says_which_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra) as caught:
        require("report", "the report", otherwise="or do without")
    assert caught.value.message == "the report needs jinja2"
    assert caught.value.hint == "pip install 'engine-recsys[report]'; or do without"
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"^the report needs jinja2 and matplotlib$"):
        require("report", "the report")
    require("serve", "engine serve")


def test_a_method_asks_before_it_does_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    @needs("tune")
    def tune(times: int) -> int:
        """Search."""
        done.append(times)
        return times

    assert (tune(3), tune.__doc__, done) == (3, "Search.", [3])
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=r"^engine tune needs optuna$"):
        tune(4)
    assert done == [3]


def test_only_a_command_hides_what_others_may_want() -> None:
    code = (
        "import sys\n"
        "from engine.optional_dependencies import hidden, this_is_a_command\n"
        "def seen():\n"
        "    with hidden('wave', 'json'):\n"
        "        try:\n"
        "            import json, wave\n"
        "        except ImportError:\n"
        "            return False\n"
        "    return True\n"
        "assert seen()\n"  # a program of a user's: nothing is hidden in it
        "del sys.modules['wave']\n"
        "this_is_a_command()\n"
        "assert not seen()\n"
        "assert 'wave' not in sys.modules and 'json' in sys.modules\n"
        "import wave\n"
        "assert seen()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
