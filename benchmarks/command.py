"""Run the command line as a user does, and say what its own process took."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Of the process itself: not of its children, such as the offline importer's Java.
_ENGINE = """
import resource, sys
from engine.cli import cli
cli.main(sys.argv[1:], standalone_mode=False)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"    peak memory of the engine's process: {peak // 1024} MiB", file=sys.stderr, flush=True)
"""


def engine(home: Path, *arguments: str) -> None:
    """Run ``engine --home HOME ARGUMENTS``; what it prints for programs is dropped."""
    command = [sys.executable, "-c", _ENGINE, "--home", str(home), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def timed(text: str, rows: int, work: Callable[[], object]) -> float:
    """Do ``work``, print and return its seconds."""
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    print(f"{text}: {seconds:.1f} s, {rows / seconds:,.0f} rows/s", flush=True)
    return seconds
