"""The demonstration: the whole path on real shopping data, from an empty graph to lists.

It lives in the graph that is configured, so that every other command works on it afterwards, and
refuses a graph that holds anything else.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from engine.answering.users_and_reasons import reason
from engine.config import Settings
from engine.connections import database
from engine.connections.session import open_graph, open_registry
from engine.errors import UsageError
from engine.evaluation import beyond_accuracy
from engine.graph import census
from engine.graph.lists import ranked
from engine.graph.lists.recommendations import Question, RecommendationList, Recommended
from engine.graph.pulling import pull
from engine.loading.ingest import ingest
from engine.loading.locks import one_load_at_a_time
from engine.resources import demo_dir
from engine.store.graph_client import GraphClient
from engine.usecases.demonstration_data import DemoData
from engine.usecases.modelling import (
    Progress,
    Published,
    RankerReport,
    TrainingRequest,
    TrainReport,
    publish,
    train,
    train_ranker,
)

DemoProgress = Callable[[str, int, int, str], None]
"""Called with (stage, done, of how many, what is being done)."""

EPOCHS = 2
"""Three hundred households are not rewarded for more."""
_DIMENSION = "32"
SHOWN = 5
COMPARED = 10
"""Items of the lists whose likeness is measured."""
_COMPARED_USERS = 100
_USERS_PER_QUERY = 20
_PUBLISHING = ("removing", "writing users", "writing items", "indexing", "checking")


@dataclass(frozen=True)
class ExplainedItem:
    """An item of a list, and the strongest reason for it in a few words."""

    item: Recommended
    reason: str


@dataclass(frozen=True)
class Household:
    """What one household bought last, newest first, and what it is offered.

    Attributes:
        kind: How it shops: ``often``, ``now and then`` or ``rarely``.
        bought: Date and name.
        any: Best items of all; what it buys again competes.
        new: Best items it has never bought.
    """

    id: str
    kind: str
    purchases: int
    bought: tuple[tuple[date, str], ...]
    any: tuple[ExplainedItem, ...]
    new: tuple[ExplainedItem, ...]


@dataclass(frozen=True)
class SharedItems:
    """How many of their first ten items two households have in common, on average.

    Attributes:
        ours: In the lists that are served.
        popular: In lists of what is bought most.
    """

    ours: float
    popular: float


@dataclass(frozen=True)
class DemoReport:
    """What the demonstration did; ``loaded`` is false where the data was there already.

    Attributes:
        shared_any: How alike the lists of everything are.
        shared_new: How alike the lists of new items are.
    """

    loaded: bool
    trained: TrainReport
    ranker: RankerReport
    published: Published
    households: tuple[Household, ...]
    shared_any: SharedItems
    shared_new: SharedItems
    seconds: float


def demo(
    settings: Settings,
    *,
    epochs: int = EPOCHS,
    households: int | None = None,
    report: DemoProgress = lambda _stage, _done, _all, _detail: None,
) -> DemoReport:
    """Load the demonstration data, train, judge, publish and recommend.

    Interrupted anywhere, the same call goes on: batches are loaded whole, training continues from
    its saved state, and nothing is served before it was checked.

    Args:
        settings: Which graph, which home.
        epochs: Most passes over the data.
        households: How many of the households; None: all.
        report: Follows the progress.

    Raises:
        UsageError: The graph holds other data.
        KeyboardInterrupt: The user stopped it.
    """
    began = time.monotonic()
    data = DemoData(demo_dir(), households)
    if settings.neo4j_uri is None:
        database.ensure_local(settings, lambda done, total: report("start", done, total, ""))
    report("start", 1, 1, "")
    loaded = _load(settings, data, report)
    request = TrainingRequest(settings={"epochs": str(epochs), "dimension": _DIMENSION})

    def trained_so_far(stage: str, now: Progress) -> None:
        metric = "" if now.metric is None else f", ndcg@20 {now.metric:.4f}"
        report(stage, now.step, now.steps, f"epoch {now.epoch}, loss {now.loss:.4f}{metric}")

    trained = train(
        settings,
        request,
        resume=None,
        report=trained_so_far,
        phase=lambda what: report("between", 0, 0, what),
        for_ranker=True,
    )
    ranker = train_ranker(
        settings,
        request,
        trained.run_id,
        report=lambda what, done, total: report("rank", 0, 0, f"{what}, {done:,} of {total:,}"),
        pulled=trained.pulled,
    )
    published = publish(
        settings,
        run_id=trained.run_id,
        report=lambda stage, done, total: report("publish", *_position(stage, done, total), stage),
    )
    report("publish", 100 * len(_PUBLISHING), 100 * len(_PUBLISHING), "")
    with open_graph(settings) as graph:
        shown = tuple(_household(graph, data, *one) for one in data.shoppers())
        shared_any, shared_new = (_shared(graph, data, report, seen=seen) for seen in (True, False))
    seconds = time.monotonic() - began
    return DemoReport(loaded, trained, ranker, published, shown, shared_any, shared_new, seconds)


def _load(settings: Settings, data: DemoData, report: DemoProgress) -> bool:
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

        with data.files() as files, one_load_at_a_time(settings):
            ingest(graph, registry, files, settings.home, advance)
    return True


def _refuse_other_data(settings: Settings, graph: GraphClient, data: DemoData) -> None:
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
        if (
            data.names.keys() >= set(there.items.ids)
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


def _household(
    graph: GraphClient, data: DemoData, kind: str, user: str, purchases: int
) -> Household:
    any_, new = (
        tuple(
            ExplainedItem(item, reason(graph, user, item.id))
            for item in _lists(graph, [user], SHOWN, seen=seen)[0].items
        )
        for seen in (True, False)
    )
    return Household(user, kind, purchases, data.bought(user, SHOWN), any_, new)


def _lists(
    graph: GraphClient, users: Sequence[str], k: int, *, seen: bool
) -> list[RecommendationList]:
    return ranked.for_users(graph, users, Question(k=k, exclude_seen=not seen))


def _shared(graph: GraphClient, data: DemoData, report: DemoProgress, *, seen: bool) -> SharedItems:
    users = data.some_users(_COMPARED_USERS)
    numbers = {item: number for number, item in enumerate(data.names)}
    ours = np.full((len(users), COMPARED), -1, dtype=np.int64)
    for start in range(0, len(users), _USERS_PER_QUERY):
        some = users[start : start + _USERS_PER_QUERY]
        for row, one in enumerate(_lists(graph, some, COMPARED, seen=seen), start):
            ours[row, : len(one.items)] = [numbers[item.id] for item in one.items]
        done = start + len(some) + (0 if seen else len(users))
        report("lists", done, 2 * len(users), "")
    popular = data.popular(users, COMPARED, seen=seen)
    return SharedItems(beyond_accuracy.shared_items(ours), beyond_accuracy.shared_items(popular))
