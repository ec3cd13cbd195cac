"""Load generated events, offline and online: seconds, and the peak memory of the engine's process.

    python -m benchmarks.ingest_generated [ROWS] [FOLDER]

ROWS is 10,000,000 unless given; FOLDER becomes the ENGINE_HOME and must be new.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.command import engine, timed
from engine.store.local_server import LocalServer

_ROWS_PER_WRITE = 1_000_000
_USERS, _ITEMS = 1_000_000, 200_000


def generate(path: Path, rows: int) -> None:
    """Write events of a million users on items of which few are popular."""
    rng = np.random.default_rng(7)
    with path.open("wb") as file:
        for start in range(0, rows, _ROWS_PER_WRITE):
            count = min(_ROWS_PER_WRITE, rows - start)
            table = pl.DataFrame(
                {
                    "user_id": rng.integers(0, _USERS, count),
                    "item_id": (_ITEMS * rng.random(count) ** 3).astype(np.int64),
                    "timestamp": 1_600_000_000 + rng.integers(0, 100_000_000, count),
                    "weight": rng.integers(1, 6, count),
                }
            )
            table.write_csv(file, include_header=start == 0)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    home = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    home.mkdir(parents=True, exist_ok=True)
    path = home / "events.csv"
    generate(path, rows)
    print(f"{rows:,} rows, {path.stat().st_size >> 20} MiB", flush=True)
    server = LocalServer(home / "neo4j")
    seconds = {}
    for name, flag in (("offline", "--bulk"), ("online", "--no-bulk")):
        server.reset()
        if name == "online":
            server.start()
        work = partial(engine, home, "ingest", str(path), flag, "--json")
        seconds[name] = timed(f"engine ingest {flag}", rows, work)
    server.reset()
    start = timed("start of a new server, part of --bulk", rows, server.start)
    server.stop()
    print(f"offline is {seconds['online'] / (seconds['offline'] - start):.2f} times online")


if __name__ == "__main__":
    main()
