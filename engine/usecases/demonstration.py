"""The demonstration: the whole path on real shopping data, from an empty graph to three lists.

It lives in the graph that is configured, so that every other command works on it afterwards, and
refuses a graph that holds anything else.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from engine.config import Settings
from engine.connections import database
from engine.connections.session import open_graph, open_registry
from engine.errors import UsageError
from engine.graph import census
from engine.graph.lists import recommendations
from engine.graph.lists.recommendations import Question, Recommended
from engine.graph.pulling import pull
from engine.loading.ingest import ingest
from engine.loading.load import IngestRequest
from engine.loading.locks import one_load_at_a_time
from engine.resources import demo_dir
from engine.store.graph_client import GraphClient
from engine.usecases.modelling import (
    Progress,
    Published,
    TrainingRequest,
    TrainReport,
    publish,
    train,
)

DemoProgress = Callable[[str, int, int, str], None]
"""Called with (stage, done, of how many, what is being done)."""

EPOCHS = 4
LIST = 8
_SHOPPERS = {"often": 0.05, "now and then": 0.3, "rarely": 0.7}
_PUBLISHING = ("removing", "writing users", "writing items", "indexing", "checking")


@dataclass(frozen=True)
class Household:
    """What one household bought last, newest first, and what it is offered.

    Attributes:
        kind: How it shops: ``often``, ``now and then`` or ``rarely``.
        bought: Date and name.
        new: Best items it has never bought.
        any: Best items of all; what it buys again competes.
    """

    id: str
    kind: str
    purchases: int
    bought: tuple[tuple[date, str], ...]
    new: tuple[Recommended, ...]
    any: tuple[Recommended, ...]


@dataclass(frozen=True)
class DemoReport:
    """What the demonstration did; ``loaded`` is false where the data was there already."""

    loaded: bool
    trained: TrainReport
    published: Published
    households: tuple[Household, ...]
    seconds: float


def demo(
    settings: Settings,
    *,
    epochs: int = EPOCHS,
    report: DemoProgress = lambda _stage, _done, _all, _detail: None,
) -> DemoReport:
    """Load the demonstration data, train, judge, publish and recommend.

    Interrupted anywhere, the same call goes on: batches are loaded whole, training continues from
    its saved state, and nothing is served before it was checked.

    Args:
        settings: Which graph, which home.
        epochs: Most passes over the data; this sample is too sparse to reward more.
        report: Follows the progress.

    Raises:
        UsageError: The graph holds other data.
        KeyboardInterrupt: The user stopped it.
    """
    began = time.monotonic()
    data = _Data(demo_dir())
    if settings.neo4j_uri is None:
        database.ensure_local(settings, lambda done, total: report("start", done, total, ""))
    report("start", 1, 1, "")
    loaded = _load(settings, data, report)
    request = TrainingRequest(settings={"epochs": str(epochs)})

    def trained_so_far(stage: str, now: Progress) -> None:
        metric = "" if now.metric is None else f", ndcg@20 {now.metric:.4f}"
        report(stage, now.step, now.steps, f"epoch {now.epoch}, loss {now.loss:.4f}{metric}")

    trained = train(settings, request, resume=None, report=trained_so_far)
    published = publish(
        settings,
        run_id=trained.run_id,
        report=lambda stage, done, total: report("publish", *_position(stage, done, total), stage),
    )
    report("publish", 100 * len(_PUBLISHING), 100 * len(_PUBLISHING), "")
    households = _recommend(settings, data)
    return DemoReport(loaded, trained, published, households, time.monotonic() - began)


@dataclass(frozen=True)
class _Data:
    """The files of the demonstration, and the tables that are needed beside the graph."""

    folder: Path
    rows: dict[str, int] = field(
        default_factory=lambda: {"items": 20_897, "users": 801, "events": 75_000, "facts": 104_392}
    )

    @cached_property
    def events(self) -> pl.DataFrame:
        """Columns ``user, item, at`` (epoch ms)."""
        table = pl.read_csv(self.folder / "events.csv.gz", infer_schema=False)
        moment = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms")
        return table.select(
            pl.col("user_id").alias("user"),
            pl.col("item_id").alias("item"),
            moment.cast(pl.Int64).alias("at"),
        )

    @cached_property
    def items(self) -> pl.DataFrame:
        """The items with a name people can read: ``Eggs - X-Large, 12 ct``."""
        table = pl.read_csv(self.folder / "items.csv.gz", infer_schema=False)
        kind = pl.col("product_type").str.to_titlecase()
        size = pl.col("package_size").str.to_lowercase()
        named = pl.when(size.str.contains(r"^\d[\d.]* [a-z]+$")).then(kind + ", " + size)
        return table.with_columns(named.otherwise(kind).alias("name"))

    def shoppers(self) -> list[tuple[str, str, int]]:
        """Return (kind, household, purchases) of three households, from many to few purchases."""
        counts = self.events.group_by("user").len().sort(["len", "user"], descending=[True, False])
        return [(kind, *counts.row(int(share * len(counts)))) for kind, share in _SHOPPERS.items()]

    def bought(self, user: str) -> tuple[tuple[date, str], ...]:
        """Return date and name of the household's latest products, each once."""
        own = self.events.filter(pl.col("user") == user).sort("at", "item", descending=True)
        latest = own.unique("item", keep="first", maintain_order=True).head(LIST)
        named = latest.join(
            self.items, left_on="item", right_on="item_id", how="left", maintain_order="left"
        )
        when = named["at"].cast(pl.Datetime("ms")).dt.date().to_list()
        return tuple(zip(when, named["name"].fill_null("-").to_list(), strict=True))


def _load(settings: Settings, data: _Data, report: DemoProgress) -> bool:
    """Load what is missing; tell whether anything was."""
    with open_graph(settings) as graph, open_registry(settings) as registry:
        counts = census.count(graph)
        _refuse_other_data(settings, graph, data)
        if (counts.events, counts.facts) == (data.rows["events"], data.rows["facts"]):
            report("load", 1, 1, "is there already")
            return False
        done = dict.fromkeys(data.rows, 0)

        def advance(doing: str, rows: int, _total: int) -> None:
            verb, _, name = doing.partition(" ")
            kind = name.partition(".")[0]
            if verb == "writing":
                done[kind] = rows
            report("load", sum(done.values()), sum(data.rows.values()), f"{verb} {kind}")

        with tempfile.TemporaryDirectory() as folder:
            items = Path(folder) / "items.csv"
            data.items.write_csv(items)
            files = IngestRequest(
                items=items,
                users=data.folder / "users.csv.gz",
                events=data.folder / "events.csv.gz",
                facts=data.folder / "facts.csv.gz",
            )
            with one_load_at_a_time(settings):
                ingest(graph, registry, files, settings.home, advance)
    return True


def _refuse_other_data(settings: Settings, graph: GraphClient, data: _Data) -> None:
    counts = census.count(graph)
    # Counting is cheap; a graph that may be ours is small enough to be read and compared.
    larger = counts.events > data.rows["events"] or counts.facts > data.rows["facts"]
    if not larger:
        there = pull.pull_interactions(graph)
        events = pl.DataFrame(
            {
                "user": [there.users.ids[row] for row in there.user],
                "item": [there.items.ids[row] for row in there.item],
                "at": there.at,
            },
            schema={"user": pl.String, "item": pl.String, "at": pl.Int64},
        )
        ours = set(data.items["item_id"]) | set(data.events["item"])
        if (
            ours.issuperset(there.items.ids)
            and events.join(data.events, on=["user", "item", "at"], how="anti").is_empty()
        ):
            return
    away = "" if settings.neo4j_uri is None else "unset ENGINE_NEO4J_URI, then "
    raise UsageError(
        "the graph holds other data, and the demonstration would mix with it",
        hint=f"give it a place of its own: {away}engine --home engine-demo demo",
    )


def _position(stage: str, done: int, total: int) -> tuple[int, int]:
    """Return how far publishing is, of all its steps, 100 each."""
    step = next((n for n, name in enumerate(_PUBLISHING) if stage.startswith(name)), 3)
    return 100 * step + 100 * done // max(total, 1), 100 * len(_PUBLISHING)


def _recommend(settings: Settings, data: _Data) -> tuple[Household, ...]:
    shoppers = data.shoppers()
    users = [user for _, user, _ in shoppers]
    with open_graph(settings) as graph:
        new, any_ = (
            recommendations.for_users(graph, users, Question(k=LIST, exclude_seen=exclude))
            for exclude in (True, False)
        )
    return tuple(
        Household(user, kind, purchases, data.bought(user), fresh.items, all_.items)
        for (kind, user, purchases), fresh, all_ in zip(shoppers, new, any_, strict=True)
    )
