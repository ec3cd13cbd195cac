"""A reader of the documentation, who types what a page says, line by line.

A shell line that is one ``engine`` command runs in this process, where its libraries are imported
once; what else a shell block holds is bash's. The Python blocks of a page are one program. A
``text`` block shows what the block before it prints: some of its lines, in order, with … for
whatever may differ. A command may fail only where that block shows its error.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.errors import EngineError

from .. import documented
from ..documented import Block

_EXPORT = re.compile(r"export (\w+)=(\S+)$")
_LIVE = "http://127.0.0.1:8000/health/live"
_WAIT = f"curl --silent --retry 60 --retry-delay 1 --retry-connrefused {_LIVE}"
_ANY = range(256)
# Codes that are no errors: the gate kept what serves; nothing is new.
_OUTCOMES = {"retrain": {10, 11}}


class Reader:
    """Somebody at a terminal; what was begun in the background ends with the block.

    Args:
        port: Stands for the one that pages name; ``/srv/exports`` is ``exports``.
        monkeypatch: What the reader exports is undone by it.
    """

    def __init__(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self._places = {"127.0.0.1:8000": f"127.0.0.1:{port}", "/srv/exports": "exports"}
        self._environment = monkeypatch
        self._program: dict[str, Any] = {"__name__": "page"}
        self._services: list[subprocess.Popen[bytes]] = []
        monkeypatch.setenv("ENGINE_SERVE_PORT", str(port))
        monkeypatch.setenv("ENGINE_SERVE_SECONDS", "20")  # the machine may be busy
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for service in self._services:
            service.terminate()
            service.wait()

    def follow(self, page: Path) -> int:
        """Do all that a page says; return how many blocks were run."""
        shown = documented.blocks(page)
        count = 0
        for block, after in zip(shown, [*shown[1:], Block("", "")], strict=True):
            expected = after.text if after.language == "text" else ""
            if block.language == "bash":
                ends = _ANY if "Error:" in expected else {0}
                lines = documented.shell_lines(block.text)
                printed = "".join(self.type(line, ends) for line in lines)
            elif block.language == "python":
                printed = self._run(block.text)
            else:
                continue
            count += 1
            _compare(printed, expected, f"{page.name}\n{block.text}")
        return count

    def type(self, line: str, ends: Collection[int] = (0,)) -> str:
        """Type one shell line, which must end with one of these codes; return what it printed."""
        for named, here in self._places.items():
            line = line.replace(named, here)
        if setting := _EXPORT.match(line):
            self._environment.setenv(setting[1], setting[2].replace("$PWD", str(Path.cwd())))
            return ""
        if documented.words(line) == ["engine", "serve", "&"]:
            self.serve()
            return ""
        if documented.is_one_command(line):
            return run_command(documented.words(line)[1:], ends)
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", line],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode in ends, f"{line}\n{done.stdout}"
        return done.stdout

    def serve(self) -> None:
        """Begin ``engine serve``, and return when it answers."""
        with Path("service.log").open("ab") as log:
            command = [sys.executable, "-m", "engine", "serve"]
            self._services.append(subprocess.Popen(command, stdout=log, stderr=log))
        self.type(_WAIT)

    def _run(self, text: str) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(text, "page", "exec"), self._program)
        return printed.getvalue()


def run_command(arguments: list[str], ends: Collection[int] = (0,)) -> str:
    """Run ``engine ARGUMENTS`` in this process; return what it printed, its error included."""
    done = CliRunner().invoke(cli, arguments)
    printed, code = done.output, done.exit_code
    if isinstance(done.exception, EngineError):
        printed += f"Error: {done.exception}\n"
        code = done.exception.exit_code
    elif done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    fine = {*ends} | _OUTCOMES.get(arguments[0], set())
    assert code in fine, f"engine {' '.join(arguments)}\n{printed}"
    return printed


def _compare(printed: str, expected: str, where: str) -> None:
    lines = iter(" ".join(line.split()) for line in printed.splitlines())
    for line in expected.splitlines():
        pattern = ".*".join(re.escape(part) for part in " ".join(line.split()).split("…"))
        assert any(re.fullmatch(pattern, one) for one in lines), (
            f"{where}\nshows, in this order: {line}\nIt printed:\n{printed}"
        )
