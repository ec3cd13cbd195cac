"""Time from an ingest's commit to the first answer that shows it: an event, a new user, a new item.

    python -m benchmarks.visible train.txt.gz [ROUNDS]

With ENGINE_NEO4J_URI and ENGINE_NEO4J_PASSWORD set. On Gowalla with a LightGCN in service, which is
published where nothing serves. The clock starts when the load has returned (for an item: when its
facts are committed, before it is placed) and stops with the first answer in which the bought item
is missing, the new user's list is their own, the new item is listed. Besides: what a load takes.
The first of each stands apart: a server that was just started plans its statements for it.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import gowalla
from engine.answering.answers import similar
from engine.config import Settings
from engine.connections.session import open_registry
from engine.graph.lists import recommendations
from engine.graph.lists.question import Question
from engine.loading.ingest import ingest
from engine.loading.load import IngestRequest
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training import checkpoint
from engine.usecases.modelling import publish

_LONGEST_SECONDS = 10.0


def wait_for(seen: Callable[[], bool]) -> float:
    """Ask until it is seen; return the milliseconds."""
    began = time.perf_counter()
    while not seen():
        if time.perf_counter() - began > _LONGEST_SECONDS:
            raise SystemExit("not visible within ten seconds")
    return 1_000 * (time.perf_counter() - began)


class Shop:
    """A graph with a model in service, and the home of its registry."""

    def __init__(self, client: GraphClient, registry: Registry, home: Path) -> None:
        self.client, self.registry, self.home = client, registry, home
        self.loads: list[float] = []
        self._now = time.time()

    def buy(self, user: str, item: str) -> None:
        self._now += 1
        file = self.home / "event.jsonl"
        event = {"user_id": user, "item_id": item, "event": "buy", "timestamp": self._now - 86_400}
        file.write_text(json.dumps(event) + "\n", encoding="utf-8")
        began = time.perf_counter()
        ingest(self.client, self.registry, IngestRequest(events=file, bulk=False), self.home)
        self.loads.append(1_000 * (time.perf_counter() - began))

    def known(self, user: str) -> float:
        bought = self._list(user).items[0].id
        self.buy(user, bought)
        return wait_for(lambda: bought not in {one.id for one in self._list(user).items})

    def new(self, name: str, item: str) -> float:
        self.buy(name, item)
        return wait_for(lambda: self._list(name).basis.served == "folded-in")

    def item(self, name: str, like: str) -> float:
        """Give an item and a new one a rare fact in common: the new is listed beside the other."""
        file = self.home / "facts.csv"
        file.write_text(f"head,relation,tail\n{like},TASTES,{name}\n{name},TASTES,{name}\n")
        request = IngestRequest(facts=file, tail_type="Taste")
        committed = [0.0]  # the last part of a load that is in the graph; the item is placed after
        ingest(
            self.client,
            self.registry,
            request,
            self.home,
            lambda doing, done, total: committed.append(time.perf_counter()),
        )
        placed = 1_000 * (time.perf_counter() - committed[-1])

        def listed() -> bool:
            found = similar(self.client, like, Question(k=10))
            return name in {one.id for one in found.items}

        return placed + wait_for(listed)

    def _list(self, user: str) -> recommendations.RecommendationList:
        return recommendations.for_users(self.client, [user], Question())[0]


def told(text: str, milliseconds: list[float]) -> None:
    middle, high, most = np.percentile(milliseconds, [50, 95, 100])
    times = f"first {milliseconds[0]:.1f} ms, median {middle:.1f}, p95 {high:.1f}, most {most:.1f}"
    print(f"{text}: {times}", flush=True)


def main() -> None:
    edges = gowalla.adjacency(Path(sys.argv[1]))
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    target = gowalla.target()
    rng = np.random.default_rng(1)
    users = rng.choice(sorted(edges), rounds, replace=False).tolist()
    items = rng.choice(gowalla.item_ids(edges), rounds, replace=False).tolist()
    with GraphClient(target) as client, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(
            home=home,
            neo4j_uri=target.uri,
            neo4j_user=target.user,
            neo4j_password=target.password,
        )
        if not client.read("status/serving_generation"):
            gowalla.load(client, edges)
            checkpoint.save(home / "model.pt", gowalla.lightgcn(edges))
            publish(settings, path=home / "model.pt")
        with open_registry(settings) as registry:
            shop = Shop(client, registry, home)
            tag = str(int(time.time()))
            told("event of a known user", [shop.known(user) for user in users])
            told("new user", [shop.new(f"new-{tag}-{n}", item) for n, item in enumerate(items)])
            told("new item", [shop.item(f"item-{tag}-{n}", item) for n, item in enumerate(items)])
            told("a load of one event, whole", shop.loads)


if __name__ == "__main__":
    main()
