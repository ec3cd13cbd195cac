"""Whose the time of ``engine ingest --bulk`` is: processor seconds of each part of a load.

    python -m benchmarks.bulk_parts [ROWS]

ROWS is 1,000,000 unless given. The load ends with a start of the server on the new graph.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.ingest_generated import generate
from engine.data.reading.read_options import ReadOptions
from engine.loading.import_files import ImportFiles
from engine.loading.load_events import validated_blocks
from engine.loading.staging import StagedRows
from engine.store.local_server import LocalServer


@contextmanager
def part(what: str) -> Iterator[None]:
    """Print the seconds of a part, and the processor's, its ended children included."""
    began, before = time.perf_counter(), _processor_seconds()
    yield
    spent, seconds = _processor_seconds() - before, time.perf_counter() - began
    print(f"{what}: {spent:.1f} processor seconds, {seconds:.1f} s", flush=True)


def _processor_seconds() -> float:
    return sum(psutil.Process().cpu_times()[:4])


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder / "events.csv", rows)
        staged = StagedRows(folder / "rows.arrow")
        with part("read and validate, as every load does"):
            for block in validated_blocks(folder / "events.csv", ReadOptions()):
                staged.add(block.events, block.part)
        files = ImportFiles(folder)
        with part("spread over parts by key"):
            for _, frame in staged.batches():
                files.add(frame)
        with part("each event once, and written for the importer"):
            sources = files.finish(1, "token")
        server = LocalServer(folder / "neo4j")
        try:
            with part("Neo4j's importer"):
                server.import_graph(sources)
            with part("the server's start, its own processor seconds not counted"):
                server.start()
            state = server.running()
            assert state is not None
            spent = sum(psutil.Process(state.pid).cpu_times()[:2])
            print(f"    and the server's: {spent:.1f} processor seconds")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
