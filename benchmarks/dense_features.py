"""Vectors of thousands of numbers: load, pull, train, find alike, place; seconds and memory.

    python -m benchmarks.dense_features --home FOLDER --items 50000 --width 4096
    python -m benchmarks.dense_features --home FOLDER --items 50000 --width 4096 --without-server

writes a Parquet file of made-up vectors (tastes with noise) and events of users who have a taste,
and runs ``engine`` in a process for each step, on a Neo4j of its own under FOLDER. Each line gives
the seconds of a step and the most memory that its process had; the last ones what a list by content
takes, and what new items cost. ``--without-server`` does the parts that hold vectors in Python's
memory alone, each in a process: reading and judging the file onto disk, and a training on features
that it makes of all vectors. It needs no Neo4j, and says the same of memory.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet

TASTES = 50
PART = 1_000


def write_items(path: Path, items: range, width: int) -> None:
    """Write vectors some thousand rows at a time, so that this process stays small too."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(TASTES, width)).astype(np.float32)
    schema = pa.schema(
        [("item_id", pa.string()), ("name", pa.string()), ("picture", pa.list_(pa.float32()))]
    )
    noise = np.random.default_rng(items.start + 1)
    with pyarrow.parquet.ParquetWriter(path, schema, use_dictionary=False) as file:
        for start in range(items.start, items.stop, PART):
            rows = np.arange(start, min(start + PART, items.stop))
            made = 2 * noise.standard_normal((len(rows), width), dtype=np.float32)
            made += centres[rows % TASTES]
            offsets = pa.array(np.arange(len(rows) + 1) * width, pa.int32())
            lists = pa.ListArray.from_arrays(offsets, pa.array(made.reshape(-1)))
            names = [f"i{row}" for row in rows]
            file.write_table(pa.table([names, names, lists], schema=schema))


def write_events(path: Path, items: int, users: int, events: int) -> None:
    """Write users who have what is to their taste."""
    rng = np.random.default_rng(2)
    user = rng.integers(users, size=events)
    item = TASTES * rng.integers(items // TASTES, size=events) + user % TASTES
    columns = {
        "user_id": [f"u{one}" for one in user],
        "item_id": [f"i{one}" for one in item],
        "timestamp": 1_700_000_000 + np.arange(events),
    }
    pyarrow.parquet.write_table(pa.table(columns), path)


def step(name: str, module: str, *arguments: str) -> str:
    """Run ``python -m MODULE ARGUMENTS`` and print what it took; return what it printed."""
    command = [sys.executable, "-m", module, *arguments]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    text = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}\n{text}")
    print(
        f"{name:36} {seconds:8.1f} s, {usage.ru_utime + usage.ru_stime:7.1f} s of processor, "
        f"{usage.ru_maxrss / 1024:7.0f} MiB at most",
        flush=True,
    )
    return text


def read_and_judge(folder: Path) -> None:
    """Judge every row of the file and keep it on disk, as a load does before it writes."""
    from engine.data import attributes
    from engine.data.reading.parquet import read_parquet
    from engine.data.vector_columns import VectorColumns
    from engine.loading.staging import StagedRows

    rows, vectors, seen = StagedRows(folder / "rows"), VectorColumns(), attributes.SeenAttributes()
    columns = {"name": "name", "picture": "picture"}
    for block in read_parquet(folder / "items.parquet"):
        good, bad = attributes.validate(block, "item_id", columns, vectors)
        assert not bad
        new, _ = seen.new_rows(good)
        texts = [(one.id, json.dumps(dict(one.attributes))) for one in new]
        rows.add(pl.DataFrame(texts, ["id", "attributes"], orient="row"))
    stored = (text for _, frame in rows.batches() for text in frame["attributes"])
    count = sum(bool(attributes.vectors_apart(json.loads(text))[1]) for text in stored)
    rows.remove()
    print(count)


def train_on_vectors(folder: Path, model: str, width: int) -> None:
    """Make features of a table of vectors, and train on them."""
    from engine.data.feature_encoding import Described, FeatureEncoder
    from engine.data.features import NodeFeatures
    from engine.data.reading.read_options import ReadOptions
    from engine.data.training_data import TrainingData
    from engine.data.vocabulary import Vocabulary
    from engine.experiments import experiment
    from engine.experiments.training_request import TrainingRequest
    from engine.loading.event_file import read_events

    events = read_events(folder / "events.parquet", ReadOptions()).events
    ids = pyarrow.parquet.read_table(folder / "items.parquet", columns=["item_id"])["item_id"]
    place = Vocabulary(ids.to_pylist()).positions(events.items.ids)
    table = np.zeros((len(ids), width), dtype=np.float32)
    start = 0
    file = pyarrow.parquet.ParquetFile(folder / "items.parquet")
    # As from the graph: some rows at a time into one table.
    for batch in file.iter_batches(200, columns=["picture"]):
        numbers = batch.column(0).flatten().to_numpy()
        table[start : start + len(batch)] = numbers.reshape(len(batch), width)
        start += len(batch)
    known = Described([{}] * len(table), None, {"picture": table})
    features = FeatureEncoder.fitted(known).encode(known)[place]
    settings = {"epochs": "2"} | ({} if model == "pinsage" else {"inputs": "features"})
    request = TrainingRequest(model, settings, refit=False)
    material = TrainingData(events, features=NodeFeatures(items=features))
    result = experiment.run(material, request, folder / "states")
    print(result.embeddings.items.shape)


def with_server(given: argparse.Namespace) -> None:
    items, late, events = (given.home / f"{name}.parquet" for name in ("items", "late", "events"))
    write_items(late, range(given.items, given.items + TASTES), given.width)
    step("start of the server", "engine", "db", "start")
    try:
        if not given.loaded:
            step(
                "ingest of events and items", "engine", "ingest", str(events), "--items", str(items)
            )
        for _ in range(2):
            alike("similar --by content, all compared", "i7", "--by", "content")
        step("graph build content", "engine", "graph", "build", "content")
        for _ in range(2):
            alike("similar --by content, indexed", "i7", "--by", "content")
        settings = ["--set", "epochs=1", "--model", given.model]
        if given.model != "pinsage":
            settings += ["--set", "inputs=features"]
        step(f"train {given.model}, 3 times an epoch", "engine", "train", "--no-ranker", *settings)
        step("publish", "engine", "publish")
        step("ingest of 50 new items", "engine", "ingest", "--items", str(late))
        alike("similar to a new one, by embedding", f"i{given.items + 7}")
        store = sum(file.stat().st_size for file in given.home.rglob("*") if file.is_file())
        print(f"everything under the home: {store:,} bytes")
    finally:
        step("stop of the server", "engine", "db", "stop")


def alike(name: str, item: str, *how: str) -> None:
    """Ask for the items like one, and count those of its taste."""
    found = json.loads(step(name, "engine", "similar", item, *how, "--json"))
    taste = int(item[1:]) % TASTES
    right = sum(int(one["id"][1:]) % TASTES == taste for one in found["items"])
    print(f"  {right} of {len(found['items'])} are of its taste")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=4_096)
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--model", default="pinsage")
    parser.add_argument("--home", type=Path, required=True, help="a folder with room for the store")
    parser.add_argument("--without-server", action="store_true")
    parser.add_argument("--loaded", action="store_true", help="the server's graph has all of it")
    parser.add_argument("--part", choices=("read", "train"), help="one part, in this process")
    given = parser.parse_args()
    if given.part == "read":
        return read_and_judge(given.home)
    if given.part == "train":
        return train_on_vectors(given.home, given.model, given.width)
    os.environ["ENGINE_HOME"] = str(given.home)
    given.home.mkdir(parents=True, exist_ok=True)
    items, events = given.home / "items.parquet", given.home / "events.parquet"
    if not given.loaded:
        write_items(items, range(given.items), given.width)
        write_events(events, given.items, given.users, given.events)
    size = items.stat().st_size
    print(f"{given.items} items of {given.width} numbers: {size:,} bytes", flush=True)
    if not given.without_server:
        return with_server(given)
    own = ["benchmarks.dense_features", "--home", str(given.home), "--width", str(given.width)]
    step("reading and judging all rows", *own, "--part", "read")
    step(f"train {given.model}, 2 times 2 epochs", *own, "--part", "train", "--model", given.model)
    return None


if __name__ == "__main__":
    main()
