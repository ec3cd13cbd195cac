"""``engine`` as a user has it: in this process, in one of its own, in a terminal while it works."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType

import psutil
from click.testing import CliRunner, Result

from engine.cli import cli
from engine.errors import NothingAccepted

_WIDE = {"TERM": "xterm", "COLUMNS": "160", "LINES": "50"}


def invoked(*arguments: str) -> Result:
    """Run ``engine ARGUMENTS`` in this process; every error is raised but those of its options."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def loaded(*arguments: str) -> Result:
    """Run ``engine ingest ARGUMENTS --json``, which must tell what became of the rows.

    Where no row could be taken it is an error too, and the report has zeros.
    """
    result = CliRunner().invoke(cli, ["ingest", *arguments, "--json"])
    reports = json.loads(result.stdout)
    for one in reports:
        assert one["accepted"] + one["duplicate"] + one["quarantined"] == one["read"]
    nothing = [one for one in reports if one["read"] and one["quarantined"] == one["read"]]
    assert isinstance(result.exception, NothingAccepted) is bool(nothing), result.output
    return result


def engine(*arguments: str) -> str:
    """Run ``engine ARGUMENTS`` in this process; it must succeed. Return what it printed."""
    done = invoked(*arguments)
    assert done.exit_code == 0, f"engine {' '.join(arguments)}\n{done.output}"
    return done.stdout


class Terminal:
    """Run ``engine ARGUMENTS`` in a pseudo terminal, so that its progress bars are shown."""

    def __init__(self, *arguments: str) -> None:
        self.text = ""
        self._screen, inside = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine", *arguments],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**os.environ, **_WIDE},
        )
        os.close(inside)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._screen)

    def children(self) -> list[psutil.Process]:
        """Return the processes that it has started."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def wait_for(self, words: str) -> None:
        """Read until ``words`` are shown."""
        self.wait_until(lambda text: words in text)

    def wait_until(self, shown: Callable[[str], bool]) -> None:
        """Read until ``shown`` is true of everything the command has printed."""
        while not shown(self.text):
            assert self._read(), f"it ended without showing that:\n{self.text}"

    def press_ctrl_c(self) -> None:
        """Send what Ctrl-C sends."""
        self._process.send_signal(signal.SIGINT)

    def exit_code(self) -> int:
        """Read to the end and return how the command ended."""
        while self._read():
            pass
        return self._process.wait()

    def _read(self) -> bool:
        try:
            shown = os.read(self._screen, 65_536)
        except OSError:  # how Linux says that nobody is writing any more
            return False
        self.text += shown.decode(errors="replace")
        return bool(shown)
