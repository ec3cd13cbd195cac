"""A tea shop, loaded and published through the library, once for all tests of it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import engine
from engine.store.graph_client import GraphClient, Neo4jTarget

TEAS = ["black-tea", "green-tea", "white-tea"]
WARES = ["kettle", "mug", "strainer", "teapot"]
OTHERS = ["biscuits", "coffee", "honey", "lemons", "sugar"]
DAY = 86_400_000
NEWEST = 1_700_000_000_000


def shop() -> pl.DataFrame:
    """Return purchases of 80 users; alice had green tea and a mug, in one basket, twice."""
    rng = np.random.default_rng(4)
    rows = [
        ("alice", item, NEWEST - days * DAY, f"alice-{days}")
        for days in (3, 30)
        for item in ("green-tea", "mug")
    ]
    for number in range(79):
        for visit in range(5):
            basket = {"green-tea", "mug"} if rng.random() < 0.4 else {str(rng.choice(TEAS))}
            basket.add(str(rng.choice(WARES + OTHERS)))
            at = NEWEST - int(rng.integers(0, 90)) * DAY - visit
            rows += [(f"u{number:02}", item, at, f"{number}-{visit}") for item in sorted(basket)]
    names = ["user_id", "item_id", "timestamp", "basket_id"]
    return pl.DataFrame(rows, schema=names, orient="row")


def items() -> pl.DataFrame:
    """Return the items with their category."""
    kinds = {"tea": TEAS, "ware": WARES, "food": OTHERS}
    rows = [(item, item.title(), kind) for kind, some in kinds.items() for item in some]
    return pl.DataFrame(rows, schema=["item_id", "name", "category"], orient="row")


def connected(target: Neo4jTarget, home: Path) -> engine.Engine:
    """Return an engine on the test server, with a home of its own."""
    return engine.connect(
        target.uri, user=target.user, password=target.password, home=home, progress=False
    )


@pytest.fixture(scope="module")
def e(
    graph_of_file: GraphClient,
    neo4j_target: Neo4jTarget,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[engine.Engine]:
    """An engine on the shop, with a generation in service."""
    assert graph_of_file.server.version
    with connected(neo4j_target, tmp_path_factory.mktemp("home")) as here:
        here.ingest(shop(), items=items())
        here.build_graph("co-occurrence", min_count=1)
        here.publish(here.train("als", dimension=8, ranker=False))
        yield here


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """The purchases as a file."""
    path = tmp_path / "events.csv"
    shop().write_csv(path)
    return path
