"""What came of an experiment's lists: over HTTP, counted by hand, and as the report has it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from engine.ab_tests.ratio_metric import METRICS, UserSums
from engine.answering.experiment_outcomes import ConversionRequest, experiment_totals
from engine.api import Engine
from engine.connections.session import open_graph
from engine.data.list_id import first_list_id, new_list_id
from engine.errors import NotFound, UsageError
from engine.graph import remembered_lists
from engine.graph.remembered_lists import RememberedList

from ..terminal import invoked

_USERS = [f"u{n}" for n in range(40)]


@pytest.fixture
def shop(settings: Any, serving: Any, tmp_path: Any, bare: Any) -> Iterator[Any]:
    """A service that remembers its lists, with forty users in the graph."""
    bare("UNWIND range(0, 39) AS n MERGE (:User {id: 'u' + toString(n)})")
    with serving(settings.model_copy(update={"home": tmp_path, "remember_lists": True})) as one:
        yield one


class _ByHand:
    """Counts what each user of a variant was shown and did, by the answers alone."""

    def __init__(self) -> None:
        self.lists: list[tuple[str, dict[str, Any]]] = []
        self.stranger: dict[str, Any] = {}
        self.answered = 0
        self.seen: dict[str, set[str]] = {}
        self.bought: dict[str, dict[str, float]] = {}

    def of(self, variant: str) -> list[tuple[str, dict[str, Any]]]:
        return [one for one in self.lists if one[1]["variant"]["variant"] == variant]

    def sums(self, variant: str, *, seen_only: bool) -> UserSums:
        rows: dict[str, Any] = {}
        for user, answer in self.of(variant):
            id_ = answer["list_id"]
            seen, bought = self.seen.get(id_, set()), self.bought.get(id_, {})
            worth = [w for item, w in bought.items() if not seen_only or item in seen]
            shown = len(seen) if seen_only else len(answer["items"])
            rows[user] = rows.get(user, 0) + np.array([shown, len(worth), sum(worth)], float)
        return UserSums(*np.array(list(rows.values())).T)

    def groups(self) -> dict[str, tuple[int, int]]:
        """Count lists and purchases, those of the control that stood in apart."""
        found: dict[str, tuple[int, int]] = {}
        for _, answer in [*self.lists, ("a stranger", self.stranger)]:
            shown = answer["variant"]
            name = f"tea/{shown['variant']}{'/failed' if shown['failed'] else ''}"
            lists, events = found.get(name, (0, 0))
            found[name] = (lists + 1, events + len(self.bought.get(answer["list_id"], ())))
        return found


def _ask(shop: Any, e: Engine, until: Any) -> _ByHand:
    """Ask for a list of each user; the variant b cannot be made for the last ones."""
    by_hand = _ByHand()
    with shop.client("read") as client:

        def asked(user: str) -> Any:
            answer = client.get(f"/v1/users/{user}/recommendations?k=4").json()
            by_hand.answered += 1
            if "variant" in answer:
                by_hand.lists.append((user, answer))
            return answer.get("variant")

        until(lambda: asked(_USERS[0]))
        for user in _USERS[1:30]:
            assert asked(user)["failed"] is False
        e.remove_list("front")
        last = next(one for one in _USERS[30:] if _variant(e, one) == "b")
        until(lambda: asked(last)["failed"])
        for user in _USERS[30:]:
            assert asked(user)["failed"] is (_variant(e, user) == "b")
        assert asked("a stranger")
    until(lambda: shop.service.answered.remembered == by_hand.answered)
    _, by_hand.stranger = by_hand.lists.pop()
    return by_hand


def _variant(e: Engine, user: str) -> str:
    found = e.assigned_variant(user)
    assert found is not None
    return found[1].name


def _act(shop: Any, by_hand: _ByHand) -> None:
    """See two items of most lists; buy the first item of some lists, the last of others."""
    events = []
    with shop.client("write") as writer:
        for number, (user, answer) in enumerate(by_hand.lists):
            items, id_ = [one["id"] for one in answer["items"]], answer["list_id"]
            if number % 3 < 2:
                told = writer.post("/v1/impressions", json={"list_id": id_, "items": items[:2]})
                assert told.status_code == 200, told.text
                by_hand.seen[id_] = set(items[:2])
            for place in [1] * (number % 3 == 0) + [4] * (number % 5 == 0):
                weight = float(1 + number % 4)
                events.append(
                    {"user_id": user, "item_id": items[place - 1], "event": "purchase",
                     "weight": weight, "list_id": id_, "list_position": place}
                )  # fmt: skip
                by_hand.bought.setdefault(id_, {})[items[place - 1]] = weight
        done = writer.post("/v1/events", json={"events": events}).json()
        assert done["accepted"] == len(events)


def _check_over_http(shop: Any, report: Any) -> None:
    """Ask the service for the same report."""
    with shop.client("read") as client:
        (listed,) = client.get("/v1/experiments").json()["experiments"]
        answered = client.get("/v1/experiments/tea/report", params={"event": "purchase"}).json()
        assert client.get("/v1/experiments/mug/report").status_code == 404
    assert (listed["name"], listed["state"], listed["looks"]) == ("tea", "running", 2)
    variants = [(one["share"], one["is_what"]) for one in listed["variants"]]
    assert variants == [(50.0, "a=serving"), (50.0, "b=list:front")]
    assert answered["looks"] == report["looks"] + 1, "a report over HTTP is a look too"
    for name in ("variants", "sample_ratio"):
        assert answered[name] == _without_null(report[name])


def _without_null(value: Any) -> Any:
    """Return what an answer has of plain values."""
    if isinstance(value, dict):
        return {name: _without_null(one) for name, one in value.items() if one is not None}
    return [_without_null(one) for one in value] if isinstance(value, list) else value


def _check_by_list_days(shop: Any, started: Any, one: RememberedList) -> None:
    """What is older than list_days counts no more, whether it was tidied already or not."""
    old = replace(started, started_at=started.started_at - timedelta(days=200))
    past = int(1_000 * (started.started_at - timedelta(days=100)).timestamp())
    with open_graph(shop.settings) as graph:
        gone = replace(one, id=first_list_id(past), at=past, variant="tea/a")
        stand_in = replace(gone, id=new_list_id(), at=one.at, variant="tea/a/failed")
        remembered_lists.write(graph, [gone, stand_in])
        counts = [
            experiment_totals(graph, each, "conversion", ConversionRequest("purchase"), 90.0)
            for each in (started, old)
        ]
    lists = [[each.lists for each in found.variants.values()] for found in counts]
    assert lists[0] == lists[1]
    control = "a: what everybody gets made 1 of "
    assert [said.startswith(control) for said in counts[0].remarks[1:3]] == [True, False]
    assert "are kept no more (list_days), nor counted" in counts[1].remarks[-1]


@pytest.mark.usefixtures("on_server")
def test_the_report_counts_what_the_answers_and_events_say(
    shop: Any,
    library: Engine,
    until: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    e = library
    monkeypatch.setenv("ENGINE_HOME", str(shop.settings.home))
    e.set_list("front", by="popular")
    started = e.start_experiment("tea", {"a": "serving", "b": "list:front"})
    with pytest.raises(NotFound, match="no list of the experiment tea is remembered"):
        e.experiment_report("tea")
    by_hand = _ask(shop, e, until)
    before = e.experiment_report("tea")
    assert (before.looks, [one.conversions for one in before.variants]) == (1, [0.0, 0.0])
    assert "no impression was reported" in before.remarks[1]
    _act(shop, by_hand)

    with open_graph(shop.settings) as graph:
        for metric in METRICS:
            seen_only = not metric.endswith("per-user")
            request = ConversionRequest("purchase")
            found = experiment_totals(graph, started, metric, request, 90.0)
            for name, one in found.variants.items():
                sums = by_hand.sums(name, seen_only=seen_only)
                assert vars(one.moments) == pytest.approx(vars(sums.moments(metric)))
                assert (one.users, one.shown) == (len(sums.shown), sums.shown.sum())
                assert (one.conversions, one.value) == (sums.conversions.sum(), sums.value.sum())
                assert one.conversions > 0
    report = json.loads(invoked("experiment", "report", "tea", "--json").stdout)
    assert [one["users"] for one in report["variants"]] == [
        len({user for user, _ in by_hand.of(name)}) for name in "ab"
    ]
    failed = [answer["variant"]["failed"] for _, answer in by_hand.of("b")]
    said = " ".join(report["remarks"])
    assert f"b: the control made {sum(failed)} of {len(failed)} lists" in said
    assert "1 lists of people who are not in the graph" in said
    assert "Shown: items that were reported as seen. Conversions: events purchase" in said

    _check_over_http(shop, report)
    groups = json.loads(invoked("outcomes", "--by", "variant", "--json").stdout)["groups"]
    told = {
        one["group"]: (one["lists"], one["outcomes"][0]["events"])
        for one in groups
        if one["group"] != "none"
    }
    assert told == by_hand.groups()

    # Two ids of one person may have had two variants; a click beside a purchase must be chosen.
    (user, answer), *_ = by_hand.of("a")
    item = answer["items"][0]["id"]
    with open_graph(shop.settings) as graph:
        other = RememberedList(
            new_list_id(), int(1_000 * started.started_at.timestamp()), user, "for-you", None,
            None, "{}", (item,), ("popular",), "tea/b",
        )  # fmt: skip
        remembered_lists.write(graph, [other])
    click = {"user_id": user, "item_id": item, "event": "click", "list_id": answer["list_id"]}
    with shop.client("write") as writer:
        assert writer.post("/v1/events", json={"events": [click]}).json()["accepted"] == 1
    _check_by_list_days(shop, started, replace(other, user=by_hand.of("a")[1][0]))
    with pytest.raises(UsageError, match="several kinds name a list of tea: click, purchase"):
        e.experiment_report("tea")
    with shop.client("read") as client:
        asked = client.get("/v1/experiments/tea/report")
    assert (asked.status_code, "click, purchase" in asked.json()["detail"]) == (422, True)
    merged = e.experiment_report("tea", event="purchase", within_days=1)
    assert merged.in_several == 1
    assert merged.variants[0].users == report["variants"][0]["users"] - 1
    with pytest.raises(UsageError, match="not for a file"):
        invoked("experiment", "report", "tea", "--from", "sums.csv", "--event", "purchase")
