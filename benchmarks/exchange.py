"""Export the events of a graph, import them, and load the file they came from: rows a second.

    python -m benchmarks.exchange EVENTS.parquet [FOLDER]

EVENTS are those of ``python -m benchmarks.completejourney``; FOLDER becomes the parent of two
ENGINE_HOMEs and must be new. All three go through the engine's own Neo4j on this machine; the time
of a new server's start, which both loads contain, is told apart.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

import pyarrow.parquet

from benchmarks.command import engine, timed
from engine.store.local_server import LocalServer


def main() -> None:
    events = Path(sys.argv[1])
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    rows = pyarrow.parquet.read_metadata(events).num_rows
    first, second, exported = folder / "first", folder / "second", str(folder / "exported")
    for home in (first, second):
        home.mkdir(parents=True)
    servers = {home: LocalServer(home / "neo4j") for home in (first, second)}
    loaded = timed(
        "engine ingest --bulk", rows, partial(engine, first, "ingest", str(events), "--bulk")
    )
    written = timed(
        "engine export --to",
        rows,
        partial(engine, first, "export", "--to", exported, "--what", "events"),
    )
    servers[first].stop()
    what = ("--what", "events", "--bulk")
    imported = timed(
        "engine import --from", rows, partial(engine, second, "import", "--from", exported, *what)
    )
    servers[second].reset()
    start = timed("start of a new server, part of both loads", rows, servers[second].start)
    servers[second].stop()
    print(f"export {rows / written:,.0f} events/s")
    print(f"import takes {(imported - start) / (loaded - start):.2f} times ingest --bulk")


if __name__ == "__main__":
    main()
