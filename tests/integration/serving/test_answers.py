"""What the service answers is what the command line answers, with generation, sources and time."""

from typing import Any
from urllib.parse import quote

import pytest

from engine.answering.answers import recommend
from engine.answering.sources import Sources
from engine.answering.users_and_reasons import explain
from engine.connections.session import open_graph
from engine.graph.lists import knowledge_paths, recommendations
from engine.graph.lists.question import Arrangement, Question


def test_a_list_is_that_of_the_graph(running: Any) -> None:
    with open_graph(running.settings) as graph:
        expected = recommendations.for_users(graph, ["u3"], Question(k=7))[0]
    with running.client("read") as client:
        answer = client.get("/v1/users/u3/recommendations", params={"k": 7})
    assert answer.status_code == 200
    told = answer.json()
    assert [one["id"] for one in told["items"]] == [one.id for one in expected.items]
    assert [one["source"] for one in told["items"]] == [one.source for one in expected.items]
    assert (told["generation"], told["degraded"]) == (1, False)
    assert told["basis"] == {"asked": "for-you", "served": "embedding"}
    assert told["took_ms"] > 0
    assert answer.headers["x-request-id"]


def test_filters_hold(running: Any) -> None:
    with running.client("read") as client:
        told = client.get(
            "/v1/users/u3/recommendations",
            params={"k": 50, "where": ["kind=tea", "tags=mod1", "tags=mod2"]},
        ).json()
    numbers = [int(one["id"][1:]) for one in told["items"]]
    assert numbers
    assert all(n % 2 == 0 and n % 3 in (1, 2) for n in numbers)


@pytest.mark.parametrize("user", ["nobody", "a/b", "ü 😀", "'}) DETACH DELETE n //", "%2f"])
def test_an_unknown_user_gets_the_popular_items(running: Any, user: str) -> None:
    with running.client("read") as client:
        answer = client.get(f"/v1/users/{quote(user, safe='')}/recommendations")
    assert answer.status_code == 200, answer.text
    assert answer.json()["basis"]["served"] == "unknown-user"
    assert answer.json()["subject"] == user
    assert answer.json()["items"]


def test_similar_items_baskets_and_reasons_are_those_of_the_graph(running: Any) -> None:
    with open_graph(running.settings) as graph:
        like = recommendations.similar_items(graph, "i5", Question(k=4))
        paths = knowledge_paths.paths(graph, "u1", "i6", 5)
        explained = explain(graph, "u1", "i6")
    with running.client("read") as client:
        similar = client.get("/v1/items/i5/similar", params={"k": 4}).json()
        facts = client.get("/v1/items/i5/similar", params={"by": "attributes"}).json()
        why = client.get("/v1/users/u1/explanations/i6").json()
        unbuilt = client.post("/v1/baskets/recommendations", json={"items": ["i1", "i2"]})
    assert [one["id"] for one in similar["items"]] == [one.id for one in like.items]
    assert {one["source"] for one in facts["items"]} == {"attributes"}
    assert all(one["count"] == 1 for one in facts["items"])
    assert [one["via"] for one in why["paths"]] == [one.via for one in paths] == ["i1"]
    assert why["generation"] == 1
    assert why["sentence"] == explained.sentence
    assert why["ranked"] == []
    assert why["evidence"]["alike"][0]["id"] == explained.evidence.alike[0].id
    keys = [node["key"] for node in why["graph"]["nodes"]]
    assert (keys[0], keys[-1]) == ("user:u1", "item:i6")
    assert {"item:i1", "entity:Brand:1"} <= set(keys)
    assert all({edge["start"], edge["end"]} <= set(keys) for edge in why["graph"]["edges"])
    shared = {"start": "item:i6", "end": "entity:Brand:1", "kind": "fact", "relation": "MADE_BY"}
    assert shared | {"weight": paths[0].score} in why["graph"]["edges"]
    assert (unbuilt.status_code, "engine graph build" in unbuilt.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    "path",
    ["/v1/items/none/similar", "/v1/users/none/explanations/i1", "/v1/users/u1/explanations/x"],
)
def test_what_is_not_there_is_not_found(running: Any, path: str) -> None:
    with running.client("read") as client:
        answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_health_metrics_and_the_page(running: Any) -> None:
    with running.client() as client:
        assert client.get("/health/live").json() == {"status": "alive"}
        assert client.get("/health/ready").json() == {"status": "ready"}
        page = client.get("/docs")
        assert "https://" not in page.text
        for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
            assert client.get(f"/docs/{asset}").status_code == 200
        assert client.get("/docs/%2e%2e%2f%2e%2e%2fpyproject.toml").status_code == 404
    with running.client("read") as client:
        client.get("/v1/users/u1/recommendations")
        text = client.get("/metrics").text
    assert 'engine_requests_total{route="/v1/users/{user}/recommendations",status="200"}' in text
    assert "engine_neo4j_up 1.0" in text
    assert "engine_generation 1.0" in text


def test_every_answer_is_sealed(running: Any) -> None:
    with running.client("read") as client:
        for path in ("/v1/users/u1/recommendations", "/nowhere", "/health/live"):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "server" not in headers


def test_a_list_with_every_option_is_that_of_the_engine(running: Any) -> None:
    question = Question(
        k=6,
        filters={"kind": ["tea"]},
        facts={"Brand": ["1", "2"]},
        block=("i2",),
        arrangement=Arrangement(pins=("i22",), mmr=0.7, at_most=("tags", 5), damping=0.3),
    )
    sources = Sources("because", blend="for-you", fallback=("popular",))
    with open_graph(running.settings) as graph:
        expected = recommend(graph, "u3", question, sources)
    body = {
        "user": "u3",
        "by": "because",
        "blend": "for-you",
        "fallback": ["popular"],
        "k": 6,
        "filters": {"kind": ["tea"]},
        "facts": {"Brand": ["1", "2"]},
        "block": ["i2"],
        "pins": ["i22"],
        "mmr": 0.7,
        "at_most": {"trait": "tags", "n": 5},
        "damping": 0.3,
    }
    with running.client("read") as client:
        told = client.post("/v1/recommendations", json=body).json()
        likes = client.post("/v1/recommendations", json={"by": "likes", "likes": ["i5"]}).json()
    assert expected.items[0].id == "i22"
    assert [one["id"] for one in told["items"]] == [one.id for one in expected.items]
    assert [one["source"] for one in told["items"]] == [one.source for one in expected.items]
    assert told["note"] == expected.note()
    assert len(likes["items"]) == 10
    assert "i5" not in [one["id"] for one in likes["items"]]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"by": "because"}, "needs a user"),
        ({"user": "u1", "by": "because", "blend": "because"}, "blend"),
        ({"user": "u1", "by": "telepathy"}, "by"),
        ({"user": "u1", "mmr": 1.5}, "mmr"),
        ({"user": "u1", "boosts": [{"factor": -1.0, "value": "i1"}]}, "factor"),
        ({"user": "u1", "facts": {"Brand`})": ["1"]}}, "facts"),
        ({"user": "u1", "allow": ["i1"] * 1001}, "allow"),
        ({"user": "u1", "model_version": 2}, "model_version"),
    ],
)
def test_an_option_that_is_not_allowed_is_named(
    running: Any, body: dict[str, Any], said: str
) -> None:
    with running.client("read") as client:
        answer = client.post("/v1/recommendations", json=body)
    assert answer.status_code == 422
    assert said in answer.text


def test_items_bring_the_attributes_that_are_named(running: Any, bare: Any) -> None:
    """As they are, on every route of lists; what an item lacks is left out."""
    bare(
        "MATCH (i:Item {id: 'i5'}) SET i.price = 3.5, i.stock = 7, i.organic = true, "
        "i.since = date('2026-08-01'), i.picture = [0.5, -1.0]"
    )
    names = ["name", "price", "stock", "organic", "since", "tags", "picture", "no_such_column"]
    whole = {
        "name": "Item 5",
        "price": 3.5,
        "stock": 7,
        "organic": True,
        "since": "2026-08-01",
        "tags": ["all", "mod2"],
        "picture": [0.5, -1.0],
    }
    only = {"return": names, "candidates": ["i5", "i6"], "exclude_seen": False}
    basket = {"items": ["i7"], "return": names, "k": 100}
    with running.client("read") as client:
        lists = [
            client.get(
                "/v1/users/u3/recommendations", params={"return": ",".join(names), "k": 100}
            ),
            client.get("/v1/items/i7/similar", params={"return": ",".join(names), "k": 100}),
            client.post("/v1/recommendations", json=only | {"user": "u3"}),
            client.post("/v1/recommendations", json=only | {"by": "popular"}),
        ]
        plain = client.get("/v1/users/u3/recommendations").json()
        none = client.get("/v1/users/u3/recommendations", params={"return": ""}).json()
        own = client.get("/v1/users/u3/recommendations", params={"return": "embedding_g1"})
        unbuilt = client.post("/v1/baskets/recommendations", json=basket)
    for answer in lists:
        for one in answer.json()["items"]:
            number = int(one["id"][1:])
            other = {"name": f"Item {number}", "tags": ["all", f"mod{number % 3}"]}
            assert one["attributes"] == (whole if number == 5 else other)
        assert "i5" in [one["id"] for one in answer.json()["items"]]
    assert not any("attributes" in one for one in [*plain["items"], *none["items"]])
    assert (own.status_code, "engine's own" in own.json()["detail"]) == (422, True)
    assert unbuilt.status_code == 409


def _without(answer: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in names}


@pytest.mark.parametrize(
    "options",
    [
        {"k": 7, "return": ["kind"]},
        {"by": "because", "blend": "for-you", "pins": ["i22"], "mmr": 0.7},
        {"by": "next", "fallback": ["for-you", "popular"], "filters": {"kind": ["tea"]}},
        {"by": "trending", "exclude_seen": False},
    ],
)
def test_lists_of_many_users_are_those_of_each(running: Any, options: dict[str, Any]) -> None:
    users = [f"u{n}" for n in range(30)]
    with running.client("read") as client:
        together = client.post("/v1/users/recommendations", json=options | {"users": users}).json()
        alone = [
            client.post("/v1/recommendations", json=options | {"user": user}).json()
            for user in users
        ]
    own = {"generation", "degraded", "took_ms", "list_id"}
    assert [_without(one, own) for one in together["lists"]] == [
        _without(one, own) for one in alone
    ]
    assert len({one["list_id"] for one in together["lists"]}) == len(users)
    assert (together.get("generation"), together["degraded"], together["refused"]) == (
        alone[0].get("generation"),
        False,
        [],
    )


def test_one_of_many_users_is_refused_alone(running: Any) -> None:
    with running.client("read") as client:

        def ask(*users: str, **options: Any) -> Any:
            return client.post("/v1/users/recommendations", json={"users": users} | options)

        anybody = ask("u1", "nobody", "u1").json()
        people = ask("nobody", "u1", by="people").json()
        unbuilt = ask("u1", by="next")
        alone = ask("u1", by="friends")
    served = [(one["subject"], one["basis"]["served"]) for one in anybody["lists"]]
    assert served == [("u1", "embedding"), ("nobody", "unknown-user")]
    assert [one["subject"] for one in people["lists"]] == ["u1"]
    assert people["refused"] == [
        {"user": "nobody", "status": 404, "detail": "there is no user nobody"}
    ]
    assert (unbuilt.status_code, "engine graph build" in unbuilt.json()["detail"]) == (409, True)
    assert "no facts join users" in alone.json()["refused"][0]["detail"]
