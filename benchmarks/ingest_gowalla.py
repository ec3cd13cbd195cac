"""Load the 810,128 Gowalla edges in four ways, on one server, and compare the graphs.

    python -m benchmarks.ingest_gowalla train.txt.gz [FOLDER]

(a) LOAD CSV with MERGE, (b) UNWIND of maps with three MERGEs, (c) engine ingest, (d) engine ingest
--bulk. (a) and (b) get the keys and the schema for nothing; each is given its better batch size
and form. All have warmed the server up with as many rows. FOLDER becomes the ENGINE_HOME and must
be new.
"""

import gzip
import hashlib
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import neo4j
import polars as pl

from benchmarks.command import engine, timed
from engine.data.events import EventContract, validate
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.table_reader import read_blocks
from engine.store import graph_schema
from engine.store.graph_client import GraphClient
from engine.store.local_server import LocalServer

_MERGES = """
MERGE (u:User {id: row.user})
MERGE (i:Item {id: row.item})
MERGE (u)-[r:INTERACTED {key: toInteger(row.key)}]->(i)
SET r.event = row.event, r.weight = toFloat(row.weight), r.batch = 1
"""
# Fewer locks, as the relationship is looked for between its ends and the key only set.
_MERGES_BY_ENDS = _MERGES.replace(" {key: toInteger(row.key)}", "").replace(
    "SET ", "SET r.key = toInteger(row.key), "
)
_LOAD_CSV = """
LOAD CSV WITH HEADERS FROM 'file:///{file}' AS row
CALL (row) {{ {merges} }} IN TRANSACTIONS OF {size} ROWS
"""
_EMPTY = "MATCH (n:{label}) CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF 2000 ROWS"
_DIGEST = """
MATCH (u:User)-[r:INTERACTED]->(i:Item)
RETURN u.id, i.id, r.key, r.event, r.at, r.weight, r.basket ORDER BY r.key
"""
_WARM_UP = 60_000


def events_of(path: Path) -> pl.DataFrame:
    contract = EventContract({"user_id": "user_id", "item_id": "item_id"})
    frames = [validate(block, contract)[0] for block in read_blocks(path, ReadOptions("adjacency"))]
    return pl.concat(frames).select("user", "item", "key", "event", "weight")


class Bench:
    def __init__(self, home: Path, source: Path) -> None:
        self.home, self.source, self.events = home, source, events_of(source)
        self.server = LocalServer(home / "neo4j")

    def driver(self) -> neo4j.Driver:
        target = self.server.start()
        auth = (target.user, target.password)
        return neo4j.GraphDatabase.driver(target.uri, auth=auth, notifications_min_severity="OFF")

    def empty(self) -> None:
        """Leave an empty graph with its schema, as any load finds it."""
        with self.driver() as driver:
            for label in ("User", "Item", "Batch"):
                driver.session().run(_EMPTY.format(label=label)).consume()
        with GraphClient(self.server.start()) as client:
            graph_schema.apply(client, wait_seconds=60)

    def load_csv(self, rows: pl.DataFrame, merges: str, size: int) -> None:
        name = f"events-{len(rows)}.csv"
        path = self.server.folder / "import" / name
        if not path.exists():
            rows.write_csv(path)
        with self.driver() as driver, driver.session() as session:
            session.run(_LOAD_CSV.format(file=name, merges=merges, size=size)).consume()

    def unwind(self, rows: pl.DataFrame, merges: str, size: int) -> None:
        with self.driver() as driver, driver.session() as session:
            for start in range(0, len(rows), size):
                part = rows[start : start + size].to_dicts()
                session.run("UNWIND $rows AS row " + merges, rows=part).consume()

    def engine(self, source: Path, *flags: str) -> None:
        engine(self.home, "ingest", str(source), "--format", "adjacency", "--json", *flags)

    def digest(self) -> str:
        found = hashlib.sha256()
        with self.driver() as driver, driver.session() as session:
            for record in session.run(_DIGEST):
                found.update(repr(tuple(record)).encode())
        return found.hexdigest()[:16]


def naive(bench: Bench) -> float:
    """Return the seconds of the better of (a) and (b), each with its better form and size."""
    rows, few = bench.events, bench.events[:_WARM_UP]
    seconds = []
    for name, load in (("(a) LOAD CSV", bench.load_csv), ("(b) UNWIND", bench.unwind)):
        trials = {}
        for merges in (_MERGES, _MERGES_BY_ENDS):
            for size in (2_000, 10_000):
                bench.empty()
                began = time.perf_counter()
                load(few, merges, size)
                trials[time.perf_counter() - began] = (merges, size)
        merges, size = trials[min(trials)]
        bench.empty()
        work = partial(load, rows, merges, size)
        seconds.append(timed(f"{name}, {size} rows a transaction", len(rows), work))
    return min(seconds)


def head_of(source: Path, folder: Path, rows: int) -> Path:
    """Return a file of the first lines, as many rows as the trials of (a) and (b) had."""
    path, count = folder / "head.txt", 0
    with gzip.open(source, "rt") as lines, path.open("w") as head:
        for line in lines:
            head.write(line)
            count += len(line.split()) - 1
            if count >= rows:
                break
    return path


def main() -> None:
    home = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    bench = Bench(home, Path(sys.argv[1]))
    count = len(bench.events)
    plain = naive(bench)
    bench.empty()
    bench.engine(head_of(bench.source, home, 4 * _WARM_UP), "--no-bulk")
    bench.empty()
    online = timed("(c) engine ingest", count, partial(bench.engine, bench.source, "--no-bulk"))
    before = bench.digest()
    bench.server.reset()
    bulk = timed("(d) engine ingest --bulk", count, partial(bench.engine, bench.source, "--bulk"))
    same = "the same graph" if before == bench.digest() else "ANOTHER GRAPH"
    bench.server.reset()
    start = timed("of which the start of a new server", count, bench.server.start)
    bench.server.stop()
    print(f"(c) is {plain / online:.2f} times the better of (a) and (b)")
    print(f"(d) is {online / bulk:.2f} times (c)")
    print(f"    {online / (bulk - start):.2f} times without the server's start")
    print(f"(d) makes {same}")


if __name__ == "__main__":
    main()
