"""The picture of the operator's page, docs/operator.png: what came of lists, and experiments.

    python -m benchmarks.operator_picture docs/operator.png

The households and products are those of the demonstration. The lists of the last 28 days and what
people did with them are drawn at random: each position is seen less often than the one before it,
and lists of the variant ``diverse`` are bought from more often. The server of ``ENGINE_NEO4J_URI``
is emptied; needs Chromium.
"""

import argparse
import base64
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import neo4j
import numpy as np
import polars as pl
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

import engine
from benchmarks import gowalla, shop_service
from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.list_id import first_list_id
from engine.graph import remembered_lists
from engine.graph.remembered_lists import RememberedList
from engine.resources import demo_dir

DAYS, LISTS_A_DAY, LENGTH = 28, 240, 10
DAY_MS = 86_400_000
BOUGHT = {"a": 0.030, "diverse": 0.050}
CLICKED = 0.10
EXPERIMENTS = {"front-page": (27, 19), "diversity": (18, None)}
"""Name to how many days ago each began, and was stopped."""
PANELS = ("outcomes", "experiments")
WIDTH, EDGE = 1_600, 26


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    picture = parser.parse_args().picture
    target = gowalla.target()
    auth = (target.user, target.password)
    with neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS").consume()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with engine.connect(target.uri, user=target.user, password=target.password, home=home) as e:
            lists = fill(e)
            settings = e.settings.model_copy(update={"remember_lists": True})
        take(settings, picture)
        print(f"{len(lists):,} lists of {DAYS} days: {picture}")


def fill(e: engine.Engine) -> list[RememberedList]:
    """Load a shop, start the experiments, and remember lists and what people did with them."""
    events = pl.read_parquet(demo_dir() / "events.parquet").filter(
        pl.col("timestamp") >= "2017-10-01"
    )
    items = pl.read_parquet(demo_dir() / "items.parquet")
    e.ingest(events, items=items.join(events, on="item_id", how="semi"))
    e.publish(e.train("als", dimension=32, ranker=False))
    start_experiments(e)
    users = [str(user) for user in events["user_id"].unique().sort()]
    popular = events["item_id"].value_counts(sort=True)["item_id"].head(400).to_list()
    rng = np.random.default_rng(7)
    lists = [
        one_list(e, rng, users, [str(item) for item in popular], ago)
        for ago in range(DAYS)
        for _ in range(int(LISTS_A_DAY * (1.0 + 0.25 * np.sin(ago * 2 * np.pi / 7))))
    ]
    with open_graph(e.settings) as graph:
        for first in range(0, len(lists), 500):
            remembered_lists.write(graph, lists[first : first + 500])
    e.ingest(pl.DataFrame([event for one in lists for event in what_came(rng, one)]))
    return lists


def start_experiments(e: engine.Engine) -> None:
    """Start each, and let it have begun, and been stopped, some time ago."""

    def ago(days: int | None) -> str | None:
        if days is None:
            return None
        return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d %H:%M:%S.%f}"

    text = "UPDATE experiments SET started_at = ?, stopped_at = ? WHERE name = ?"
    for name, (began, stopped) in EXPERIMENTS.items():
        e.start_experiment(name, {"a": "serving", "diverse": "serving:mmr=0.7"})
        if stopped is not None:
            e.stop_experiment(name, winner="a")
        with closing(sqlite3.connect(e.settings.home / "registry.sqlite")) as registry, registry:
            registry.execute(text, (ago(began), ago(stopped), name))


def one_list(
    e: engine.Engine, rng: np.random.Generator, users: list[str], items: list[str], ago: int
) -> RememberedList:
    """Return a list of somebody, of so many days ago."""
    number = int(rng.integers(len(users)))
    at = int(1_000 * time.time()) - ago * DAY_MS - int(rng.integers(DAY_MS // 2))
    name = "diversity" if ago < EXPERIMENTS["diversity"][0] - 1 else None
    variant = name and f"{name}/{('a', 'diverse')[number % 2]}"
    shown = tuple(rng.choice(items, LENGTH, replace=False).tolist())
    id_ = first_list_id(at)[:-6] + f"{int(rng.integers(1 << 24)):06x}"
    sources = ("embedding",) * LENGTH
    return RememberedList(id_, at, users[number], "for-you", None, 1, "{}", shown, sources, variant)


def what_came(rng: np.random.Generator, one: RememberedList) -> list[dict[str, str | int]]:
    """Return what somebody did with a list."""
    better = one.variant == "diversity/diverse"
    rates = {"purchase": BOUGHT["diverse" if better else "a"], "click": CLICKED}
    return [
        {
            "user_id": str(one.user),
            "item_id": item,
            "event": event,
            "timestamp": str(one.at + 60_000 * place),
            "list_id": one.id,
            "list_position": place,
        }
        for place, item in enumerate(one.items, start=1)
        for event, rate in rates.items()
        if rng.random() < rate * 2.2 * 0.82 ** (place - 1)
    ]


def take(settings: Settings, picture: Path) -> None:
    """Look at the page, and keep the two panels."""
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(flag)
    with shop_service.serving(settings) as served, webdriver.Chrome(options) as browser:
        size = {"width": WIDTH, "height": 3_000, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get(served.url)
        browser.execute_script("sessionStorage.setItem('engine-key', arguments[0])", served.key)
        browser.get(f"{served.url}/#operator")
        browser.refresh()
        wait = WebDriverWait(browser, 120)
        wait.until(lambda _: browser.find_elements(By.CSS_SELECTOR, "[data-experiment] tbody tr"))
        first, last = (browser.find_element(By.ID, panel).rect for panel in PANELS)
        clip = {"x": first["x"] - EDGE, "y": first["y"] - 60, "width": first["width"] + 2 * EDGE}
        clip |= {"height": last["y"] + last["height"] + EDGE - clip["y"], "scale": 1}
        shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
    picture.write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    main()
