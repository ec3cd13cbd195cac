"""``engine check`` on remembered lists: whether they come, go, and are named rightly."""

import time

import engine
from engine.data.list_id import first_list_id
from engine.graph import batch_writes, remembered_lists
from engine.graph.remembered_lists import RememberedList
from engine.loading.event_posts import IntakeResult, write_posts
from engine.store.graph_client import GraphClient
from engine.upkeep.findings import CheckReport

from ..conftest import bad
from .conftest import DAY


def _remember(graph: GraphClient, days: int) -> str:
    """Remember a list of somebody of so many days ago."""
    at = int(1_000 * (time.time() - days * DAY))
    id_ = first_list_id(at)
    items = ("tea", "mug")
    remembered_lists.write(
        graph,
        [RememberedList(id_, at, "ann", "for-you", None, 1, "{}", items, items)],
    )
    return id_


def _buy(graph: GraphClient, list_id: str, user: str, events: range) -> None:
    rows = [
        {"user_id": user, "item_id": "tea", "event": "buy", "event_id": str(n), "list_id": list_id}
        for n in events
    ]
    assert write_posts(graph, [rows], 1) == [IntakeResult(len(events))]


def _told(report: CheckReport) -> list[tuple[str, str]]:
    return [(one.value, one.remedy) for one in bad(report, "lists")]


def test_lists_that_do_not_come_or_stay_too_long(e: engine.Engine, graph: GraphClient) -> None:
    on = engine.Engine(e.settings.model_copy(update={"remember_lists": True}), progress=False)
    assert _told(e.check()) == []
    assert _told(on.check()) == [("there is none, though remember_lists is on", "engine serve")]
    for days in (98, 95, 3):
        _remember(graph, days)
    (still, _), overdue = _told(e.check())
    assert still.endswith("and remember_lists is off: no report goes on")
    assert overdue == ("1 are older than 97 days, the limit is 90", "engine tidy")
    e.tidy()
    assert [remedy for _, remedy in _told(on.check())] == ["engine serve"]
    _remember(graph, 0)
    assert _told(e.check()) == _told(on.check()) == []


def test_events_that_name_lists_for_nothing(e: engine.Engine, graph: GraphClient) -> None:
    batch_writes.merge_users(graph, ["ann"])
    mine = _remember(graph, 1)
    _buy(graph, mine, "ann", range(18))
    _buy(graph, mine, "eve", range(18, 19))
    assert _told(e.check()) == [], "too few events to tell"
    _buy(graph, first_list_id(int(1_000 * time.time())), "ann", range(19, 20))
    assert _told(e.check()) == [
        ("10% of 20 count for none: 1 foreign, 1 unknown", "engine outcomes --days 7")
    ]
    _buy(graph, mine, "ann", range(20, 60))
    assert _told(e.check()) == []
