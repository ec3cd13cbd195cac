"""Every list in two checkouts, asked in turns of one server: the ratio of their times.

Two processes, one for each checkout, answer the same questions about the same graph; which of them
is asked first changes with every question, so that whatever else the machine does meets both alike.
Printed for each list: the median of both, and the median of the ratios with the interval that holds
it with 95 % (from the order statistics). *narrow* asks for one value of an attribute that few items
have, so that most lists are filled from the whole catalogue. The demonstration's data is enough:

    engine --home HOME demo
    engine --home HOME graph build sequential
    engine --home HOME graph build co-occurrence
    python -m benchmarks.list_latency HOME ../checkout-before . [rounds]

*bulk* is the time of ``recommend --all`` for some pages of users.
"""

import importlib.util
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

PERSONAL = ("for-you", "because", "again", "next", "people", "trending", "popular")
SIMILAR = ("embedding", "bought-together", "next", "attributes")
NARROW = {"department": ["PASTRY"]}
WARM = 30
BULK_USERS = 25


class Checkout:
    """A process that answers from one checkout."""

    def __init__(self, folder: Path, home: Path) -> None:
        code = f"import sys; sys.path.insert(0, {str(folder.resolve())!r}); import runpy; "
        code += f"runpy.run_path({str(Path(__file__).resolve())!r}, run_name='__answer__')"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, str(home)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in: IO[str] = self._process.stdin
        self._out: IO[str] = self._process.stdout

    def ask(self, **question: Any) -> Any:
        """Return what the process answers to a question."""
        self._in.write(json.dumps(question) + "\n")
        self._in.flush()
        return json.loads(self._out.readline())

    def close(self) -> None:
        """End the process."""
        self._in.close()
        self._process.wait()


def answer() -> None:
    """Answer questions from standard input: milliseconds each, or ids of users and items."""
    from engine.answering.sources import Sources
    from engine.config import Settings
    from engine.connections.session import open_graph
    from engine.errors import EngineError
    from engine.graph import browsing
    from engine.graph.lists import recommendations
    from engine.graph.lists.question import Question

    # An older checkout has the same two functions elsewhere.
    older = importlib.util.find_spec("engine.answering.recommend") is not None
    lists = importlib.import_module(f"engine.answering.{'recommend' if older else 'answers'}")
    users: Any = browsing if hasattr(browsing, "users_after") else recommendations
    recommend = lists.recommend_with if older else lists.recommend
    similar = lists.similar_with if older else lists.similar

    def made(asked: dict[str, Any], question: Question) -> Any:
        if asked["what"] == "bulk":
            return recommendations.for_users(graph, asked["users"], question)
        if asked["what"] == "similar":
            return similar(graph, asked["item"], question, asked["user"], asked["by"])
        return recommend(graph, asked["user"], question, Sources(asked["by"]))

    with open_graph(Settings(home=Path(sys.argv[1]))) as graph:
        for line in sys.stdin:
            asked = json.loads(line)
            if asked["what"] == "users":
                print(json.dumps(users.users_after(graph, "", 100_000)), flush=True)
                continue
            question = Question(k=asked["k"], filters=asked["filters"])
            began, said = time.perf_counter(), ""
            items: list[str] = []
            try:
                found = made(asked, question)
                items = [one.id for one in getattr(found, "items", ())]
            except EngineError as error:
                said = error.message
            ms = 1_000 * (time.perf_counter() - began)
            print(json.dumps({"ms": ms, "said": said, "items": items}), flush=True)


def questions(users: list[str], item: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each list with its questions, one for each user."""
    for narrow in (False, True):
        more = {"k": 10, "filters": NARROW if narrow else {}}
        end = ", narrow" if narrow else ""
        for by in PERSONAL:
            yield by + end, [{"what": "list", "by": by, "user": user, **more} for user in users]
        for by in SIMILAR:
            asked = {"what": "similar", "by": by, "item": item, **more}
            yield f"similar {by}{end}", [{**asked, "user": user} for user in users]
    pages = [users[at : at + BULK_USERS] for at in range(0, len(users), BULK_USERS)]
    bulk = {"what": "bulk", "k": 10, "filters": {}}
    yield f"bulk, {BULK_USERS} users", [{**bulk, "users": page} for page in pages * 4]


def compared(before: Checkout, after: Checkout, asked: list[dict[str, Any]]) -> str:
    """Ask both each question, in turns, and return what is printed of a list."""
    times: list[tuple[float, float]] = []
    said = ""
    for n, question in enumerate(asked[:WARM] + asked):
        order = (before, after) if n % 2 else (after, before)
        found = {one: one.ask(**question) for one in order}
        said = found[after]["said"] or said
        if n >= min(WARM, len(asked)):
            times.append((found[before]["ms"], found[after]["ms"]))
    both = np.array(times)
    ratios = np.sort(both[:, 1] / both[:, 0])
    half = 0.98 * math.sqrt(len(ratios))
    low, high = (int(len(ratios) / 2 + sign * half) for sign in (-1, 1))
    old, new = np.median(both, axis=0)
    ends = ratios[max(low, 0)], ratios[min(high, len(ratios) - 1)]
    text = f"{old:7.1f} ms {new:7.1f} ms  x{np.median(ratios):.2f} [{ends[0]:.2f}, {ends[1]:.2f}]"
    return text + (f"  ({said})" if said else "")


def main() -> None:
    """Compare two checkouts."""
    home, folders = Path(sys.argv[1]).resolve(), [Path(one) for one in sys.argv[2:4]]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 100
    before, after = (Checkout(folder, home) for folder in folders)
    known = after.ask(what="users")
    users = [str(one) for one in np.random.default_rng(0).choice(known, rounds, replace=False)]
    item = after.ask(what="list", by="popular", user=users[0], k=1, filters={})["items"][0]
    print(f"{'':28s}   before     after   after / before", flush=True)
    for name, asked in questions(users, item):
        print(f"{name:28s} {compared(before, after, asked)}", flush=True)
    for one in (before, after):
        one.close()


if __name__ == "__answer__":
    answer()
elif __name__ == "__main__":
    main()
