"""Vectors that were made elsewhere, from Parquet shards to a list: seconds and memory of each step.

    python -m benchmarks.publish_shards --vectors 1e6 --width 128 --home FOLDER

Nine vectors of ten are users', with three events each on items of their own taste. A Neo4j of its
own; FOLDER becomes the ENGINE_HOME. The heap and the page cache that the server is given are a
quarter and an eighth of the machine's memory, 4 and 2 GiB at most; what it holds is printed.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.growth_data import EVENTS, bytes_of
from benchmarks.resident import Watched
from engine.data.arrays import Float32Array, Int64Array
from engine.store.local_server import LocalServer

_ITEMS_IN_A_TASTE, _EVENTS_EACH = 100, 3
_ROWS_A_SHARD = 50_000
_BEGIN_S, _YEAR_S = 1_700_000_000, 365 * 86_400
_COMMAND = """
import sys
from benchmarks.resident import peak
from engine.cli import cli
cli.main(sys.argv[1:], standalone_mode=False)
print(f"peak of the engine's process: {peak() >> 20:,} MiB", file=sys.stderr, flush=True)
"""


def write(home: Path, vectors: int, width: int) -> None:
    """Write the events and both folders of shards."""
    rng = np.random.default_rng(3)
    items = vectors // 10
    users = vectors - items
    tastes = max(1, items // _ITEMS_IN_A_TASTE)
    centres = rng.normal(size=(tastes, width)).astype(np.float32)
    taste = rng.integers(tastes, size=users)
    # The items of a taste are those whose number leaves it when divided by the number of tastes.
    item = taste.repeat(_EVENTS_EACH) + tastes * rng.integers(
        items // tastes, size=users * _EVENTS_EACH
    )
    pl.DataFrame(
        {
            "user_id": [f"u{one}" for one in np.arange(users).repeat(_EVENTS_EACH).tolist()],
            "item_id": [f"i{one}" for one in item.tolist()],
            "timestamp": _BEGIN_S + rng.integers(0, _YEAR_S, len(item)),
        }
    ).write_parquet(home / EVENTS)
    had = np.unique(item)
    _shards(home / "vectors" / "items", "i", had, centres[had % tastes], rng)
    _shards(home / "vectors" / "users", "u", np.arange(users), centres[taste], rng)


def _shards(
    folder: Path, letter: str, numbers: Int64Array, near: Float32Array, rng: np.random.Generator
) -> None:
    folder.mkdir(parents=True)
    for start in range(0, len(numbers), _ROWS_A_SHARD):
        some = slice(start, start + _ROWS_A_SHARD)
        found = near[some] + 0.5 * rng.normal(size=near[some].shape).astype(np.float32)
        table = pl.DataFrame(
            {
                "id": [f"{letter}{one}" for one in numbers[some].tolist()],
                "vector": pl.Series(found, dtype=pl.Array(pl.Float32, found.shape[1])),
            }
        )
        table.write_parquet(folder / f"part-{start // _ROWS_A_SHARD:03}.parquet")


def step(name: str, home: Path, server: LocalServer, *words: str) -> None:
    """Run a command of the engine and print what it and the server took."""
    state = server.running()
    watched = Watched(state.pid) if state else None
    began = time.perf_counter()
    command = [sys.executable, "-c", _COMMAND, "--home", str(home), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    taken = watched.taken() if watched else {"server_processor": 0.0, "server_peak": 0}
    print(
        f"{name}: {time.perf_counter() - began:.0f} s, server {taken['server_processor']:.0f} "
        f"processor seconds and {int(taken['server_peak']) >> 20:,} MiB at most, graph "
        f"{server.store_bytes() >> 20:,} MiB, folder {bytes_of(home) >> 20:,} MiB",
        flush=True,
    )


def main() -> None:
    """Load, publish and ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=lambda text: int(float(text)), default=1_000_000)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    given.home.mkdir(parents=True)
    write(given.home, given.vectors, given.width)
    server = LocalServer(given.home / "neo4j")
    try:
        step("ingest", given.home, server, "ingest", str(given.home / EVENTS), "--bulk", "--json")
        server.start()
        folder = str(given.home / "vectors")
        step("publish", given.home, server, "publish", "--vectors", folder, "--json")
        for user in ("u0", "u1"):
            step(f"list of {user}", given.home, server, "recommend", user, "--json")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
