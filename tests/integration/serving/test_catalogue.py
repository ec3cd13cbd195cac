"""Users and items are described over HTTP by the rules of files, and the next answer goes by it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.connections.session import open_graph, open_registry
from engine.graph.lists.question import Question
from engine.graph.pulling import pull
from engine.loading.ingest import ingest_files
from engine.loading.load import IngestRequest
from engine.loading.locks import graph_replaced
from engine.publishing.item_graphs import BuildRequest
from engine.usecases import forgetting
from engine.usecases.graph_methods import build_item_graph


@pytest.fixture(scope="module")
def writer(running: Any) -> Iterator[httpx.Client]:
    with running.client("write") as client:
        yield client


@pytest.fixture(scope="module")
def reader(running: Any) -> Iterator[httpx.Client]:
    with running.client("read") as client:
        yield client


@pytest.fixture
def newest(running: Any) -> Callable[[], int | None]:
    """The batch that ``engine retrain`` looks at."""

    def newest() -> int | None:
        with open_graph(running.settings) as graph:
            return pull.newest_batch(graph)

    return newest


def counts(answer: httpx.Response) -> tuple[int, int, int]:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["accepted"], told["duplicate"], told["forgotten"]


def shown(reader: httpx.Client, path: str) -> dict[str, Any]:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert told.pop("took_ms") >= 0
    return told


def test_put_states_all_patch_changes_what_is_named_and_again_is_nothing(
    writer: httpx.Client, reader: httpx.Client, newest: Callable[[], int | None]
) -> None:
    path = "/v1/items/cups%2Fred"
    assert reader.get(path).status_code == 404
    assert writer.patch(path, json={"attributes": {"name": "x"}}).status_code == 404
    assert reader.get(path).status_code == 404, "a refused PATCH creates nothing"
    tea = {"relation": "in category", "tail": "cups", "tail_type": "category"}
    body = '{"attributes": {"title": "Red cup", "Unit Price": 3.50, "sizes": ["s", 2], "new": true,'
    body += ' "look": [0.5, 0.25]}, "expires_at": "2100-01-01", "facts": [' + json.dumps(tea) + "]}"
    headers = {"Content-Type": "application/json"}
    before = newest()
    assert counts(writer.put(path, content=body, headers=headers)) == (1, 0, 0)
    after = newest()
    assert after is not None
    assert after > (before or 0), "a night sees it"
    assert counts(writer.put(path, content=body, headers=headers)) == (0, 1, 0)
    assert newest() == after
    stored = {
        "name": "Red cup", "unit_price": "3.50", "sizes": ["s", "2"], "new": "true",
        "look": [0.5, 0.25],
    }  # fmt: skip
    fact = {"relation": "IN_CATEGORY", "tail": "cups", "tail_type": "Category"}
    assert shown(reader, path) == {
        "id": "cups/red", "attributes": stored, "facts": [fact], "hidden": False,
        "expires_at": 4_102_444_800_000,
    }  # fmt: skip
    patch = {"attributes": {"sizes": None, "colour": "red"}, "expires_at": None, "hidden": True}
    merge = {"Content-Type": "application/merge-patch+json"}
    assert counts(writer.patch(path, content=json.dumps(patch), headers=merge)) == (1, 0, 0)
    assert counts(writer.patch(path, json=patch)) == (0, 1, 0)
    del stored["sizes"]
    assert shown(reader, path) == {
        "id": "cups/red", "attributes": stored | {"colour": "red"}, "facts": [fact], "hidden": True,
    }  # fmt: skip
    assert counts(writer.put(path, json={"attributes": {"name": "Cup"}})) == (1, 0, 0)
    assert shown(reader, path) == {
        "id": "cups/red", "attributes": {"name": "Cup"}, "facts": [fact], "hidden": False,
    }  # fmt: skip
    other = {"relation": "SOLD_WITH", "tail": "i1", "tail_type": "Item"}
    assert counts(writer.patch(path, json={"facts": [other]})) == (1, 0, 0)
    assert shown(reader, path)["facts"] == [other]
    assert counts(writer.patch(path, json={"facts": []})) == (1, 0, 0)
    assert shown(reader, path)["facts"] == []


def test_a_verb_that_is_not_taken_is_told_those_that_are(writer: httpx.Client) -> None:
    for path, allowed in (
        ("/v1/items", "GET, POST"),
        ("/v1/users", "GET, POST"),
        ("/v1/users/u1", "GET, PUT, PATCH, DELETE"),
    ):
        answer = writer.request("TRACE", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_users_alike(writer: httpx.Client, reader: httpx.Client) -> None:
    friend = {"relation": "FRIEND", "tail": "u2", "tail_type": "User"}
    both = {"attributes": {"segment": "b2b", "age": 40}, "facts": [friend]}
    assert counts(writer.put("/v1/users/ann", json=both)) == (1, 0, 0)
    assert counts(writer.patch("/v1/users/ann", json={"attributes": {"age": None}})) == (1, 0, 0)
    told = shown(reader, "/v1/users/ann")
    assert told == {"id": "ann", "attributes": {"segment": "b2b"}, "facts": [friend]}
    assert writer.put("/v1/users/ann", json={"hidden": True}).status_code == 422
    many = {"users": [{"id": f"m{n}", "attributes": {"n": n}} for n in range(3)]}
    assert counts(writer.post("/v1/users", json=many)) == (3, 0, 0)
    assert counts(writer.post("/v1/users", json=many)) == (0, 3, 0)


def test_a_request_of_many_is_whole_or_nothing_and_says_what_is_wrong(
    writer: httpx.Client, reader: httpx.Client, newest: Callable[[], int | None]
) -> None:
    good = {"id": "b1", "attributes": {"name": "Bulk", "look2": [0.1, 0.2]}}
    bad = [
        good,
        {"id": "NULL", "attributes": {"name": "x"}},
        {"id": "b2", "expires_at": "soon"},
        {"id": "b3", "attributes": {"embedding_g1": "x", "hidden": True}},
        {"id": "b1", "attributes": {"name": "Otherwise"}},
        {"id": "b4", "facts": [{"relation": "INTERACTED", "tail": "t"}]},
        {"id": "b5", "attributes": {"look2": [0.1, 0.2, 0.3], "name": "x", "more": "y"}},
    ]
    before = newest()
    refused = writer.post("/v1/items", json={"items": bad})
    assert refused.status_code == 422
    told = {(tuple(one["where"]), one["code"]): one["what"] for one in refused.json()["errors"]}
    assert set(told) == {
        (("body", "items", 1, "id"), "required-value"),
        (("body", "items", 2, "expires_at"), "type-error"),
        (("body", "items", 3, "attributes", "embedding_g1"), "attribute-name"),
        (("body", "items", 3, "attributes", "hidden"), "attribute-name"),
        (("body", "items", 4, "id"), "conflict"),
        (("body", "items", 5, "facts", 0, "relation"), "reserved"),
        (("body", "items", 6, "attributes", "look2"), "vector-length"),
    }
    assert "write a time: ISO 8601" in told[("body", "items", 2, "expires_at"), "type-error"]
    assert newest() == before
    assert reader.get("/v1/items/b1").status_code == 404
    assert counts(writer.post("/v1/items", json={"items": [good, good]})) == (1, 1, 0)
    # What is a vector in the graph stays one, of one length.
    whole = {"items": [{"id": "b6", "attributes": {"look2": [1, 2]}}]}
    assert counts(writer.post("/v1/items", json=whole)) == (1, 0, 0)
    assert shown(reader, "/v1/items/b6")["attributes"] == {"look2": [1.0, 2.0]}
    for verb in (writer.put, writer.patch):
        text = verb("/v1/items/b6", json={"attributes": {"look2": "red"}})
        assert [one["code"] for one in text.json()["errors"]] == ["vector-type"]
    new = {"items": [{"id": "b7", "attributes": {"Look2": ["a", "b"], "name": "x"}}]}
    refused = writer.post("/v1/items", json=new)
    assert [one["code"] for one in refused.json()["errors"]] == ["vector-number"]
    longer = writer.put("/v1/items/b6", json={"attributes": {"look2": [0.5, 1, 2]}})
    assert longer.json()["errors"][0]["where"] == ["body", "attributes", "look2"]
    assert writer.post("/v1/items", json={"items": [{"id": "x"}] * 501}).status_code == 422
    nothing = writer.put("/v1/items/NULL", json={})
    assert nothing.json()["errors"][0]["where"] == ["path", "item"]


def test_a_file_of_the_same_rows_says_nothing_new(
    running: Any, writer: httpx.Client, tmp_path: Path
) -> None:
    rows = [{"id": f"same{n}", "Price": 1.50, "tags": ["a"], "hidden": True} for n in range(3)]
    file = tmp_path / "items.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = ingest_files(running.settings, IngestRequest(items=file))[0]
    assert report.accepted == 3
    sent = [
        {"id": row["id"], "hidden": True, "attributes": {"Price": 1.5, "tags": ["a"]}}
        for row in rows
    ]
    assert counts(writer.post("/v1/items", json={"items": sent})) == (0, 3, 0)


LISTS = ("for-you", "because", "again", "next", "people", "trending", "popular", "likes")
OF_ITEMS = ("embedding", "bought-together", "within-basket", "next", "attributes")


@pytest.fixture(scope="module")
def lists(running: Any, writer: httpx.Client, reader: httpx.Client) -> dict[str, Any]:
    """Ask for each list of the shop: its name to a function that returns the ids of it."""
    bought = [
        {
            "user_id": user,
            "item_id": item,
            "timestamp": f"2026-{month:02}-{day:02}",
            "event": "buy",
            "basket_id": f"{user}-{month}",
        }
        for user in ("u4", "u5")
        for month in range(1, 7)
        for day, item in ((1, "i3"), (2, "i5"), (3, "i7"))
    ]
    assert writer.post("/v1/events", json={"events": bought}).status_code == 200
    for method in ("co-occurrence", "sequential"):
        build_item_graph(running.settings, BuildRequest(method, min_count=1))

    def ids(answer: httpx.Response) -> list[str]:
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    def of_user(by: str) -> Callable[[], list[str]]:
        asked = {"user": "u4", "by": by, "exclude_seen": False, "likes": ["i3"]}
        if by != "likes":
            del asked["likes"]
        return lambda: ids(reader.post("/v1/recommendations", json=asked))

    def of_item(by: str) -> Callable[[], list[str]]:
        return lambda: ids(reader.get("/v1/items/i3/similar", params={"by": by}))

    def of_memory() -> list[str]:
        # What every list is made of, should Neo4j go away now.
        return [one.id for one in running.service.graph.popular.answer(Question(k=10))]

    return (
        {by: of_user(by) for by in LISTS}
        | {f"similar by {by}": of_item(by) for by in OF_ITEMS}
        | {"memory": of_memory}
    )


@pytest.mark.parametrize("gone", [{"hidden": True}, {"expires_at": 1_000_000_000}], ids=str)
def test_what_is_out_of_stock_leaves_the_next_answer_of_every_list(
    writer: httpx.Client, lists: dict[str, Callable[[], list[str]]], gone: dict[str, Any]
) -> None:
    found = {name: ask() for name, ask in lists.items()}
    assert {name for name, ids in found.items() if not ids} == set(), "a list is empty"
    firsts = {name: ids[0] for name, ids in found.items()}
    every = sorted(set(firsts.values()))
    rows = {"items": [{"id": id_} | gone for id_ in every]}
    assert counts(writer.post("/v1/items", json=rows)) == (len(every), 0, 0)
    still = {name: ask() for name, ask in lists.items()}
    assert {name: ids for name, ids in still.items() if firsts[name] in ids} == {}
    rows = {"items": [{"id": id_} | dict.fromkeys(gone) for id_ in every]}
    assert counts(writer.post("/v1/items", json=rows)) == (len(every), 0, 0)
    lacking = {name for name, ask in lists.items() if firsts[name] not in ask()}
    assert lacking <= {"memory"}, "memory takes it back when it is next read"


def test_memory_follows_what_others_write(
    running: Any,
    writer: httpx.Client,
    lists: dict[str, Callable[[], list[str]]],
    until: Callable[..., None],
    tmp_path: Path,
) -> None:
    first = lists["memory"]()[0]
    file = tmp_path / "hidden.jsonl"
    file.write_text(json.dumps({"id": first, "hidden": True}))
    assert ingest_files(running.settings, IngestRequest(items=file))[0].accepted == 1
    # Sooner than memory is read anyway, which is after half a minute.
    until(lambda: first not in lists["memory"](), 20.0)
    assert counts(writer.patch(f"/v1/items/{first}", json={"hidden": False})) == (1, 0, 0)


def test_a_new_item_that_shares_something_is_recommended_at_once(
    writer: httpx.Client, reader: httpx.Client
) -> None:
    brand = {"relation": "MADE_BY", "tail": "1", "tail_type": "Brand"}
    sent = {"attributes": {"name": "Fresh", "kind": "tea"}, "facts": [brand]}
    assert counts(writer.put("/v1/items/fresh", json=sent)) == (1, 0, 0)
    alike = reader.get("/v1/items/fresh/similar").json()
    assert alike["basis"]["served"] == "embedding"
    assert len(alike["items"]) == 10


def test_items_are_found_by_id_and_by_name(writer: httpx.Client, reader: httpx.Client) -> None:
    names = ["O'Neil's Darjeeling", "Earl Grey tea", "Green tea (loose) 3.5", 'Say "tea" AND more']
    rows: list[dict[str, Any]] = [
        {"id": f"find-{n}", "attributes": {"name": name}} for n, name in enumerate(names)
    ]
    rows[1] |= {"hidden": True}
    writer.post("/v1/items", json={"items": [*rows, {"id": "find-😀"}]})

    def found(**query: Any) -> tuple[list[str], bool]:
        told = reader.get("/v1/items", params=query)
        assert told.status_code == 200, told.text
        return [one["id"] for one in told.json()["items"]], told.json()["more"]

    assert found(prefix="find-", limit=3) == (["find-0", "find-1", "find-2"], True)
    assert found(prefix="find-", limit=3, after="find-2") == (["find-3", "find-😀"], False)
    assert found(prefix="find-3", after="find-1") == (["find-3"], False)
    assert found(prefix="find-1", after="find-3") == ([], False)
    assert found(q="o'neil's") == (["find-0"], False)
    assert found(q="darj") == (["find-0"], False), "the beginning of a word"
    assert set(found(q="TEA")[0]) == {"find-1", "find-2", "find-3"}
    assert found(q="tea green") == (["find-2"], False), "every word"
    assert found(q="(loose) 3.5")[0] == ["find-2"]
    assert found(q='"tea" AND mo')[0] == ["find-3"], "signs of the index's language are text"
    for syntax in ("name:tea OR *", "foo~ AND *:*", "tea\\", '"tea', "tea)"):
        assert reader.get("/v1/items", params={"q": syntax}).status_code == 200, syntax
    assert found(q="foo~ AND *:*") == ([], False)
    assert found(q="") == ([], False)
    entry = reader.get("/v1/items", params={"q": "earl grey"}).json()["items"][0]
    assert entry == {"id": "find-1", "name": "Earl Grey tea", "hidden": True}
    assert reader.get("/v1/items", params={"q": "tea", "prefix": "f"}).status_code == 422


def test_users_are_found_by_name(writer: httpx.Client, reader: httpx.Client) -> None:
    names = ["Ada Lovelace", "Ada O'Neil", "Grace Hopper"]
    rows = [{"id": f"found-{n}", "attributes": {"name": name}} for n, name in enumerate(names)]
    writer.post("/v1/users", json={"users": rows})

    def found(**query: Any) -> tuple[list[str], bool]:
        told = reader.get("/v1/users", params=query)
        assert told.status_code == 200, told.text
        return [one["id"] for one in told.json()["users"]], told.json()["more"]

    assert found(prefix="found-") == (["found-0", "found-1", "found-2"], False)
    assert found(q="ada love") == (["found-0"], False), "every word, the last one begun"
    assert set(found(q="ADA")[0]) == {"found-0", "found-1"}
    assert found(q="ada", limit=1)[1], "there is another one"
    assert found(q="o'neil") == (["found-1"], False)
    assert found(q='"grace" OR *')[0] == []
    assert found(q="") == ([], False)
    assert reader.get("/v1/users", params={"q": "ada", "prefix": "f"}).status_code == 422


def test_nobody_who_is_forgotten_comes_back(
    running: Any, writer: httpx.Client, reader: httpx.Client
) -> None:
    with running.client("admin") as admin:
        for path in ("/v1/items/recalled", "/v1/users/leaver"):
            writer.put(path, json={})
            assert admin.delete(path).status_code == 200
    try:
        rows = [{"id": "recalled"}, {"id": "stays", "attributes": {"embedding_x": 1}}]
        refused = writer.post("/v1/items", json={"items": rows}).json()
        assert refused["errors"][0]["where"][2] == 1, "its place in the request as it was sent"
        assert counts(writer.put("/v1/items/recalled", json={"hidden": True})) == (0, 0, 1)
        assert reader.get("/v1/items/recalled").status_code == 404
        facts = [
            {"relation": "LIKES", "tail": "recalled", "tail_type": "Item"},
            {"relation": "FRIEND", "tail": "leaver", "tail_type": "User"},
            {"relation": "FRIEND", "tail": "u1", "tail_type": "User"},
        ]
        assert counts(writer.put("/v1/users/u1x", json={"facts": facts})) == (1, 0, 2)
        assert shown(reader, "/v1/users/u1x")["facts"] == [facts[2]]
        assert reader.get("/v1/users/leaver").status_code == 404
    finally:
        forgetting.lift(running.settings, "item", ("recalled",))
        forgetting.lift(running.settings, "user", ("leaver",))


def test_many_writers_of_one_item_leave_what_one_of_them_said(
    running: Any, reader: httpx.Client
) -> None:
    def put(n: int) -> int:
        with running.client("write") as writer:
            said = {"attributes": {"a": str(n), f"only{n}": "x"}}
            status: int = writer.put("/v1/items/contended", json=said).status_code
            return status

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(put, range(16))) == {200}
    stored = shown(reader, "/v1/items/contended")["attributes"]
    assert set(stored) == {"a", f"only{stored['a']}"}


def test_an_import_that_replaces_the_graph_is_not_disturbed(
    running: Any, writer: httpx.Client
) -> None:
    with graph_replaced(running.settings):
        answer = writer.put("/v1/items/i1", json={})
    assert answer.status_code == 503
    assert "imported offline" in answer.json()["detail"]


def test_the_load_stands_in_the_registry(settings: Any, serving: Any) -> None:
    with serving(settings) as one, one.client("write") as writer:
        for _ in range(2):
            writer.put("/v1/items/told", json={"attributes": {"a": "b"}})
    with open_registry(settings) as registry:
        newest = registry.ingests(1)[0]
    assert (newest.kind, newest.accepted, newest.duplicate) == ("items", 1, 1)
