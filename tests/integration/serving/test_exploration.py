"""A share of the positions is explored where a list asks for it; what was shown can be judged."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

import engine
from engine.answering.exploring import KNOWN_AFTER
from engine.connections.session import open_graph
from engine.errors import NotFound, TooLittleOverlap, UsageError
from engine.graph import item_list_removal

from ..terminal import invoked

_NEW = [f"new{n}" for n in range(8)]


@pytest.fixture(scope="module")
def shop(settings: Any, serving: Any, tmp_path_factory: Any, bare_run: Any) -> Iterator[Any]:
    """A service that remembers its lists; 112 items are known well, eight are new."""
    home = tmp_path_factory.mktemp("exploring")
    bare_run("UNWIND $ids AS id CREATE (:Item {id: id, name: 'New', kind: 'tea'})", ids=_NEW)
    bare_run(
        "MATCH (i:Item) WHERE NOT i.id IN $ids WITH collect(i.id) AS known "
        "UNWIND range(1, $times) AS n CREATE (:List {id: 'known' + toString(n), items: known, "
        "at: timestamp() - 1000 * n, by: 'for-you', sources: []})",
        ids=_NEW,
        times=KNOWN_AFTER,
    )
    lists = {"front": {"by": "popular", "explore": 1.0, "k": 4}}
    more = {"home": home, "remember_lists": True, "lists": lists}
    with serving(settings.model_copy(update=more)) as one:
        yield one


def _asked(client: Any, path: str, **body: Any) -> Any:
    answer = client.post(path, json=body) if body else client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _tried(answer: Any) -> set[str]:
    return {one["id"] for one in answer["items"] if one["source"] == "explore"}


def _remembered(bare_run: Any) -> set[str]:
    return {row["id"] for row in bare_run("MATCH (l:List) RETURN l.id AS id")}


def test_positions_are_explored_by_the_rules_and_propensities_are_remembered(
    shop: Any, bare_run: Any, until: Any
) -> None:
    path = "/v1/users/u1/recommendations?k=5&explore=1"
    with shop.client("read") as reader, shop.client("write") as writer:
        plain = _asked(reader, "/v1/users/u1/recommendations?k=6")
        until(lambda: "Nothing is explored" not in _asked(reader, path).get("note", ""))
        answer = _asked(reader, path)
        assert answer["items"][0] == plain["items"][0], "the first position is never explored"
        assert len(_tried(answer)) == 4
        assert _tried(answer) <= set(_NEW)
        assert {one["name"] for one in answer["items"][1:]} == {"New"}
        second = _asked(reader, f"{path}&cursor={answer['cursor']}")
        assert _tried(second) == set(_NEW) - _tried(answer), "no item comes again on the next page"
        assert second["items"][4] == plain["items"][5] | {"position": 10}

        _asked(writer, "/v1/users/u1/dislikes", item="new0")
        bare_run("MATCH (i:Item) WHERE i.id IN ['new1', 'new2'] SET i.hidden = i.id = 'new1', "
                 "i.kind = CASE i.id WHEN 'new2' THEN 'coffee' ELSE i.kind END")  # fmt: skip
        left = set(_NEW[3:])
        many = f"{path.replace('k=5', 'k=20')}&where=kind%3Dtea"
        assert _tried(_asked(reader, many)) == left
        pinned = _asked(
            reader, "/v1/recommendations", user="u1", pins=["i99", "i98"], k=4, explore=1.0
        )
        assert [one["source"] for one in pinned["items"]] == ["pinned"] * 2 + ["explore"] * 2
        alike = _asked(reader, "/v1/items/i3/similar?k=3&explore=1&user=u1")
        assert len(_tried(alike)) == 2
        assert len(_tried(_asked(reader, "/v1/lists/front?user=u2"))) == 3
        assert len(_tried(_asked(reader, "/v1/lists/front"))) == 3, "for nobody in particular"
        several = _asked(reader, "/v1/users/recommendations", users=["u1", "u2"], k=30, explore=1.0)
        of_u1, of_u2 = (_tried(one) for one in several["lists"])
        assert (of_u1, of_u2) == (left | {"new2"}, left | {"new0", "new2"})
        rare = [_asked(reader, "/v1/users/u2/recommendations?k=5&explore=0.1") for _ in range(5)]
        for refused in ("explore=2", "explore=-1", "explore=x"):
            assert reader.get(f"/v1/users/u1/recommendations?{refused}").status_code == 422
        both = reader.post(
            "/v1/recommendations",
            json={"user": "u1", "explore": 0.1, "at_most": {"trait": "kind", "n": 2}},
        )
        assert (both.status_code, "do not go together" in both.text) == (422, True)
        ids = {one["list_id"] for one in (plain, answer, second, *rare)}
        until(lambda: ids <= _remembered(bare_run))
    told = "l.id AS id, l.sources AS sources, l.options AS options, l.propensities AS propensities"
    rows = bare_run(f"MATCH (l:List) WHERE l.id IN $ids RETURN {told}", ids=sorted(ids))
    kept = {row["id"]: row for row in rows}
    assert kept[plain["list_id"]]["propensities"] is None
    of_first = kept[answer["list_id"]]
    assert of_first["sources"][1:] == ["explore"] * 4
    assert json.loads(of_first["options"])["explore"] == 1.0
    assert of_first["propensities"][0] == 1.0
    assert all(0 < one < 0.5 for one in of_first["propensities"][1:])
    assert kept[second["list_id"]]["propensities"][4] == 1.0, "there was nothing left to explore"
    for one in rare:
        each = kept[one["list_id"]]
        for source, chance in zip(each["sources"][1:], each["propensities"][1:], strict=True):
            assert chance < 0.1 if source == "explore" else chance == pytest.approx(0.9)


def _check_what_is_forgotten(shop: Any, e: Any, bare_run: Any, until: Any) -> None:
    """A list whose options named an item that is forgotten cannot be asked again."""
    asked = {"user": "u5", "k": 6, "explore": 0.25, "block": ["i118"]}
    with shop.client("read") as reader:
        answer = _asked(reader, "/v1/recommendations", **asked)
    until(lambda: answer["list_id"] in _remembered(bare_run))
    before = e.what_if("serving", event="purchase")
    with open_graph(shop.settings) as graph:
        item_list_removal.remove(graph, ["i118"])
    after = e.what_if("serving", event="purchase")
    assert (after.lists, after.skipped) == (before.lists - 1, before.skipped + 1)


@pytest.mark.usefixtures("on_server")
def test_what_another_list_would_have_converted_is_estimated(
    shop: Any, bare_run: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of the generation in service is known, so the estimate can be made by hand."""
    bare_run("MATCH (l:List) WHERE l.propensities IS NOT NULL DETACH DELETE l")
    bare_run("UNWIND range(30, 59) AS n MERGE (:User {id: 'u' + toString(n)})")
    users = [f"u{n}" for n in range(3, 60)]
    weights, bought, events, moved = [], [], [], []
    with shop.client("read") as reader, shop.client("write") as writer:
        explored = {}
        plain = _asked(reader, "/v1/users/recommendations", users=users, k=6)
        wanted = {one["subject"]: [item["id"] for item in one["items"]] for one in plain["lists"]}
        for n, user in enumerate(users):
            answer = _asked(reader, f"/v1/users/{user}/recommendations?k=6&explore=0.25")
            explored[answer["list_id"]] = (n, user, answer["items"])
        until(
            lambda: (
                explored.keys()
                <= {row["id"] for row in bare_run("MATCH (l:List) RETURN l.id AS id")}
            )
        )
        for id_, (n, user, items) in explored.items():
            for item in items:
                # What is taken is left out of the user's next list, and moves it.
                taken = (n + item["position"]) % 4 == 0
                same = item["source"] != "explore"
                assert same == (item["id"] == wanted[user][item["position"] - 1])
                weights.append(same / (1.0 if item["position"] == 1 else 0.75))
                bought.append(float(taken))
                if taken:
                    moved += [user] if same else []
                    now = datetime.now(UTC).isoformat()
                    event = {"user_id": user, "item_id": item["id"], "timestamp": now}
                    events.append(event | {"event": "purchase", "list_id": id_})
        _asked(writer, "/v1/events", events=events)
        again = _asked(reader, f"/v1/users/{moved[0]}/recommendations?k=6")["items"]
        assert [one["id"] for one in again] != wanted[moved[0]]
    monkeypatch.setenv("ENGINE_HOME", str(shop.settings.home))
    with engine.connect(home=shop.settings.home, progress=False) as e:
        found = e.what_if("serving", event="purchase")
        weight, reward = np.array(weights), np.array(bought)
        assert (found.generation, found.lists, found.shown) == (1, len(users), len(weight))
        assert found.logged.rate == pytest.approx(reward.mean())
        assert found.estimates["ips"].rate == pytest.approx(np.mean(weight * reward))
        snips = np.sum(weight * reward) / np.sum(weight)
        assert found.estimates["snips"].rate == pytest.approx(snips)
        assert found.agreed == pytest.approx(np.mean(weight > 0))
        robust = found.estimates["doubly robust"]
        assert robust.low < snips < robust.high
        _check_what_is_forgotten(shop, e, bare_run, until)
        with pytest.raises(TooLittleOverlap, match="the effective sample size is"):
            e.what_if("serving:mmr=0.0", event="purchase")
        with pytest.raises(NotFound, match="no generation 99"):
            e.what_if("generation:99", event="purchase")
        for target in ("holdout", "list:cart", "serving:explore=0.1", "serving:blend=next"):
            with pytest.raises(UsageError, match="what-if must name a generation"):
                e.what_if(target)
    printed = json.loads(invoked("outcomes", "--what-if", "generation:1", "--json").stdout)
    assert printed["estimates"]["ips"]["rate"] == found.estimates["ips"].rate
    assert printed["skipped"] == 1
    shown = invoked("outcomes", "--what-if", "serving", "--event", "purchase").stdout
    assert "would be, doubly robust" in shown
