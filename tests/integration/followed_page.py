"""A page of the documentation, followed line by line as its reader would.

A shell line that is one ``engine`` command runs in this process, where its libraries are imported
once; what else a shell block holds is bash's. The Python blocks of a page are one program. A
``text`` block shows what the block before it prints: some of its lines, in order, with … for
whatever may differ. A command may fail only where that block shows its error.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.errors import EngineError

from .. import documented
from ..documented import Block

SERVICE = "127.0.0.1:8000"
_EXPORT = re.compile(r"export (\w+)=(\S+)$")
_BEGUN = re.compile(r"(engine .*[^&]) &$")


class FollowedPage:
    """A page, and what it has begun; services end with it.

    Args:
        port: Stands for the one that pages name.
    """

    def __init__(self, page: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self._page, self._port, self._environment = page, port, monkeypatch
        self._program: dict[str, Any] = {"__name__": page.stem}
        self._services: list[subprocess.Popen[bytes]] = []
        monkeypatch.setenv("ENGINE_SERVE_PORT", str(port))
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)

    def __enter__(self) -> "FollowedPage":
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

    def follow(self) -> int:
        """Run every block; return how many lines and programs were run."""
        shown = documented.blocks(self._page)
        count = 0
        for block, after in zip(shown, [*shown[1:], Block("", "")], strict=True):
            expected = after.text if after.language == "text" else ""
            if block.language == "bash":
                lines = list(documented.shell_lines(block.text))
                count += len(lines)
                printed = "".join(self._shell(line, "Error:" in expected) for line in lines)
            elif block.language == "python":
                count += 1
                printed = self._python(block.text)
            else:
                continue
            _compare(printed, expected, f"{self._page.name}\n{block.text}")
        return count

    def _shell(self, line: str, may_fail: bool) -> str:
        line = line.replace(SERVICE, f"127.0.0.1:{self._port}")
        if setting := _EXPORT.match(line):
            value = setting[2].replace("$PWD", str(Path.cwd()))
            self._environment.setenv(setting[1], value)
            return ""
        if begun := _BEGUN.match(line):
            log = Path("service.log").open("ab")  # noqa: SIM115 # the service's, until it ends
            with log:
                self._services.append(
                    subprocess.Popen(shlex.split(begun[1]), stdout=log, stderr=log)
                )
            return ""
        if documented.is_one_command(line):
            return _engine(documented.words(line)[1:], may_fail)
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", line],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}"
        return done.stdout

    def _python(self, text: str) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(text, str(self._page), "exec"), self._program)
        return printed.getvalue()


def _engine(arguments: list[str], may_fail: bool) -> str:
    done = CliRunner().invoke(cli, arguments)
    error = done.exception if isinstance(done.exception, EngineError) else None
    if done.exception and not isinstance(done.exception, SystemExit) and not error:
        raise done.exception
    assert done.exit_code == 0 or may_fail, f"engine {arguments}\n{done.output}\n{error}"
    return done.output + (f"Error: {error}\n" if error else "")


def _compare(printed: str, expected: str, where: str) -> None:
    lines = iter(" ".join(line.split()) for line in printed.splitlines())
    for line in expected.splitlines():
        pattern = ".*".join(re.escape(part) for part in " ".join(line.split()).split("…"))
        assert any(re.fullmatch(pattern, one) for one in lines), (
            f"{where}\nshows, in this order: {line}\nIt printed:\n{printed}"
        )
