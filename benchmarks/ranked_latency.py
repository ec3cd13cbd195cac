"""Lists of a ranker at a fixed rate, part by part, and for everybody.

    python -m benchmarks.ranked_latency HOME [--rate 50] [--seconds 30]

HOME is a home whose generation in service has a ranker. Open loop: a list is asked for when it is
due, whether or not those before are answered. Users are drawn by how often they came.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from engine import config
from engine.answering import answers, export
from engine.connections.session import open_graph
from engine.graph import census, stored_rankers
from engine.graph.lists.candidate_query import ask_candidates
from engine.graph.lists.question import Question
from engine.graph.pulling import pull
from engine.ranking.candidate_features import features
from engine.store.graph_client import GraphClient

_THREADS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    with open_graph(config.load(home=given.home)) as graph:
        events = pull.pull_interactions(graph)
        draw = np.random.default_rng(0)
        count = int(given.rate * given.seconds)
        users = [events.users.ids[row] for row in draw.choice(events.user, count)]
        for name, question in (
            ("new items only", Question(k=20)),
            ("seen items allowed", Question(k=20, exclude_seen=False)),
        ):
            answers.recommend(graph, users[0], question)
            for user in users[:200]:  # plans and caches
                answers.recommend(graph, user, question)
            _parts(graph, users[:200], question)
            _alone(name, lambda user, q=question: answers.recommend(graph, user, q), users[:200])
            _open_loop(
                name, lambda user, q=question: answers.recommend(graph, user, q), users, given.rate
            )
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            done = export.recommend_all(graph, Path(folder) / "lists.parquet", Question(k=20))
            seconds = time.perf_counter() - began
            print(f"--all: {done.users / seconds:.0f} users/s, {done.users} users")


def _parts(graph: GraphClient, users: list[str], question: Question) -> None:
    """Print where the time of one list goes, nothing else being asked."""
    number = census.serving_generation(graph)
    ranker = None if number is None else stored_rankers.read(graph, number)
    if number is None or ranker is None:
        raise SystemExit("the generation in service has no ranker")
    spent = []
    for user in users:
        times = [time.perf_counter()]
        asked = ask_candidates(graph, [user], question, number)
        times.append(time.perf_counter())
        matrix = features(asked.table)
        times.append(time.perf_counter())
        ranker.score(matrix)
        times.append(time.perf_counter())
        spent.append([*np.diff(times) * 1_000, len(matrix)])
    query, feature, trees, rows = np.median(spent, axis=0)
    print(
        f"  median of parts: query and columns {query:.1f} ms, features {feature:.1f} ms, "
        f"trees {trees:.1f} ms, of {rows:.0f} candidates"
    )


def _alone(name: str, ask: Callable[[str], object], users: list[str]) -> None:
    spent = []
    for user in users:
        began = time.perf_counter()
        ask(user)
        spent.append(1_000 * (time.perf_counter() - began))
    print(f"{name}, one after the other: {_percentiles(spent)}", flush=True)


def _open_loop(name: str, ask: Callable[[str], object], users: list[str], rate: float) -> None:
    spent = [0.0] * len(users)
    start = time.perf_counter() + 0.1

    def one(number: int) -> None:
        ask(users[number])
        spent[number] = 1_000 * (time.perf_counter() - (start + number / rate))

    with ThreadPoolExecutor(_THREADS) as pool:
        for number in range(len(users)):
            time.sleep(max(0.0, start + number / rate - time.perf_counter()))
            pool.submit(one, number)
    print(f"{name}, {rate:g} requests/s: {_percentiles(spent)}", flush=True)


def _percentiles(spent: list[float]) -> str:
    middle, high, highest = np.percentile(spent, [50, 95, 99])
    return f"median {middle:.1f} ms, p95 {high:.1f} ms, p99 {highest:.1f} ms"


if __name__ == "__main__":
    main()
