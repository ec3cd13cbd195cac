"""How each step grows with the number of events: seconds, memory and disk, a process a step.

    python -m benchmarks.growth --events 1e6 --home FOLDER --out growth.json
    python -m benchmarks.growth --events 1e6 --home FOLDER --out growth.json --steps train,publish
    python -m benchmarks.growth_figures growth.json docs/scale.svg

``--shape zipf``: a user for 50 events, an item for 500, both drawn by a power law. ``--shape
shop``: completejourney, its households as many times as the events ask for, in a copy three items
of ten replaced; needs ``pip install '.[benchmarks]'``. FOLDER becomes the ENGINE_HOME. A step needs
those before it, done in the same folder, and ``ingest`` an empty one; after one that fails, such as
one that is killed for memory, the others are left out.

Written to the file, a record a step: wall and processor seconds of the engine's process, processor
seconds of the server, the peaks of their resident memory and of the importer's, bytes of the graph
and of the home on disk.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import growth_data
from benchmarks.growth_steps import STEPS, Measured
from benchmarks.resident import Watched
from engine.store.local_server import LocalServer


@dataclass(frozen=True)
class Size:
    """How much of what.

    Attributes:
        shape: Of the data: ``zipf`` or ``shop``.
        events: As many as were asked for.
        epochs: Of each of the three trainings.
    """

    shape: str
    events: int
    epochs: int


def run(step: str, size: Size, home: Path) -> dict[str, object]:
    """Do a step in a process of its own and return what it took, that of the server beside it."""
    server = LocalServer(home / "neo4j")
    if step != "ingest":
        server.start()
    state = server.running()
    watched = Watched(state.pid) if state else None
    command = [sys.executable, "-m", "benchmarks.growth_steps", step, str(home), str(size.epochs)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return asdict(size) | {"step": step, "failed": done.returncode}
    own = Measured(**json.loads(done.stdout.splitlines()[-1]))
    beside = watched.taken() if watched else {"server_processor": 0.0, "server_peak": 0}
    disk = {"graph_bytes": server.store_bytes(), "home_bytes": growth_data.bytes_of(home)}
    return asdict(size) | {"step": step} | asdict(own) | beside | disk


def keep(path: Path, record: dict[str, object]) -> None:
    """Put a record into the file, in the place of an older one of the same step and size."""
    records = json.loads(path.read_text()) if path.exists() else []
    name = ("shape", "events", "step")
    records = [one for one in records if any(one[key] != record[key] for key in name)]
    path.write_text(json.dumps([*records, record], indent=1) + "\n")


def main() -> None:
    """Do the steps of one size, and keep what each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=lambda text: int(float(text)), required=True)
    parser.add_argument("--shape", choices=("zipf", "shop"), default="zipf")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", default=",".join(STEPS))
    given = parser.parse_args()
    size = Size(given.shape, given.events, given.epochs)
    given.home.mkdir(parents=True, exist_ok=True)
    events = given.home / growth_data.EVENTS
    if not events.exists():
        growth_data.write(size.shape, size.events, events)
    print(f"{size.events:,} events, {events.stat().st_size >> 20} MiB", flush=True)
    try:
        for step in given.steps.split(","):
            record = run(step, size, given.home)
            keep(given.out, record)
            print(json.dumps(record), flush=True)
            if "failed" in record:
                break
    finally:
        LocalServer(given.home / "neo4j").stop()


if __name__ == "__main__":
    main()
