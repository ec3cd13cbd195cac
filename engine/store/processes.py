"""Which process left a mark in a database, and whether it can still be alive."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil

# Two ways to ask for a start time may differ by a clock tick.
_SAME_START_SECONDS = 1.0


@dataclass(frozen=True)
class ProcessIdentity:
    """A process, identified across restarts of its number.

    Attributes:
        host: Machine and, in a container, the namespace its process numbers belong to.
        pid: Number of the process there.
        started: When it started, epoch seconds: numbers are used again.
    """

    host: str
    pid: int
    started: float

    def is_dead(self) -> bool:
        """Tell whether it ran on this host and is gone; False when that cannot be known."""
        if self.host != _this_host():
            return False
        try:
            started: float = psutil.Process(self.pid).create_time()
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False
        return abs(started - self.started) > _SAME_START_SECONDS

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host.partition('/')[0]}"


def this_process() -> ProcessIdentity:
    """Return the mark of the running process."""
    return ProcessIdentity(_this_host(), os.getpid(), psutil.Process().create_time())


def _this_host() -> str:
    namespace = Path("/proc/self/ns/pid")
    return f"{platform.node()}/{namespace.readlink().name if namespace.exists() else ''}"
