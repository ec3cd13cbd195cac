"""Before the first publish: what needs no model is answered, the rest names the command."""

from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest

from engine.answering.answers import LISTS, Similarity
from engine.serving import app
from engine.usecases.graph_methods import BuildRequest, build_item_graph

from ..sample import NEWEST

PUBLISH = "engine train && engine publish"
BY_A_MODEL = {
    "because": PUBLISH,
    "likes": PUBLISH,
    "embedding": PUBLISH,
    "filter": "engine train --model item-knn",
}
"""Lists that need a model, and the command that makes it."""
PAGE = app.routes(docs=True).openapi()["paths"]
OF_LISTS = "/v1/experiments/{name}/report"
"""Nothing to report before there were lists."""
READS = [
    path
    for path, methods in PAGE.items()
    if path.startswith("/v1") and "get" in methods and path != OF_LISTS
]


@pytest.fixture(scope="module")
def unpublished(
    settings: Any, serving: Any, bare_driver: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A service over a shop that was loaded; nothing is published, and no item graph built."""
    with bare_driver.session() as session:
        session.run("MATCH (:Serving)-[uses:USES]->() DELETE uses").consume()
        session.run(
            "MATCH (a:User {id: 'u1'}), (b:User {id: 'u2'}) "
            "CREATE (a)-[:FOLLOWS {key: 1, batch: 1}]->(b)"
        ).consume()
        session.run(
            "MATCH (u:User {id: 'u1'}), (i:Item) WHERE i.id IN ['i4', 'i7'] "
            "UNWIND [30, 40] AS days CREATE (u)-[:INTERACTED {key: 'due' + days + i.id, "
            "event: 'buy', weight: 1.0, batch: 1, basket: 'basket' + days, "
            "at: $newest - days * 86400000}]->(i)",
            newest=NEWEST,
        ).consume()
        session.run("MATCH (i:Item) SET i.picture = [1.0, size(i.id) + 0.5]").consume()
    home = tmp_path_factory.mktemp("home")
    lists = {"front": {"by": "popular"}}
    with serving(settings.model_copy(update={"home": home, "lists": lists})) as one:
        yield one


def test_a_service_over_nothing_says_so(unpublished: Any) -> None:
    """Not ready; a first answer is given, and said to be that."""
    with unpublished.client("read") as reader:
        answer = reader.get("/v1/users/u1/recommendations")
        assert answer.status_code == 200
        assert answer.json()["basis"] == {"asked": "for-you", "served": "provisional"}
        assert "No model is published yet" in answer.json()["note"]
        assert "engine train; then: engine publish" in answer.json()["note"]
        popular = reader.post("/v1/recommendations", json={"by": "popular", "user": "u1"})
        assert {item["source"] for item in popular.json()["items"]} == {"popular"}
        asked = {"user": "u1", "by": "because", "fallback": ["next", "popular"]}
        filled = reader.post("/v1/recommendations", json=asked).json()
        assert filled["items"] == popular.json()["items"]
        assert "because: nothing is published yet. 0 of 10 found" in filled["note"]
        unbuilt = [
            reader.post("/v1/recommendations", json={"user": "u1", "by": "next"}),
            reader.get("/v1/items/i5/similar", params={"by": "next"}),
            reader.get("/v1/items/i5/similar", params={"by": "bought-together"}),
        ]
        for answer in unbuilt:
            assert answer.status_code == 409
            assert "engine graph build" in answer.json()["detail"]
        assert reader.get("/v1/items/none/similar").status_code in (404, 409)
        ready = reader.get("/health/ready")
        assert (ready.status_code, "published" in ready.json()["reason"]) == (503, True)
        assert reader.get("/health/live").status_code == 200
        assert "generation" not in reader.get("/v1/generations").json()


@pytest.fixture(scope="module")
def built(unpublished: Any) -> Any:
    """The same, with the graphs between items that need no model."""
    for kind in ("co-occurrence", "sequential"):
        build_item_graph(unpublished.settings, BuildRequest(kind, min_count=1))
    return unpublished


@pytest.mark.parametrize("path", READS)
def test_every_route_of_reading_answers(built: Any, path: str) -> None:
    with built.client("read") as reader:
        answer = reader.get(
            path.format(user="u1", item="i3", name="front"), params=_without_a_model(path)
        )
    assert answer.status_code == 200, answer.text
    assert "generation" not in answer.json()


def _without_a_model(path: str) -> dict[str, str]:
    return {"by": "attributes"} if path.endswith("/similar") else {}


def test_every_list_that_needs_no_model_has_items(built: Any) -> None:
    with built.client("read") as reader:
        for by in LISTS:
            body = {"user": "u1", "by": by, "likes": ["i5"], "exclude_seen": False}
            _judge(by, reader.post("/v1/recommendations", json=body))
        for by in get_args(Similarity):
            _judge(by, reader.get("/v1/items/i4/similar", params={"by": by}))
        many = {"users": ["u1", "nobody", "u2"], "return": ["kind"]}
        found = reader.post("/v1/users/recommendations", json=many).json()
        basket = {"items": ["i4"], "user": "u1"}
        assert reader.post("/v1/baskets/recommendations", json=basket).json()["items"]
    served = [one["basis"]["served"] for one in found["lists"]]
    assert served == ["provisional", "unknown-user", "provisional"]
    assert all("kind" in item["attributes"] for one in found["lists"] for item in one["items"])


def _judge(by: str, answer: httpx.Response) -> None:
    if by in BY_A_MODEL:
        assert (answer.status_code, BY_A_MODEL[by] in answer.json()["detail"]) == (409, True), by
    else:
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"], by
