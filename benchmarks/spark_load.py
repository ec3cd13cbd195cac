"""Load generated events by Spark on this machine and by ``engine ingest``: events per second.

    python -m benchmarks.spark_load [ROWS] [PARTS]

ROWS is 400,000 unless given, as Parquet in PARTS files, 8 unless given. The server is the one
that ENGINE_NEO4J_URI names, or the engine's own; the graph must be empty, and holds the events
afterwards. Each way loads events of its own, so that both create as many; the second load by Spark
finds all of them there.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

import polars as pl

import engine
from benchmarks.command import timed
from benchmarks.ingest_generated import generate
from engine.store.spark_cluster import SparkSettings, spark_cluster

_CONF = {"spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "4"}


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    parts = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    folder = Path(tempfile.mkdtemp())
    sources = {name: folder / name for name in ("ingest", "spark")}
    generate(folder / "events.csv", rows)
    frame = pl.read_csv(folder / "events.csv")
    for turn, source in enumerate(sources.values()):
        source.mkdir()
        shifted = frame.with_columns(pl.col("timestamp") + turn)
        for part in range(parts):
            size = -(-rows // parts)
            shifted.slice(part * size, size).write_parquet(source / f"part-{part:03d}.parquet")
    with engine.connect(home=folder / "home", progress=False) as e:
        by_file = timed("engine ingest", rows, lambda: e.ingest(sources["ingest"], bulk=False))
        with spark_cluster(SparkSettings("local[2]", _CONF)):
            work = partial(e.spark_load, sources["spark"], writers=2)
            by_spark = timed("engine spark load", rows, work)
            timed("the same again", rows, work)
    print(f"Spark takes {by_spark / by_file:.2f} times as long as ingest, its start apart")


if __name__ == "__main__":
    main()
