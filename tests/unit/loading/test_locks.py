"""Writers share the graph; the offline importer has it alone, as long as its process lives."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from engine.config import Settings
from engine.errors import Busy
from engine.loading.locks import graph_not_replaced, graph_replaced

_HOLD = """
import sys
from pathlib import Path
from engine.config import Settings
from engine.loading import locks
settings = Settings(home=Path(sys.argv[2]))
arguments = (0,) if sys.argv[1] == "graph_not_replaced" else ()
with getattr(locks, sys.argv[1])(settings, *arguments):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _held_elsewhere(lock: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold a lock until the block ends."""
    command = [sys.executable, "-c", _HOLD, lock, str(home)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_threads_and_processes_write_at_the_same_time(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    all_hold_it = Barrier(3)

    def write(_: int) -> bool:
        with graph_not_replaced(settings, 0):
            all_hold_it.wait(timeout=60)
        return True

    with _held_elsewhere("graph_not_replaced", tmp_path), ThreadPoolExecutor(3) as pool:
        assert list(pool.map(write, range(3))) == [True] * 3


def test_while_the_importer_works_writers_are_told_so_and_after_its_death_they_write(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path)
    with _held_elsewhere("graph_replaced", tmp_path) as importer:
        with pytest.raises(Busy, match="being imported offline"), graph_not_replaced(settings, 0):
            pass
        importer.kill()
        importer.wait()
        with graph_not_replaced(settings, 60):
            pass


def test_the_importer_waits_for_every_writer(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with _held_elsewhere("graph_not_replaced", tmp_path) as writer:
        with pytest.raises(Busy, match="are being written"), graph_replaced(settings, 0):
            pass
        writer.kill()
        with graph_replaced(settings, 60):
            pass
