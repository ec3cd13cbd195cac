"""A filter on Gowalla as it is served: built, written, and every list asked of Neo4j.

    python -m benchmarks.filters_gowalla gowalla/ [--model chebyshev] [--set edges=200] [--home DIR]

All users of the test part get their lists by ``cypher/recommend``, then some get theirs one by one.
Also told: seconds of building and writing, memory and disk. DIR is kept, with its graph, for
another run.
"""

import argparse
import resource
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks import gowalla
from engine.config import Settings
from engine.connections.database import ensure_local, local_server
from engine.connections.session import open_graph
from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import configure
from engine.data.reading.adjacency_lists import read_split
from engine.evaluation import ranking
from engine.evaluation.ranking import RankingTask
from engine.graph.lists import ranked
from engine.graph.lists.question import Question
from engine.models import PLAIN
from engine.models.closed_form import ClosedFormModel
from engine.store.graph_client import GraphClient
from engine.training import checkpoint, seed
from engine.training.checkpoint import TrainedModel
from engine.usecases.modelling import publish

_AT_ONCE, _ALONE = 200, 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="chebyshev")
    parser.add_argument("--set", dest="settings", action="append", default=[])
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    parts = read_split(given.folder)
    question = ranking.task(parts.earlier, parts.later, include_seen=False)
    with ExitStack() as stack:
        home = given.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(home=home)
        ensure_local(settings)
        stack.callback(local_server(settings).stop)
        graph = stack.enter_context(open_graph(settings))
        gowalla.load(graph, _lists(parts.earlier))
        texts = dict(one.split("=", 1) for one in given.settings)
        trained = _trained(given.model, texts, parts.earlier)
        path = home / "filter.pt"
        checkpoint.save(path, trained)
        before, began = _bytes(home), time.perf_counter()
        published = publish(settings, path=path)
        gowalla.timed(f"published, {published.items} items, {published.edges} edges at most", began)
        grown, arrays = (_bytes(home) - before) / 2**20, _bytes(home, "*.arrays") / 2**20
        print(f"store and logs grew by {grown:.0f} MiB; arrays {arrays:.0f} MiB", flush=True)
        _judge(graph, trained, question)
        _alone(graph, parts.earlier)


def _lists(known: Interactions) -> dict[str, list[str]]:
    rows = known.csr(binary=True)
    ids = np.array(known.items.ids)
    return {
        id_: ids[rows.indices[rows.indptr[row] : rows.indptr[row + 1]]].tolist()
        for row, id_ in enumerate(known.users.ids)
    }


def _trained(name: str, texts: dict[str, str], known: Interactions) -> TrainedModel:
    began = time.perf_counter()
    config = configure(PLAIN[name].config, texts)
    method = PLAIN[name].build(known, config, seed.generator(0, "start"))
    found = ClosedFormModel(method, known, config).encode()
    gowalla.timed(f"{name} built", began)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    return TrainedModel(
        user_vectors=found.users,
        item_vectors=found.items,
        edges=found.edges,
        users=known.users,
        items=known.items,
        scoring="dot",
        popularity_weight=0.0,
        again_weight=0.0,
        half_life_days=120.0,
        model=name,
        settings=vars(config),
    )


def _judge(graph: GraphClient, trained: TrainedModel, question: RankingTask) -> None:
    users = [trained.users.ids[row] for row in question.users]
    began = time.perf_counter()
    lists: list[Int64Array] = []
    for first in range(0, len(users), _AT_ONCE):
        for one in ranked.for_users(graph, users[first : first + _AT_ONCE], Question(k=20)):
            rows = trained.items.positions([item.id for item in one.items])
            lists.append(np.pad(rows, (0, 20 - len(rows)), constant_values=-1))
    seconds = time.perf_counter() - began
    means = ranking.measure(question, np.array(lists), (20,)).means
    print(
        f"as served, {len(users)} users: recall@20 {means['recall@20']:.4f}, ndcg@20 "
        f"{means['ndcg@20']:.4f}; {len(users) / seconds:.0f} users/s",
        flush=True,
    )


def _alone(graph: GraphClient, known: Interactions) -> None:
    draw = np.random.default_rng(1)
    for what in ("warm-up", "one list at a time"):
        seconds = []
        for row in draw.choice(known.n_users, _ALONE, replace=False):
            began = time.perf_counter()
            ranked.for_users(graph, [known.users.ids[row]], Question(k=20))
            seconds.append(time.perf_counter() - began)
        middle, high = np.percentile(np.array(seconds) * 1_000, [50, 95])
        print(f"{what}: median {middle:.1f} ms, p95 {high:.1f} ms over {_ALONE} users", flush=True)


def _bytes(home: Path, names: str = "*") -> int:
    return sum(path.stat().st_size for path in home.rglob(names) if path.is_file())


if __name__ == "__main__":
    main()
