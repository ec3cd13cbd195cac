"""The steps of ``benchmarks.growth``, each as a person does it, and what it takes.

python -m benchmarks.growth_steps STEP HOME EPOCHS
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks.growth_data import EVENTS
from benchmarks.resident import peak

_LISTS = 50

Figures = dict[str, float]


@dataclass(frozen=True)
class Measured:
    """What a step took.

    Attributes:
        seconds: On the wall.
        processor: Processor seconds of the engine's process.
        peak: Most bytes of its resident memory.
        child_processor: Processor seconds of what it started and awaited, such as an importer.
        child_peak: Most bytes of the largest of these.
        figures: What else was measured.
    """

    seconds: float
    processor: float
    peak: int
    child_processor: float
    child_peak: int
    figures: Figures = field(default_factory=dict)


def command(home: Path, *words: str) -> None:
    """Run ``engine --home HOME WORDS`` in this process."""
    from engine.cli import cli

    with redirect_stdout(sys.stderr):
        cli.main(["--home", str(home), *words], standalone_mode=False)


def ingest(home: Path, _epochs: int) -> Figures:
    command(home, "ingest", str(home / EVENTS), "--bulk", "--json")
    return {}


def pull(home: Path, _epochs: int) -> Figures:
    from engine.config import load
    from engine.connections.session import open_graph
    from engine.graph.pulling.pull import pull_interactions

    with open_graph(load(home=home)) as graph:
        events = pull_interactions(graph)
    columns = (events.user, events.item, events.weight, events.at, events.event)
    sizes = {"users": events.n_users, "items": events.n_items, "pulled": len(events)}
    return {"column_bytes": sum(one.nbytes for one in columns), **sizes}


def train(home: Path, epochs: int) -> Figures:
    command(home, "train", "--set", f"epochs={epochs}", "--no-ranker", "--json")
    return {}


def publish(home: Path, _epochs: int) -> Figures:
    command(home, "publish", "--json")
    return {}


def listed(home: Path, _epochs: int) -> Figures:
    """Ask for the lists of some users, evenly spread, after as many that warm up."""
    import engine

    users = pl.scan_parquet(home / EVENTS).select(pl.col("user_id").unique().sort()).collect()
    chosen = users["user_id"].gather_every(max(1, len(users) // (2 * _LISTS))).to_list()
    took = []
    with engine.connect(home=home, progress=False) as connected:
        for user in chosen[: 2 * _LISTS]:
            began = time.perf_counter()
            connected.recommend(user)
            took.append(1000 * (time.perf_counter() - began))
    warm = sorted(took[len(took) // 2 :])
    return {"median_ms": median(warm), "p95_ms": warm[int(0.95 * len(warm))], "first_ms": took[0]}


def everybody(home: Path, _epochs: int) -> Figures:
    out = home / "lists.parquet"
    out.unlink(missing_ok=True)
    command(home, "recommend", "--all", "--out", str(out))
    return {"list_bytes": out.stat().st_size}


STEPS: dict[str, Callable[[Path, int], Figures]] = {
    "ingest": ingest,
    "pull": pull,
    "train": train,
    "publish": publish,
    "list": listed,
    "all": everybody,
}


def main(step: str, home: Path, epochs: int) -> None:
    """Do a step and print what it took as JSON."""
    began, worked = time.perf_counter(), time.process_time()
    figures = STEPS[step](home, epochs)
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = (children.ru_utime + children.ru_stime, children.ru_maxrss * 1024)
    print(json.dumps(asdict(Measured(seconds, processor, peak(), *child, figures))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
