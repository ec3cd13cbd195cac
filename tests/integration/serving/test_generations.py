"""Promote and roll back over HTTP: one flip, an audit line, and no answer that mixes two."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

import engine
from engine.connections.session import open_graph
from engine.graph import stored_generations, stored_lists
from engine.graph.lists import recommendations
from engine.graph.lists.recommendations import Question
from engine.usecases.generations import list_pointer_moves

from .conftest import N_ITEMS


@pytest.fixture(scope="module")
def two(
    settings: Any, serving: Any, publish_model: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A service over two generations, of which the second serves."""
    publish_model(settings, tmp_path_factory.mktemp("second"), 4)
    with serving(settings) as one:
        yield one


def lists(settings: Any, users: list[str]) -> dict[str, list[str]]:
    with open_graph(settings) as graph:
        found = recommendations.for_users(graph, users, Question(k=10))
    return {one.subject: [item.id for item in one.items] for one in found}


def test_back_and_forth_with_the_key_in_the_audit(two: Any) -> None:
    with two.client("admin") as admin, two.client("read") as reader:
        back = admin.post("/v1/generations/rollback", json={"why": "complaints"}).json()
        assert (back["generation"], back["previous"], back["moved"]) == (1, 2, True)
        assert reader.get("/v1/users/u1/recommendations").json()["generation"] == 1
        told = reader.get("/v1/generations").json()
        assert told["generation"] == 1
        assert [(one["number"], one["serving"]) for one in told["generations"]] == [
            (2, False),
            (1, True),
        ]
        again = admin.post("/v1/generations/rollback", json={"to": 1}).json()
        assert again["moved"] is False
        forth = admin.post("/v1/generations/2/promote", json={"why": "mended"}).json()
        assert (forth["generation"], forth["previous"], forth["moved"]) == (2, 1, True)
    newest, before, *_ = list_pointer_moves(two.settings)
    assert (newest.kind, newest.why, before.kind, before.why) == (
        "promote",
        "mended",
        "rollback",
        "complaints",
    )
    assert newest.who.startswith("admin (key ")


def test_what_cannot_be_promoted(two: Any) -> None:
    with open_graph(two.settings) as graph, two.client("admin") as admin:
        stored_generations.create_candidate(graph, 77, {"model": "half-written"})
        try:
            assert admin.post("/v1/generations/99/promote", json={}).status_code == 404
            half = admin.post("/v1/generations/77/promote", json={})
            assert (half.status_code, "candidate" in half.json()["detail"]) == (409, True)
            assert admin.post("/v1/generations/rollback", json={"to": 98}).status_code == 404
        finally:
            stored_generations.remove(graph, 77)
        for body in ({"number": 1}, {"why": 1}, {"why": "x" * 501}, [], None):
            answer = admin.post("/v1/generations/1/promote", json=body)
            assert answer.status_code in (400, 415, 422)
        for number in ("x", "-1", "0", "1.5", "2147483648", "1e3"):
            answer = admin.post(f"/v1/generations/{number}/promote", json={})
            assert answer.status_code == 422, number


def test_there_is_a_first_one(two: Any) -> None:
    with two.client("admin") as admin:
        assert admin.post("/v1/generations/rollback", json={}).status_code == 200
        first = admin.post("/v1/generations/rollback", json={})
        assert (first.status_code, "nothing to go back to" in first.text) == (409, True)
        assert admin.post("/v1/generations/2/promote", json={}).status_code == 200


def test_two_at_once_move_it_once(two: Any) -> None:
    with two.client("admin") as admin:
        admin.post("/v1/generations/1/promote", json={})

        def promote(_: int) -> bool:
            while (answer := admin.post("/v1/generations/2/promote", json={})).status_code == 503:
                assert answer.headers["retry-after"]
            assert answer.status_code == 200, answer.text
            moved: bool = answer.json()["moved"]
            return moved

        with ThreadPoolExecutor(6) as pool:
            moved = list(pool.map(promote, range(12)))
    kinds = [flip.to_number for flip in list_pointer_moves(two.settings)]
    assert kinds[:2] == [2, 1]
    assert any(moved)


def test_no_answer_mixes_two_generations(two: Any) -> None:
    users = [f"u{n}" for n in range(30)]
    expected = {}
    with two.client("admin") as admin:
        for number in (1, 2):
            admin.post(f"/v1/generations/{number}/promote", json={})
            expected[number] = lists(two.settings, users)
    assert expected[1] != expected[2]
    done = threading.Event()
    seen: set[int] = set()

    def read(first: int) -> int:
        turn = first
        with two.client("read") as reader:
            while not done.is_set():
                user = users[turn % 30]
                answer = reader.get(f"/v1/users/{user}/recommendations", params={"k": 10})
                assert answer.status_code == 200, answer.text
                told = answer.json()
                assert not told["degraded"]
                ids = [item["id"] for item in told["items"]]
                assert ids == expected[told["generation"]][user]
                seen.add(told["generation"])
                turn += 7
        return turn

    with ThreadPoolExecutor(3) as pool, two.client("admin") as admin:
        readers = [pool.submit(read, n) for n in range(3)]
        try:
            for turn in range(12):
                path = "1/promote" if turn % 2 == 0 else "2/promote"
                assert admin.post(f"/v1/generations/{path}", json={}).status_code == 200
        finally:
            done.set()
        assert all(one.result() for one in readers)
    assert seen == {1, 2}


def _listed(pages: list[Any]) -> list[str]:
    return [item["id"] for page in pages for item in page["items"]]


def _pages(ask: Callable[..., Any], k: int) -> list[Any]:
    """Return every page: the first, then each by the cursor of the one before."""
    pages = [ask(k=k)]
    while cursor := pages[-1].get("cursor"):
        pages.append(ask(k=k, cursor=cursor))
    return pages


@pytest.mark.usefixtures("on_server")
def test_no_page_repeats_another_though_the_generation_changes(two: Any) -> None:
    with open_graph(two.settings) as graph:
        stored_lists.change(graph, "front", {"by": "popular", "k": 40, "block": ["i0"]}, "test")
    with two.client("admin") as admin, two.client("read") as reader:

        def posted(**body: Any) -> Any:
            return reader.post("/v1/recommendations", json={"user": "u1"} | body).json()

        def ask(path: str) -> Callable[..., Any]:
            return lambda **query: reader.get(path, params=query).json()

        of_user = ask("/v1/users/u1/recommendations")
        whole = _listed([of_user(k=100)])
        with engine.connect(home=two.settings.home) as e:
            first = e.recommend("u1", k=2)
            behind = e.recommend("u1", k=3, cursor=first.cursor)
            assert [one.id for one in (*first.items, *behind.items)] == whole[:5]
            assert [row["rank"] for row in behind.to_dicts()] == [3, 4, 5]

        generations = [2, 1, 2, 1, 2]
        pages: list[Any] = []
        for number in generations:
            admin.post(f"/v1/generations/{number}/promote", json={})
            pages.append(of_user(k=20, **({"cursor": pages[-1]["cursor"]} if pages else {})))
        assert [one["generation"] for one in pages] == generations
        assert len(set(_listed(pages))) == 100
        places = [item["position"] for page in pages for item in page["items"]]
        assert places == list(range(1, 101))

        for one in (
            of_user,
            partial(posted, by="popular", exclude_seen=False, pins=["i9"]),
            ask("/v1/lists/front"),
            ask("/v1/items/i3/similar"),
        ):
            pages = _pages(one, 30)
            ids = _listed(pages)
            assert len(ids) == len(set(ids)) > 60
            assert ids[:100] == _listed([one(k=100)]), "as in one long list"
            assert "cursor" not in pages[-1]
        assert len(ids) == N_ITEMS - 1, "the whole catalogue"

        for wrong in ("", "x", "2.eNqLjgUAARUAuQ", "1.AAAA"):
            answers = [
                *(
                    reader.get(path, params={"cursor": wrong})
                    for path in ("/v1/users/u1/recommendations", "/v1/items/i3/similar")
                ),
                reader.post("/v1/recommendations", json={"cursor": wrong}),
            ]
            assert [one.status_code for one in answers] == [422, 422, 422], wrong
            assert all("cursor must be the one of an answer" in one.text for one in answers)
