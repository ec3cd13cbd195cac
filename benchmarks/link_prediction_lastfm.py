"""Hide a fifth of Last.fm's friendships and find them again: the methods of ``recommend-users``.

ENGINE_NEO4J_URI=... ENGINE_NEO4J_PASSWORD=... python -m benchmarks.link_prediction_lastfm \
    FOLDER [SEEDS]

FOLDER holds trustnetwork.txt.gz (user user) and data1.txt.gz (user item count). What is in the
graph is replaced. Every method answers through its Cypher statement; the vectors are those of the
engine's own model, trained on who listens to what, friendships unseen.
"""

import gzip
import sys
import time
from pathlib import Path
from typing import Any

import neo4j
import numpy as np

from benchmarks import gowalla
from engine.data.vocabulary import Vocabulary
from engine.errors import NotFound
from engine.evaluation import link_prediction
from engine.evaluation.link_prediction import FriendshipSplit, PairScorer
from engine.graph import embeddings
from engine.graph.lists import people
from engine.graph.lists.people import PeopleMethod
from engine.store.graph_client import GraphClient

_K = 20
_FRIENDS = """
UNWIND $pairs AS pair
MATCH (a:User {id: pair[0]}), (b:User {id: pair[1]})
CREATE (a)-[:TRUSTS {key: pair[0] + ' ' + pair[1], batch: 1}]->(b)
"""
_SERVING = """
MERGE (s:Serving {name: 'default'}) MERGE (g:Generation {number: 1}) MERGE (s)-[:USES]->(g)
"""


def read(folder: Path) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the items of each user, and the friendships."""
    listens: dict[str, list[str]] = {}
    with gzip.open(folder / "data1.txt.gz", "rt", encoding="utf-8") as file:
        for line in file:
            user, item, *_ = line.split()
            listens.setdefault(user, []).append(item)
    with gzip.open(folder / "trustnetwork.txt.gz", "rt", encoding="utf-8") as file:
        pairs = [tuple(line.split()[:2]) for line in file]
    return listens, [(a, b) for a, b in pairs]


def fill(client: GraphClient, listens: dict[str, list[str]], friends: list[list[str]]) -> None:
    """Replace what is in the graph."""
    goal = client.target
    auth = (goal.user, goal.password)
    with neo4j.GraphDatabase.driver(goal.uri, auth=auth) as driver, driver.session() as session:
        run: Any = session.run
        run("MATCH (n) CALL (n) {DETACH DELETE n} IN TRANSACTIONS OF 5000 ROWS").consume()
    gowalla.load(client, listens)
    with neo4j.GraphDatabase.driver(goal.uri, auth=auth) as driver, driver.session() as session:
        run = session.run
        everyone = sorted({user for pair in friends for user in pair})
        run("UNWIND $ids AS id MERGE (:User {id: id})", ids=everyone).consume()
        for start in range(0, len(friends), 5_000):
            run(_FRIENDS, pairs=friends[start : start + 5_000]).consume()
        run(_SERVING).consume()


def asked(client: GraphClient, users: Vocabulary, by: PeopleMethod) -> PairScorer:
    """Return a scorer that asks the graph about each user; who is not named scores 0."""

    def score(rows: np.ndarray) -> np.ndarray:
        scores = np.full((len(rows), len(users)), -2.0 if by == "embedding" else 0.0)
        for at, row in enumerate(rows):
            try:
                found = people.recommend(client, users.ids[row], "TRUSTS", by, 10_000)
            except NotFound:  # no friend is left, or no vector
                continue
            scores[at, users.positions(one.id for one in found)] = [one.score for one in found]
        return scores

    return score


def main() -> None:
    folder = Path(sys.argv[1])
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    listens, friends = read(folder)
    users = Vocabulary(sorted(set(listens) | {user for pair in friends for user in pair}))
    edges = np.array([users.positions(pair) for pair in friends])
    vectors = gowalla.lightgcn(listens)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        split = link_prediction.hide(edges, len(users), 0.2, rng)
        known = [[users.ids[a], users.ids[b]] for a, b in split.known]
        with GraphClient(gowalla.target()) as client:
            fill(client, listens, known)
            embeddings.write(client, "User", 1, vectors.users, vectors.user_vectors)
            methods: dict[str, PairScorer] = {
                "random": link_prediction.random_scores(len(users), rng),
                "most friends": link_prediction.degree_scores(split),
                **{by: asked(client, users, by) for by in people.STATEMENTS},
            }
            print(
                f"seed {seed}: {len(users)} users, {len(split.known)} friendships known, "
                f"{len(split.hidden)} hidden"
            )
            for name, scorer in methods.items():
                _report(name, split, scorer, rng)


def _report(
    name: str, split: FriendshipSplit, scorer: PairScorer, rng: np.random.Generator
) -> None:
    began = time.perf_counter()
    found = link_prediction.evaluate(split, scorer, _K, rng)
    seconds = time.perf_counter() - began
    print(
        f"  {name:20} recall@{_K} {found.recall:.4f}  ndcg@{_K} {found.ndcg:.4f}  "
        f"AUC {found.auc:.4f}  ({found.users} users, {seconds:.0f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
