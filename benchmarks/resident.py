"""The peak of a process's resident memory and its processor seconds, between two moments."""

from pathlib import Path

import psutil


def peak(process: int | str = "self") -> int:
    """Return the most bytes that a process held at once, since it began or since ``Watched``."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024


class Watched:
    """A process that runs before and after what is measured: its peak begins again here."""

    def __init__(self, process: int) -> None:
        self._process = psutil.Process(process)
        Path(f"/proc/{process}/clear_refs").write_text("5")
        self._began = self._processor()

    def taken(self) -> dict[str, float]:
        """Return processor seconds and the peak in bytes since this was made."""
        seconds = self._processor() - self._began
        return {"server_processor": seconds, "server_peak": peak(self._process.pid)}

    def _processor(self) -> float:
        return float(sum(self._process.cpu_times()[:2]))
