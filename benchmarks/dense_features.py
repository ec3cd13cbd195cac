"""Vectors of thousands of numbers: load, pull, train, find alike, place; seconds and memory.

    python -m benchmarks.dense_features --items 50000 --width 4096
    python -m benchmarks.dense_features --items 10000 --width 1024 --model graphsage

writes a Parquet file of made-up vectors (tastes with noise) and events of users who have a taste,
and runs ``engine`` in a process for each step, on a Neo4j of its own under ``--home``. Each line
gives the seconds of a step and the most memory that its process had; the last ones what a list by
content takes, and what new items cost.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
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
            made = centres[rows % TASTES] + 2 * noise.normal(size=(len(rows), width))
            offsets = pa.array(np.arange(len(rows) + 1) * width, pa.int32())
            lists = pa.ListArray.from_arrays(offsets, pa.array(made.astype(np.float32).reshape(-1)))
            names = [f"i{row}" for row in rows]
            file.write_table(pa.table([names, names, lists], schema=schema))


def write_events(path: Path, items: int, users: int, events: int) -> None:
    """Write users who have what is to their taste."""
    rng = np.random.default_rng(2)
    user = rng.integers(users, size=events)
    item = TASTES * rng.integers(items // TASTES, size=events) + user % TASTES
    at = 1_700_000_000 + np.arange(events)
    columns = {
        "user_id": [f"u{one}" for one in user],
        "item_id": [f"i{one}" for one in item],
        "timestamp": at,
    }
    pyarrow.parquet.write_table(pa.table(columns), path)


def step(name: str, *arguments: str) -> str:
    """Run ``engine ARGUMENTS`` and print what it took; return what it printed."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "engine", *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    text = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        raise SystemExit(f"engine {' '.join(arguments)} ended with {status}\n{text}")
    spent = usage.ru_utime + usage.ru_stime
    print(
        f"{name:34} {seconds:8.1f} s, {spent:7.1f} s of processor, "
        f"{usage.ru_maxrss / 1024:7.0f} MiB at most",
        flush=True,
    )
    return text


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=4_096)
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--model", default="pinsage")
    parser.add_argument("--home", type=Path, required=True, help="a folder with room for the store")
    given = parser.parse_args()
    os.environ["ENGINE_HOME"] = str(given.home)
    given.home.mkdir(parents=True, exist_ok=True)
    items, late, events = (given.home / f"{name}.parquet" for name in ("items", "late", "events"))
    write_items(items, range(given.items), given.width)
    write_events(events, given.items, given.users, given.events)
    write_items(late, range(given.items, given.items + TASTES), given.width)
    print(
        f"{given.items} items of {given.width} numbers: {items.stat().st_size:,} bytes", flush=True
    )
    step("start of the server", "db", "start")
    try:
        step("ingest of events and items", "ingest", str(events), "--items", str(items))
        step("the same file again", "ingest", "--items", str(items))
        settings = ["--set", "epochs=2"]
        if given.model != "pinsage":
            settings += ["--set", "inputs=features"]
        step(
            f"train {given.model}, 3 times 2 epochs", "train", "--model", given.model, "--no-ranker",
            *settings,
        )  # fmt: skip
        step("publish", "publish")
        found = json.loads(
            step("similar --by content", "similar", "i7", "--by", "content", "--json")
        )
        right = sum(int(one["id"][1:]) % TASTES == 7 for one in found["items"])
        print(f"  {right} of {len(found['items'])} are of its taste")
        step("ingest of 50 new items", "ingest", "--items", str(late))
        near = json.loads(step("similar to a new one", "similar", f"i{given.items + 7}", "--json"))
        right = sum(int(one["id"][1:]) % TASTES == 7 for one in near["items"])
        print(f"  {right} of {len(near['items'])} are of its taste")
        store = sum(file.stat().st_size for file in given.home.rglob("*") if file.is_file())
        print(f"everything under the home: {store:,} bytes")
    finally:
        step("stop of the server", "db", "stop")


if __name__ == "__main__":
    main()
