"""A clean environment of the wheel and of what its core requires, made of what the tests run on.

What pip would install is linked or copied from the environment of the tests: the same files without
a network, in seconds.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


class CoreEnvironment:
    """A virtual environment with ``engine-recsys`` as a wheel, and no extra.

    Args:
        folder: Where to.
    """

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "venv", symlinks=True)
        self._python = folder / "venv" / "bin" / "python"
        self.site = folder / "venv" / "lib" / sysconfig.get_paths()["purelib"].split("/lib/")[1]
        with zipfile.ZipFile(_wheel(folder / "dist")) as archive:
            archive.extractall(self.site)
        (found,) = self.site.glob("engine_recsys-*.dist-info")
        self.distributions = _closure(PathDistribution(found))
        for one in self.distributions.values():
            _link(one, self.site)

    def engine(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run ``engine ARGUMENTS`` as it is installed, by what stands in the environment alone."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONPATH", "JAVA_HOME")
        }
        return subprocess.run(
            [self._python, "-m", "engine", *arguments],
            cwd=self.site.parents[3],
            env={**inherited, "PATH": "/nowhere", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def bytes_on_disk(self) -> int:
        """Return the size of all that is installed, bytecode left out."""
        return sum(
            path.stat().st_size
            for path in self.site.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        )


def _wheel(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def _closure(root: Distribution) -> dict[str, Distribution]:
    """Return what a distribution requires, and what that requires, by name."""
    found: dict[str, Distribution] = {}
    seen, waiting = set(), [(root, frozenset({""}))]
    while waiting:
        one, extras = waiting.pop()
        for text in one.requires or ():
            wanted = Requirement(text)
            if wanted.marker and not any(wanted.marker.evaluate({"extra": e}) for e in extras):
                continue
            name, asked = canonicalize_name(wanted.name), frozenset({"", *wanted.extras})
            if (name, asked) not in seen:
                seen.add((name, asked))
                found[name] = distribution(name)
                assert found[name].version in wanted.specifier, text
                waiting.append((found[name], asked))
    return found


def _link(one: Distribution, site: Path) -> None:
    for file in one.files or ():
        if ".." in file.parts or "__pycache__" in file.parts or file.is_absolute():
            continue  # programs, and what Python has compiled
        source, target = Path(str(one.locate_file(file))), site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:  # on another disk
            shutil.copyfile(source, target)
