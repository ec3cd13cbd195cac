"""Lists have ids, are remembered where the shop wants it, and say what came of them."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import neo4j
import pytest

import engine
from engine.data.list_id import first_list_id, new_list_id
from engine.errors import UsageError

from ..terminal import invoked


@pytest.fixture(scope="module")
def shop(settings: Any, serving: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service that remembers its lists, beside the graph of the file."""
    home = tmp_path_factory.mktemp("remembering")
    with serving(settings.model_copy(update={"home": home, "remember_lists": True})) as one:
        yield one


@pytest.fixture
def lists(bare_driver: neo4j.Driver) -> Callable[[], dict[str, Any]]:
    """What the graph remembers of lists, by their ids."""

    def lists() -> dict[str, Any]:
        with bare_driver.session() as session:
            found = session.run(
                "MATCH (l:List) OPTIONAL MATCH (u:User)-[:WAS_SHOWN]->(l) "
                "RETURN l.id AS id, properties(l) AS list, collect(u.id) AS users"
            )
            return {row["id"]: {**row["list"], "users": row["users"]} for row in found}

    return lists


def _asked(client: Any, path: str, **body: Any) -> Any:
    answer = client.post(path, json=body) if body else client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def mine(shop: Any) -> Any:
    """A list of three for u1, which was answered."""
    with shop.client("read") as reader:
        return _asked(reader, "/v1/users/u1/recommendations?k=3&where=kind%3Dtea")


def test_every_list_has_an_id_and_every_item_its_position(
    running: Any, lists: Callable[[], dict[str, Any]]
) -> None:
    with running.client("read") as client:
        one = client.get("/v1/users/u1/recommendations?k=3").json()
        alike = client.get("/v1/items/i3/similar?k=2").json()
        several = client.post("/v1/users/recommendations", json={"users": ["u1", "u2"]}).json()
    answers = [one, alike, *several["lists"]]
    assert len({answer["list_id"] for answer in answers}) == 4
    for answer in answers:
        assert uuid.UUID(answer["list_id"]).version == 7
        places = [item["position"] for item in answer["items"]]
        assert places == list(range(1, len(places) + 1))
    assert running.service.answered.waiting + running.service.answered.remembered == 0
    with running.client("write") as writer:
        body = {"list_id": one["list_id"], "items": [one["items"][0]["id"]]}
        refused = writer.post("/v1/impressions", json=body)
        assert (refused.status_code, "remember_lists" in refused.json()["detail"]) == (409, True)
    assert lists() == {}, "lists are remembered only where the shop wants it"


def test_a_list_is_remembered_as_it_was_answered(
    shop: Any, mine: Any, lists: Callable[[], dict[str, Any]], until: Any
) -> None:
    with shop.client("read") as reader:
        _asked(reader, "/v1/items/i3/similar?k=2")
        many = _asked(reader, "/v1/users/recommendations", users=["u1", "nobody we know"], k=2)
        pinned = _asked(reader, "/v1/recommendations", user="u2", by="popular", pins=["i9"])
    until(lambda: shop.service.answered.remembered == 5)
    kept = lists()
    one = kept[mine["list_id"]]
    assert one["items"] == [item["id"] for item in mine["items"]]
    assert one["sources"] == [item["source"] for item in mine["items"]]
    assert (one["users"], one["by"], one["generation"]) == (["u1"], "for-you", 1)
    assert json.loads(one["options"]) == {"k": 3, "filters": {"kind": ["tea"]}}
    # The id of somebody whom the graph does not know is kept nowhere.
    assert [kept[each["list_id"]]["users"] for each in many["lists"]] == [["u1"], []]
    assert "nobody we know" not in json.dumps(kept)
    assert json.loads(kept[pinned["list_id"]]["options"])["arrangement"]["pins"] == ["i9"]


def test_what_was_seen_counts_once(shop: Any, mine: Any) -> None:
    first, second, _ = (item["id"] for item in mine["items"])
    with shop.client("write") as writer, shop.client("read") as reader:
        seen = {"list_id": mine["list_id"], "items": [first, second]}
        told = [_asked(writer, "/v1/impressions", **seen) for _ in range(2)]
        assert [(one["accepted"], one["duplicate"]) for one in told] == [(2, 0), (0, 2)]
        # A list that was answered just now, and whose report comes before it is written.
        late = _asked(reader, "/v1/users/u3/recommendations?k=1")
        _asked(writer, "/v1/impressions", list_id=late["list_id"], items=[late["items"][0]["id"]])
        for body, status, said in (
            ({"list_id": first_list_id(5), "items": [first]}, 404, "no list"),
            ({"list_id": mine["list_id"], "items": [first, "i0x"]}, 422, "does not have the item"),
            ({"list_id": "list-1", "items": [first]}, 422, "pattern"),
            ({"list_id": mine["list_id"], "items": [first] * 10_000}, 422, "at most 100"),
        ):
            answer = writer.post("/v1/impressions", json=body)
            assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.usefixtures("on_server")
def test_what_came_of_lists_is_told(shop: Any, mine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, _ = (item["id"] for item in mine["items"])
    bought = {"user_id": "u1", "item_id": first, "event": "purchase", "weight": 4.0}
    named = {"list_id": mine["list_id"], "list_position": 1}
    events = [
        bought | named,
        bought | {"item_id": second, "event": "click", "list_id": mine["list_id"]},
        bought | {"list_id": new_list_id()},  # the same event: what it names is no part of it
        bought | named | {"user_id": "u2"},
        bought | {"item_id": second, "list_id": mine["list_id"], "list_position": 3},
    ]
    with shop.client("write") as writer:
        taken = _asked(writer, "/v1/events", events=events)
        assert (taken["accepted"], taken["duplicate"]) == (4, 1)
        bad = writer.post("/v1/events", json={"events": [bought | {"list_position": 2}]})
        assert (bad.status_code, "list_id" in bad.text) == (422, True)

    shop.service.outcomes.look()
    monkeypatch.setenv("ENGINE_HOME", str(shop.settings.home))
    printed = json.loads(invoked("outcomes", "--json").stdout)
    with shop.client("read") as reader:
        report = _asked(reader, "/v1/outcomes")
        twice = "event=purchase&event=click&event=purchase"
        by_place = _asked(reader, f"/v1/outcomes?by=position&{twice}&rule=true")
        assert reader.get("/v1/outcomes?by=user").status_code == 422
        assert reader.get("/v1/outcomes?event=Purchase!").status_code == 422
        metrics = reader.get("/metrics").text
    (group,) = report["groups"]
    assert (group["lists"], group["impressions"], group["users"]) == (6, 3, 5)
    click, purchase = group["outcomes"]
    assert (click["event"], click["attribution"], click["events"]) == ("click", "list-id", 1)
    assert (purchase["event"], purchase["events"], purchase["value"]) == ("purchase", 1, 4.0)
    assert click["per_impression"]["ratio"] == pytest.approx(1 / 3)
    assert report["unattributed"] == {"foreign": 1, "wrong-position": 1}
    assert printed["groups"][0]["lists"] == 6
    assert printed["unattributed"] == report["unattributed"]
    places = {one["group"]: one for one in by_place["groups"]}
    assert list(places)[:3] == ["1", "2", "3"]
    told = [(one["event"], one["attribution"]) for one in places["1"]["outcomes"]]
    both = ("list-id", "rule")
    assert told == [(event, by) for event in ("purchase", "click") for by in both]
    assert (places["1"]["impressions"], places["2"]["impressions"]) == (2, 1)
    assert "engine_lists_remembered_total 6.0" in metrics
    assert 'engine_day_outcomes{event="purchase"} 1.0' in metrics
    assert 'engine_day_unattributed{reason="foreign"} 1.0' in metrics
    assert 'engine_impressions_total{outcome="accepted"} 3.0' in metrics
    shown = invoked("outcomes", "--by", "position", "--event", "purchase").stdout
    assert "per_impression" in shown


@pytest.mark.usefixtures("on_server")
def test_what_was_shown_rests_until_it_is_used_or_the_time_is_over(
    shop: Any, lists: Callable[[], dict[str, Any]], bare_run: Callable[..., Any], until: Any
) -> None:
    with (
        shop.client("write") as writer,
        shop.client("read") as reader,
        engine.connect(home=shop.settings.home) as e,  # what it lists is not remembered
    ):

        def shown(**options: Any) -> set[str]:
            return {one.id for one in e.recommend("u7", k=200, exclude_seen=False, **options).items}

        def resting(within: str = "6h", **options: Any) -> set[str]:
            return everything - shown(not_shown_within=within, **options)

        everything = shown()
        path = "/v1/users/u7/recommendations?k=2"
        first = _asked(reader, path)
        second = _asked(reader, f"{path}&cursor={first['cursor']}")
        until(lambda: {first["list_id"], second["list_id"]} <= set(lists()))
        kept = lists()[second["list_id"]]
        assert (kept["first"], json.loads(kept["options"])) == (3, {"k": 2})
        a, b, c, d = (one["id"] for page in (first, second) for one in page["items"])
        assert resting() == {a, b, c, d}
        assert not shown(by="popular", not_shown_within="6h") & {a, b, c, d}
        like = e.similar("i50", k=200, user="u7", not_shown_within="6h")
        assert not {a, b, c, d} & {one.id for one in like.items}
        anybody = e.similar("i50", k=200, not_shown_within="6h")
        assert {a, b, c, d} <= {one.id for one in anybody.items}

        seen = {"list_id": second["list_id"], "items": [d]}
        _asked(writer, "/v1/impressions", **seen)
        assert resting() == {a, b, d}, "of a list with reports, what was seen"
        bought = {
            "user_id": "u7",
            "item_id": d,
            "timestamp": datetime.now(UTC).isoformat(),
            "event": "purchase",
            "list_id": second["list_id"],
            "list_position": 4,
        }
        _asked(writer, "/v1/events", events=[bought])
        assert resting() == {a, b}
        assert resting(seen_events=["click"]) == {a, b, d}, "bought, which is no use here"
        bare_run("MATCH (l:List {id: $id}) SET l.at = l.at - 7200000", id=first["list_id"])
        assert resting("1h") == set()
        assert resting("3h") == {a, b}
        for refused in ("6", "h", "0h", "6w", "99999999d"):
            answer = reader.get(path, params={"k": 2, "not_shown_within": refused})
            assert answer.status_code == 422
            with pytest.raises(UsageError, match="not_shown_within must be"):
                shown(not_shown_within=refused)
        places = {one.group: one for one in e.outcomes(by="position", events=["purchase"]).groups}
        assert [one.events for one in places["4"].outcomes] == [1]


@pytest.mark.usefixtures("on_server")
def test_an_id_that_stands_for_a_user_is_that_user_in_lists_and_experiments(
    shop: Any, lists: Callable[[], dict[str, Any]], bare_run: Callable[..., Any], until: Any
) -> None:
    visitors = [f"visitor-{n}" for n in range(8)]
    bare_run("UNWIND $ids AS id CREATE (:User {id: id})", ids=visitors)
    path = "/v1/users/{}/recommendations?k=2"
    with shop.client("write") as writer, shop.client("read") as reader:
        with engine.connect(home=shop.settings.home) as e:
            e.start_experiment("tea", {"a": "serving", "b": "holdout"})
            until(lambda: "variant" in _asked(reader, path.format("u8")))
            for visitor in visitors:
                _asked(writer, "/v1/users/u8/merge", old=visitor)
            expected = e.assigned_variant("u8")
            assert expected is not None
            answers = [_asked(reader, path.format(visitor)) for visitor in visitors]
            assert {e.assigned_variant(one)[1].name for one in visitors} == {"a", "b"}  # type: ignore[index]
            e.stop_experiment("tea")
        body = {"user": visitors[0], "by": "popular", "k": 1}
        answers.append(_asked(reader, "/v1/recommendations", **body))
        answers += _asked(reader, "/v1/users/recommendations", users=visitors[:1], k=1)["lists"]
    shown = {one["variant"]["variant"] for one in answers[:8]}
    assert shown == {expected[1].name}, "one person has one variant, whichever id asks"
    ids = {one["list_id"] for one in answers}
    until(lambda: ids <= set(lists()))
    kept = lists()
    assert [kept[id_]["users"] for id_ in ids] == [["u8"]] * len(ids), "whose the lists are"
    assert "visitor" not in json.dumps([kept[id_]["options"] for id_ in ids])


def test_figures_of_the_last_day_are_of_lists_that_are_there(
    shop: Any, bare_run: Callable[..., Any]
) -> None:
    """With list_days = 1 the day that is summed is one that is looked at."""
    bare_run(
        "CREATE (:ListSums {key: 'k', day: toString(date()), generation: 1, list: 'for-you', "
        "lists: 1000, listed: 1000, impressions: 1000, events: 0, value: 0.0})"
    )
    shop.service.outcomes.look()
    with shop.client("read") as reader:
        assert "engine_day_lists 1000.0" not in reader.get("/metrics").text
    bare_run("MATCH (s:ListSums {key: 'k'}) DELETE s")
