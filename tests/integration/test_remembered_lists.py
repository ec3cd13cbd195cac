"""Lists are remembered once, seen once, and every event is attributed to one list or to none."""

import time
from collections.abc import Callable, Mapping

import polars as pl
import pytest

from engine.ab_tests.ratio_interval import RatioInterval
from engine.answering.outcomes import MOST_EVENTS, OutcomeRequest, outcomes
from engine.data.list_id import first_list_id
from engine.errors import NotFound, UsageError
from engine.graph import batch_writes, event_writes, outcome_sums, remembered_lists
from engine.graph.outcome_sums import ListsOfTime, OutcomeSums
from engine.graph.remembered_lists import Impressions, RememberedList
from engine.store.graph_client import GraphClient

_HOUR, _DAY = 3_600_000, 86_400_000
_BEGIN = 1_790_000_000_000 // _DAY * _DAY
# Number -> for whom, after how many hours, by which generation, of which items.
_LISTS: Mapping[int, tuple[str | None, int, int | None, str]] = {
    1: ("alice", 0, 1, "abc"),
    2: ("alice", 1, 2, "bd"),
    3: ("bob", 2, 2, "ab"),
    4: (None, 30, None, "a"),
    5: ("somebody new", 31, 2, "ab"),
}
# User, item, hour, weight, number of the list that is named, position that is claimed.
_EVENTS = (
    ("alice", "a", 0.2, 5.0, 1, 1),
    ("alice", "c", 0.3, 2.0, 1, None),
    ("alice", "b", 1.5, 3.0, None, None),  # on lists 1 and 2: the newer one counts
    ("alice", "b", 0.5, 4.0, None, None),  # before list 2
    ("bob", "a", 2.5, 1.0, 1, None),  # foreign
    ("bob", "b", 2.6, 1.0, 9, None),  # unknown
    ("alice", "b", 0.6, 1.0, 1, 3),  # wrong position
    ("alice", "b", 0.7, 1.0, 1, 900),  # a position that the list does not have
    ("bob", "x", 2.7, 1.0, 3, None),  # not in the list
    ("alice", "c", 24 * 7, 1.0, 1, None),  # expired
    ("bob", "a", 0.9, 1.0, 3, None),  # more than an hour before the list
    ("bob", "a", 1.1, 1.0, 3, 1),  # clocks differ by less
    ("carol", "a", 30.5, 7.0, 4, None),  # nobody's list is everybody's
)


def _id(number: int) -> str:
    return first_list_id(_BEGIN + _LISTS.get(number, (None, 0))[1] * _HOUR)[:-1] + str(number)


def _list(number: int) -> RememberedList:
    user, hour, generation, items = _LISTS[number]
    at, sources = _BEGIN + hour * _HOUR, ("embedding",) * len(items)
    named = "cart" if number == 3 else None
    return RememberedList(
        _id(number), at, user, "for-you", named, generation, "{}", tuple(items), sources
    )


@pytest.fixture
def remembered(graph: GraphClient) -> GraphClient:
    rows = [
        (user, item, key, "buy", int(_BEGIN + hour * _HOUR), weight, None, named and _id(named), at)
        for key, (user, item, hour, weight, named, at) in enumerate(_EVENTS)
    ]
    names = ("user", "item", "key", "event", "at", "weight", "basket", "list", "position")
    events = pl.DataFrame(rows, names, orient="row")
    batch_writes.merge_users(graph, sorted({one[0] for one in rows}))
    batch_writes.merge_items(graph, sorted({one[1] for one in rows}))
    event_writes.create_events(graph, events, 1)
    for _ in range(2):
        remembered_lists.write(graph, [_list(number) for number in _LISTS])
    return graph


_TIME = ListsOfTime(_BEGIN, _BEGIN + 3 * _DAY, 7 * _DAY - 1, _BEGIN - 30 * _DAY)


def _groups(found: list[OutcomeSums]) -> dict[str, tuple[int, int, float]]:
    return {one.group: (one.lists, one.events, one.value) for one in found}


def test_each_event_is_attributed_to_one_list_or_the_reason_is_counted(
    remembered: GraphClient,
) -> None:
    assert remembered.read("status/counts")[0]["facts"] == 0, "lists are no facts"
    assert remembered.read("status/counts")[0]["users"] == 3, "nor do they make users"
    assert outcome_sums.kinds(remembered, _TIME) == ["buy"]
    (one,) = outcome_sums.named(remembered, _TIME, "all", "buy")
    assert (one.users, one.lists, one.listed) == (4, 5, 10)
    assert (one.events, one.value, one.impressions) == (4, 15.0, 0)
    (ruled,) = outcome_sums.by_rule(remembered, _TIME, "all", "buy")
    assert (ruled.lists, ruled.events, ruled.value) == (5, 2, 7.0)
    assert outcome_sums.unattributed(remembered, _TIME, ["buy"]) == {
        "before-list": 1,
        "expired": 1,
        "foreign": 1,
        "not-in-list": 1,
        "unknown": 1,
        "wrong-position": 2,
    }
    assert sum(outcome_sums.unattributed(remembered, _TIME, ["buy"]).values()) + 4 + 2 == len(
        _EVENTS
    )
    assert outcome_sums.unattributed(remembered, _TIME, ["view"]) == {}
    later = ListsOfTime(_BEGIN, _BEGIN + 3 * _DAY, 7 * _DAY, _BEGIN + _DAY)
    assert outcome_sums.unattributed(remembered, later, ["buy"])["expired"] == 2, "kept no more"


def test_the_most_frequent_kinds_are_reported_and_the_others_named(
    remembered: GraphClient, bare_run: Callable[..., object]
) -> None:
    bare_run(
        "UNWIND range(0, 20) AS n MATCH (u:User {id: 'alice'}), (i:Item {id: 'a'})"
        " CREATE (u)-[:INTERACTED {key: 100 + n, event: 'kind' + n, at: $at, list: $list}]->(i)",
        at=_BEGIN + _HOUR // 2,
        list=_id(1),
    )
    days = (time.time() * 1_000 - _BEGIN) / _DAY + 1
    report = outcomes(remembered, OutcomeRequest(days=days), 3_650)
    told = {one.event for group in report.groups for one in group.outcomes}
    assert len(told) == MOST_EVENTS
    assert "buy" in told, "the most frequent"
    assert told | set(report.kinds_left_out) == {"buy"} | {f"kind{n}" for n in range(21)}
    assert report.remarks_for_reader()[-1].endswith(
        f"Not looked at: {', '.join(report.kinds_left_out)}."
    )
    named = outcomes(remembered, OutcomeRequest(events=report.kinds_left_out, days=days), 3_650)
    assert {one.event for group in named.groups for one in group.outcomes} == set(
        report.kinds_left_out
    )
    assert not named.kinds_left_out


def test_the_sums_of_every_group(remembered: GraphClient) -> None:
    by = {
        group: _groups(outcome_sums.named(remembered, _TIME, group, "buy"))
        for group in ("generation", "list", "position", "day", "variant")
    }
    assert by["generation"] == {"1": (1, 2, 7.0), "2": (3, 1, 1.0), "0": (1, 1, 7.0)}
    assert by["list"] == {"for-you": (4, 3, 14.0), "cart": (1, 1, 1.0)}
    assert by["position"] == {"1": (5, 3, 13.0), "2": (4, 0, 0.0), "3": (1, 1, 2.0)}
    assert sorted(by["day"].values()) == [(2, 1, 7.0), (3, 3, 8.0)]
    assert by["variant"] == {"none": (5, 4, 15.0)}
    ruled = _groups(outcome_sums.by_rule(remembered, _TIME, "position", "buy"))
    assert ruled == {"1": (5, 1, 3.0), "2": (4, 1, 4.0), "3": (1, 0, 0.0)}


def test_a_value_per_list_can_be_below_0_only_where_a_weight_is(
    remembered: GraphClient, bare_run: Callable[..., object]
) -> None:
    def value(weight: float) -> RatioInterval | None:
        bare_run("MATCH ()-[r:INTERACTED {key: 1}]->() SET r.weight = $weight", weight=weight)
        days = (time.time() * 1_000 - _BEGIN) / _DAY + 1
        found = outcomes(remembered, OutcomeRequest(events=("buy",), days=days), 3_650)
        return found.groups[0].outcomes[0].value_per_list

    positive, mixed = value(50.0), value(-50.0)
    assert positive is not None
    assert (positive.ratio, positive.low) == (12.6, 0.0)
    assert mixed is not None
    assert mixed.low is not None
    assert mixed.low < 0


def test_an_item_is_seen_once_whoever_says_so_again(remembered: GraphClient) -> None:
    assert remembered_lists.note_seen(remembered, _id(1), ["a", "b"]) == Impressions(2, 0)
    assert remembered_lists.note_seen(remembered, _id(1), ["b", "c", "b"]) == Impressions(1, 1)
    with pytest.raises(UsageError, match="does not have the item 'z'"):
        remembered_lists.note_seen(remembered, _id(3), ["a", "z"])
    with pytest.raises(NotFound, match="no list"):
        remembered_lists.note_seen(remembered, _id(9), ["a"])
    remembered_lists.note_seen(remembered, _id(2), ["d"])
    (one,) = outcome_sums.named(remembered, _TIME, "all", "buy")
    assert (one.impressions, one.seen_events) == (4, 2)
    # Of alice 4 impressions and 2 events on them, of the others none.
    assert (one.impressions_squared, one.seen_events_squared, one.impressions_events) == (16, 4, 8)
    assert (one.lists_squared, one.events_squared, one.lists_events) == (
        4 + 3,
        4 + 1 + 1,
        4 + 1 + 1,
    )
    assert (one.value_squared, one.lists_value) == (49 + 1 + 49, 14 + 1 + 7)
    seen = outcome_sums.named(remembered, _TIME, "position", "buy")
    assert {row.group: row.impressions for row in seen} == {"1": 1, "2": 2, "3": 1}
