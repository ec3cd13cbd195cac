"""Two layouts of remembered lists: how fast they are written and read, and what they take on disk.

    python -m benchmarks.remembered_lists bolt://127.0.0.1:7687 --container neo4j --lists 100000

*arrays* is what the engine writes: items and sources are lists of text on the ``:List`` node.
*edges* has a relationship with position and source to each item. The server is emptied. It prints a
row for each layout, measured one after the other on the same graph, each with users and with a year
of its own; nothing is removed between them, as what was removed would hide what is added.
"""

import argparse
import contextlib
import os
import random
import subprocess
import time
from collections.abc import Callable
from itertools import accumulate
from statistics import median

import neo4j

from engine.data.list_id import first_list_id
from engine.graph import outcome_sums, remembered_lists
from engine.graph.outcome_sums import ListsOfTime
from engine.graph.remembered_lists import RememberedList
from engine.store import graph_schema
from engine.store.graph_client import GraphClient, Neo4jTarget

USERS, ITEMS, LENGTH, TOGETHER, LOOKS = 20_000, 10_000, 20, 100, 300
WEEK = 7 * 86_400_000
YEARS = {"arrays": 1_750_000_000_000, "edges": 1_790_000_000_000}
_EDGES = """
UNWIND $lists AS one
MERGE (l:List {id: one.id})
ON CREATE SET l += one.properties
WITH l, one
CALL (l, one) {
  UNWIND range(0, size(one.items) - 1) AS place
  MATCH (i:Item {id: one.items[place]})
  CREATE (l)-[:SHOWED {position: place + 1, source: one.sources[place]}]->(i)
}
WITH l, one
MATCH (u:User {id: one.user})
MERGE (u)-[:WAS_SHOWN]->(l)
"""
_NEWEST_OF_ARRAYS = """
MATCH (:User {id: $user})-[:WAS_SHOWN]->(l:List)
WHERE l.at <= $at AND $item IN l.items
RETURN l.id AS id ORDER BY l.at DESC LIMIT 1
"""
_NEWEST_OF_EDGES = """
MATCH (:User {id: $user})-[:WAS_SHOWN]->(l:List)
WHERE l.at <= $at AND EXISTS { (l)-[:SHOWED]->(:Item {id: $item}) }
RETURN l.id AS id ORDER BY l.at DESC LIMIT 1
"""
_POSITIONS_OF_EDGES = """
MATCH (l:List)-[s:SHOWED]->(i:Item)
OPTIONAL MATCH (u:User)-[:WAS_SHOWN]->(l)
OPTIONAL MATCH (u)-[r:INTERACTED {list: l.id}]->(i)
WITH s.position AS position, u, count(s) AS x, count(r) AS y
RETURN position, sum(x) AS lists, sum(y) AS events, sum(x * x) AS xx, sum(y * y) AS yy,
       sum(x * y) AS xy
"""


def made(number: int, layout: str) -> list[RememberedList]:
    """Return lists of popular items, of users who come back."""
    rng = random.Random(7)
    upto = list(accumulate(1 / (rank + 10) for rank in range(ITEMS)))
    found = []
    for n in range(number):
        at = YEARS[layout] + n * 10  # 100 a second
        items = tuple(
            f"item-{i:06d}" for i in rng.choices(range(ITEMS), cum_weights=upto, k=LENGTH)
        )
        user = f"{layout}-{int(USERS * rng.random() ** 2):06d}"
        id_ = first_list_id(at)[:-12] + f"{n:012x}"
        sources = tuple(rng.choices(("embedding", "again", "popular"), k=LENGTH))
        found.append(RememberedList(id_, at, user, "for-you", None, 3, '{"k": 20}', items, sources))
    return found


def seconds(work: Callable[[], object]) -> float:
    """Return how long work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Layout:
    """One layout on the server."""

    def __init__(self, name: str, driver: neo4j.Driver, client: GraphClient) -> None:
        self.name, self.driver, self.client = name, driver, client

    def run(self, text: str, **params: object) -> list[dict[str, object]]:
        """Run a text and return its rows."""
        with self.driver.session() as session:
            return session.run(text, params).data()  # type: ignore[arg-type]

    def write(self, lists: list[RememberedList]) -> None:
        """Write one batch."""
        if self.name == "arrays":
            remembered_lists.write(self.client, lists)
            return
        rows = [
            {
                "id": one.id, "user": one.user, "items": one.items, "sources": one.sources,
                "properties": {
                    "at": one.at, "by": one.by, "generation": one.generation, "options": one.options
                },
            }
            for one in lists
        ]  # fmt: skip
        self.run(_EDGES, lists=rows)

    def outcomes(self) -> object:
        """Return what came of the lists by position."""
        if self.name == "edges":
            return self.run(_POSITIONS_OF_EDGES)
        begin = YEARS[self.name]
        time_ = ListsOfTime(begin, begin + WEEK, WEEK, 0)
        return outcome_sums.named(self.client, time_, "position", "click")


def fill(layout: Layout) -> None:
    """Leave users and items alone."""
    layout.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")
    kinds = [("User", name, USERS) for name in YEARS] + [("Item", "item", ITEMS)]
    for label, prefix, number in kinds:
        ids = [f"{prefix}-{n:06d}" for n in range(number)]
        layout.run(f"UNWIND $ids AS id CREATE (:{label} {{id: id}})", ids=ids)


def measured(layout: Layout, lists: list[RememberedList], size: Callable[[], int]) -> str:
    """Return a row of figures."""
    before = size()
    batches = [lists[n : n + TOGETHER] for n in range(0, len(lists), TOGETHER)]
    layout.write(batches[0])  # the plan is made
    times = sorted(seconds(lambda one=one: layout.write(one)) for one in batches[1:])  # type: ignore[misc]
    rate = TOGETHER * len(times) / sum(times)
    grown = (size() - before) / len(lists) * 1e6 / (1 << 20)
    # A click on one list of fifty, named.
    rows = [[one.user, one.items[3], one.at, one.at + 1_000, one.id] for one in lists[::50]]
    layout.run(
        "UNWIND $rows AS e MATCH (u:User {id: e[0]}) MATCH (i:Item {id: e[1]}) "
        "CREATE (u)-[:INTERACTED {key: e[2], event: 'click', weight: 1.0, at: e[3], "
        "list: e[4]}]->(i)",
        rows=rows,
    )
    newest = _NEWEST_OF_ARRAYS if layout.name == "arrays" else _NEWEST_OF_EDGES
    asked = random.Random(9).sample(lists, LOOKS)
    one_look = [
        seconds(
            lambda one=one: layout.run(
                newest, user=one.user, item=one.items[5], at=YEARS[layout.name] + WEEK
            )
        )  # type: ignore[misc]
        for one in asked
    ]
    layout.outcomes()
    by_position = min(seconds(layout.outcomes) for _ in range(3))
    p95 = times[int(0.95 * len(times))]
    return (
        f"| {layout.name} | {rate:,.0f} | {1e3 * median(times):.1f} | {1e3 * p95:.1f} "
        f"| {grown:,.0f} | {1e3 * median(one_look):.1f} | {by_position:.2f} |"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("uri")
    parser.add_argument("--container", required=True, help="whose /data is measured")
    parser.add_argument("--lists", type=int, default=100_000)
    asked = parser.parse_args()
    password = os.environ["ENGINE_TEST_PASSWORD"]

    def size(driver: neo4j.Driver) -> int:
        # Community has no procedure for a checkpoint: a server that ends makes one.
        subprocess.run(["docker", "restart", "-t", "120", asked.container], check=True)
        while True:
            with contextlib.suppress(Exception):
                driver.verify_connectivity()
                break
            time.sleep(1.0)
        command = ["docker", "exec", asked.container, "du", "-sb", "/data/databases/neo4j"]
        return int(subprocess.run(command, capture_output=True, check=True).stdout.split()[0])

    target = Neo4jTarget(asked.uri, "neo4j", password, "neo4j")
    client = GraphClient(target)
    print(
        "| layout | lists/s | batch ms | p95 | MiB per million lists | newest list ms "
        "| by position s |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with (
        client,
        neo4j.GraphDatabase.driver(
            asked.uri, auth=("neo4j", password), liveness_check_timeout=0
        ) as driver,
    ):
        graph_schema.apply(client, wait_seconds=30.0)
        layouts = [Layout(name, driver, client) for name in YEARS]
        fill(layouts[0])
        for one in layouts:
            lists = made(asked.lists, one.name)
            print(measured(one, lists, lambda: size(driver)), flush=True)


if __name__ == "__main__":
    main()
