"""``engine tidy`` on remembered lists: they go, and sums of them stay."""

import time

import engine
from engine.data.list_id import first_list_id, list_time
from engine.graph import remembered_lists
from engine.graph.remembered_lists import RememberedList
from engine.loading.event_posts import IntakeResult, write_posts
from engine.store.graph_client import GraphClient

from .conftest import DAY


def test_old_lists_go_and_what_they_came_to_is_kept_once(
    e: engine.Engine, graph: GraphClient
) -> None:
    now = int(time.time() * 1_000)
    days = {"a": 91, "b": 91, "c": 100, "d": 1}
    ids = {
        name: first_list_id(now - day * DAY * 1_000 + n)
        for n, (name, day) in enumerate(days.items())
    }
    lists = [
        RememberedList(ids[name], list_time(ids[name]) or 0, "u", "for-you", None, 1, "{}",
                       ("tea", "mug"), ("again", "again"))
        for name in days
    ]  # fmt: skip
    bought = {"user_id": "u", "item_id": "tea", "event": "buy"}
    events = [bought | {"event_id": name, "list_id": id_} for name, id_ in ids.items()]
    events += [bought | {"event_id": "x", "list_id": ids["a"], "weight": "2.5"}]
    events += [bought | {"event_id": "y", "list_id": ids["a"], "user_id": "somebody else"}]
    assert write_posts(graph, [events], 1) == [IntakeResult(6, 0)]
    remembered_lists.write(graph, lists)
    remembered_lists.note_seen(graph, ids["c"], ["mug"])

    def told(days: float) -> dict[tuple[str, str], tuple[int, int, int, float]]:
        found = e.outcomes(by="all", events=["buy"], days=days, within_days=1_000)
        return {
            (group.group, group.kept): (group.lists, group.impressions, one.events, one.value)
            for group in found.groups
            for one in group.outcomes
        }

    before = told(200)
    assert before == {("all", "lists"): (4, 1, 5, 6.5)}
    (plan,) = e.tidy(dry_run=True).removed
    assert (plan.kind, plan.subject) == ("lists", "3 lists")
    assert [one.subject for one in e.tidy().removed] == ["3 lists"]
    assert e.tidy().removed == ()
    assert told(200) == {("all", "lists"): (1, 0, 1, 1.0), ("all", "sums"): (3, 1, 4, 5.5)}
    assert told(50) == {("all", "lists"): (1, 0, 1, 1.0)}
    by_day = e.outcomes(by="day", events=["buy"], days=200).to_dicts()
    assert [(row["lists"], row["events"], row["per_list"]) for row in by_day] == [
        (1, 1, 1.0),
        (2, 3, 1.5),
        (1, 1, 1.0),
    ]
    assert {row["lists"] for row in e.outcomes(by="variant", days=200).to_dicts()} == {1}
    # Four of the five events on lists that are gone count in their sums, and for nothing else; the
    # one of somebody else's list names what is kept no more.
    assert e.outcomes(days=200).unattributed == {"expired": 1}
