"""Publish vectors of 512 numbers, scored by dot product, on a Neo4j of its own: seconds.

    python -m benchmarks.publish_wide random --home FOLDER
    python -m benchmarks.publish_wide gowalla train.txt.gz --home FOLDER

``random``: 17,632 items around 200 tastes, the last half of the numbers noise; ``gowalla``: the
leading singular vectors of Gowalla's 17,632 most popular items. ``JAVA_HOME`` says which Java the
server runs on. The index of users is built too, as a publish does.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from scipy import sparse

from benchmarks import gowalla
from engine.config import Settings
from engine.data.arrays import Float32Array
from engine.data.vocabulary import Vocabulary
from engine.models.spectral import randomised_svd
from engine.publishing import index_sample
from engine.store.graph_client import GraphClient
from engine.store.local_server import LocalServer
from engine.training import checkpoint
from engine.training.checkpoint import TrainedModel
from engine.usecases.modelling import publish

TASTES = 200
EVENTS = 20


def random_vectors(users: int, items: int, width: int) -> tuple[Float32Array, Float32Array]:
    """Return made-up vectors: half of the numbers by taste, with a popularity, and noise."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(TASTES, width // 2))
    found = []
    for count in (users, items):
        taste = centres[rng.integers(TASTES, size=count)]
        near = taste + 0.5 * rng.normal(size=taste.shape)
        noise = 0.3 * rng.normal(size=(count, width - near.shape[1]))
        length = rng.lognormal(0.0, 0.3, size=(count, 1))
        found.append((np.column_stack([near, noise]) * length).astype(np.float32))
    return found[0], found[1]


def spectral_vectors(
    path: Path, users: int, items: int, width: int
) -> tuple[dict[str, list[str]], TrainedModel]:
    """Return events of some users on the most popular items, and their singular vectors."""
    edges = gowalla.adjacency(path)
    ids = [item for had in edges.values() for item in had]
    names, counts = np.unique(ids, return_counts=True)
    kept = Vocabulary([str(one) for one in names[np.argsort(-counts, kind="stable")[:items]]])
    edges = {user: [one for one in had if one in kept] for user, had in edges.items()}
    edges = {user: had for user, had in edges.items() if had}
    rows = np.repeat(np.arange(len(edges)), [len(had) for had in edges.values()])
    cols = kept.positions([one for had in edges.values() for one in had])
    shape = (len(edges), len(kept))
    cells = sparse.csr_array((np.ones(len(rows), np.float32), (rows, cols)), shape=shape)
    by_user, by_item = (np.maximum(cells.sum(axis=axis), 1) ** -0.4 for axis in (1, 0))
    cells = sparse.csr_array(cells.multiply(by_user[:, None]).multiply(by_item[None, :]))
    left, values, right = randomised_svd(cells, width, np.random.default_rng(0))
    root = np.sqrt(values).astype(np.float32)
    chosen = np.random.default_rng(1).permutation(len(edges))[:users]
    known = list(edges)
    own = {known[row]: edges[known[row]] for row in chosen}
    return own, model_of(left[chosen] * root, right * root, list(own), list(kept.ids))


def model_of(
    users: Float32Array, items: Float32Array, user_ids: list[str], item_ids: list[str]
) -> TrainedModel:
    """Return a model that scores by dot product."""
    found = (users.astype(np.float32), items.astype(np.float32))
    ids = (Vocabulary(user_ids), Vocabulary(item_ids))
    return TrainedModel(*found, *ids, "dot", 0.0, 0.0, 30.0, "wide")


def made_up(users: int, items: int, width: int) -> tuple[dict[str, list[str]], TrainedModel]:
    """Return users with what they like best, all items had by somebody, and the vectors."""
    user, item = random_vectors(users, items, width)
    names = [f"i{one}" for one in range(items)]
    best = np.argpartition(-(user @ item.T), EVENTS, axis=1)[:, :EVENTS]
    own = {f"u{row}": [names[one] for one in had] for row, had in enumerate(best)}
    for at, name in enumerate(names):  # so that none is missing from the graph
        own[f"u{at % users}"].append(name)
    own = {user_id: list(dict.fromkeys(had)) for user_id, had in own.items()}
    return own, model_of(user, item, list(own), names)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", choices=("random", "gowalla"))
    parser.add_argument("file", type=Path, nargs="?", help="Gowalla's train.txt.gz")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--users", type=int, default=5_000)
    parser.add_argument("--items", type=int, default=17_632)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument(
        "--without-sample", action="store_true", help="try every setting on the whole index"
    )
    given = parser.parse_args()
    sizes = (given.users, given.items, given.width)
    edges, trained = (
        made_up(*sizes) if given.data == "random" else spectral_vectors(given.file, *sizes)
    )
    given.home.mkdir(parents=True, exist_ok=True)
    checkpoint.save(given.home / "model.pt", trained)
    server = LocalServer(given.home / "neo4j")
    target = server.start()
    try:
        with GraphClient(target) as client:
            gowalla.load(client, edges)
        if given.without_sample:
            index_sample.ITEMS = given.items
        report_publish(Settings(home=given.home), given.home / "model.pt", server)
    finally:
        server.stop()


def report_publish(settings: Settings, path: Path, server: LocalServer) -> None:
    """Publish, and print each stage as it begins: seconds, and those of the server's processor."""
    state = server.running()
    assert state is not None
    process = psutil.Process(state.pid)
    began, worked = time.perf_counter(), sum(process.cpu_times()[:2])
    print(state.java, "with vector instructions" if state.vector else "without them")
    last: list[Any] = [None]

    def report(stage: str, _done: int = 0, _all: int | None = None) -> None:
        if stage != last[0]:
            used = sum(process.cpu_times()[:2]) - worked
            print(f"{time.perf_counter() - began:7.1f} s, {used:6.1f}: {stage}", flush=True)
            last[0] = stage

    published = publish(settings, path=path, report=report)
    report("done")
    print(published, flush=True)


if __name__ == "__main__":
    main()
