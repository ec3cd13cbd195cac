"""Events over HTTP count exactly once, and are in the next answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.connections.session import open_graph, open_registry
from engine.loading.ingest import ingest_files
from engine.loading.load import IngestRequest
from engine.loading.locks import graph_replaced


def event(n: int, **more: Any) -> dict[str, Any]:
    return {"user_id": "u1", "item_id": f"i{n}", "timestamp": 1_750_000_000 + n} | more


@pytest.fixture
def count(running: Any) -> Callable[[], int]:
    """How many events the graph holds."""

    def count() -> int:
        with open_graph(running.settings) as graph:
            events: int = graph.read("status/counts")[0]["events"]
            return events

    return count


def test_what_was_sent_is_seen_by_the_next_answer(running: Any) -> None:
    with running.client("read") as reader, running.client("write") as writer:
        first = reader.get("/v1/users/u4/recommendations").json()["items"][0]["id"]
        sent = event(1, user_id="u4", item_id=first)
        assert writer.post("/v1/events", json={"events": [sent]}).json()["accepted"] == 1
        after = reader.get("/v1/users/u4/recommendations").json()["items"]
    assert first not in [one["id"] for one in after]


def test_a_new_user_and_a_new_item_are_there(running: Any, count: Callable[[], int]) -> None:
    before = count()
    sent = event(2, user_id="new/user", item_id="new item 😀", event="buy", weight=2, basket_id="b")
    with running.client("write") as writer:
        told = writer.post("/v1/events", json={"events": [sent]}).json()
    assert (told["accepted"], told["duplicate"]) == (1, 0)
    assert count() == before + 1


def test_the_same_again_counts_once(running: Any, count: Callable[[], int]) -> None:
    before = count()
    events = {"events": [event(n) for n in (10, 11, 12, 10)]}
    with running.client("write") as writer:
        told = [writer.post("/v1/events", json=events).json() for _ in range(3)]
    assert [(one["accepted"], one["duplicate"]) for one in told] == [(3, 1), (0, 4), (0, 4)]
    assert count() == before + 3


def test_the_same_twice_at_once_counts_once(running: Any, count: Callable[[], int]) -> None:
    before = count()
    events = {"events": [event(n, event_id=f"at-once-{n}") for n in range(20, 30)]}

    def send(_: int) -> int:
        with running.client("write") as writer:
            answer = writer.post("/v1/events", json=events)
        assert answer.status_code == 200, answer.text
        accepted: int = answer.json()["accepted"]
        return accepted

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(send, range(24))) == 10
    assert count() == before + 10


def test_many_clients_and_a_load_write_at_the_same_time(
    running: Any, count: Callable[[], int], tmp_path: Path
) -> None:
    before = count()
    file = tmp_path / "export.csv"
    rows = "".join(f"u1,i{n % 100},{1_740_000_000 + n}\n" for n in range(2_000))
    file.write_text(f"user_id,item_id,timestamp\n{rows}")

    def send(client: int) -> list[int]:
        with running.client("write") as writer:
            posts = [
                {"events": [event(n, timestamp=1_745_000_000 + 100 * client + n)]} for n in range(5)
            ]
            return [writer.post("/v1/events", json=post).status_code for post in posts]

    with ThreadPoolExecutor(13) as pool:
        load = pool.submit(ingest_files, running.settings, IngestRequest(events=file, bulk=False))
        assert [codes for codes in pool.map(send, range(12)) if codes != [200] * 5] == []
        assert load.result()[0].accepted == 2_000
    assert count() == before + 2_000 + 60


def test_while_the_graph_is_replaced_nothing_is_written_and_that_is_said(
    running: Any, count: Callable[[], int]
) -> None:
    before = count()
    with running.client("write") as writer:
        with graph_replaced(running.settings):
            answer = writer.post("/v1/events", json={"events": [event(100)]})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "being imported offline" in answer.json()["detail"]
        assert count() == before
        assert writer.post("/v1/events", json={"events": [event(100)]}).status_code == 200


def test_the_same_key_with_another_body_is_a_conflict(
    running: Any, count: Callable[[], int]
) -> None:
    with running.client("write") as writer:
        good = event(40, event_id="order-1")
        assert writer.post("/v1/events", json={"events": [good]}).status_code == 200
        before = count()
        for other in ({"item_id": "i41"}, {"weight": 2.0}, {"timestamp": 1_750_000_041}):
            events = [event(50), good | other]
            answer = writer.post("/v1/events", json={"events": events})
            assert answer.status_code == 409
            assert answer.json()["errors"][0]["where"] == ["body", "events", 1, "event_id"]
        twice = [event(60, event_id="order-2"), event(61, event_id="order-2")]
        assert writer.post("/v1/events", json={"events": twice}).status_code == 409
        assert count() == before  # the good ones beside them were not written either
        assert writer.post("/v1/events", json={"events": [good]}).json()["duplicate"] == 1
    with running.client("read") as reader:
        assert 'engine_refused_events_total{code="conflict"}' in reader.get("/metrics").text


def test_a_file_and_the_service_know_the_same_event(
    running: Any, count: Callable[[], int], tmp_path: Path
) -> None:
    """Content decides, however it came: an export that holds what was sent adds nothing."""
    with running.client("write") as writer:
        sent = [event(n, event="buy", weight=1.5) for n in (70, 71)]
        sent += [event(72, event="buy", weight=-0.0)]
        assert writer.post("/v1/events", json={"events": sent}).json()["accepted"] == 3
    before = count()
    file = tmp_path / "export.csv"
    file.write_text(
        "user_id,item_id,timestamp,event,weight\n"
        "u1,i70,2025-06-15T15:07:50Z,buy,1.5\nu1,i71,1750000071000,buy,1.50\n"
        "u1,i72,1750000072,buy,0\n"
    )
    report = ingest_files(running.settings, IngestRequest(events=file, bulk=False))[0]
    assert (report.accepted, report.duplicate) == (0, 3)
    assert count() == before


def test_an_event_without_a_time_is_the_same_in_a_file_and_over_http(
    running: Any, count: Callable[[], int], tmp_path: Path
) -> None:
    before = count()
    with running.client("write") as writer:
        without = {"user_id": "u1", "item_id": "i73"}
        sent = [without, without | {"timestamp": None}, without | {"timestamp": ""}]
        taken = writer.post("/v1/events", json={"events": sent}).json()
    assert (taken["accepted"], taken["duplicate"]) == (1, 2)
    file = tmp_path / "partly.csv"
    file.write_text("user_id,item_id,timestamp\nu1,i73,\nu1,i74,NULL\nu1,i75,1750000075\n")
    report = ingest_files(running.settings, IngestRequest(events=file, bulk=False))[0]
    assert (report.accepted, report.duplicate, report.without_time) == (2, 1, 2)
    assert count() == before + 3
    with running.client("read") as reader:
        assert reader.get("/v1/users/u1/history?limit=100").status_code == 200
        assert reader.get("/v1/users/u1/recommendations").status_code == 200


def test_one_user_cannot_flood(settings: Any, serving: Any, tmp_path: Path) -> None:
    strict = settings.model_copy(
        update={"home": tmp_path / "strict", "serve_user_events": "5/hour"}
    )
    with serving(strict) as one, one.client("write") as writer:
        many = {"events": [event(n, user_id="u9") for n in range(80, 86)]}
        assert writer.post("/v1/events", json=many).status_code == 429
        some, more = {"events": many["events"][:5]}, {"events": many["events"][5:]}
        assert writer.post("/v1/events", json=some).status_code == 200
        assert writer.post("/v1/events", json=more).status_code == 429
        others = {"events": [event(90, user_id="u8")]}
        assert writer.post("/v1/events", json=others).status_code == 200


def test_one_key_cannot_flood(settings: Any, serving: Any, tmp_path: Path) -> None:
    strict = settings.model_copy(update={"home": tmp_path / "slow", "serve_rate": "3/hour"})
    with serving(strict) as one:
        with one.client("read") as reader:
            codes = [reader.get("/v1/generations").status_code for _ in range(4)]
            assert codes == [200, 200, 200, 429]
            last = reader.get("/v1/generations")
            assert int(last.headers["retry-after"]) >= 1
        with one.client("admin") as other:
            assert (
                other.get("/metrics").status_code == 403
            )  # counted apart, and not yet at its limit


def test_the_registry_keeps_the_count(settings: Any, serving: Any, tmp_path: Path) -> None:
    apart = settings.model_copy(update={"home": tmp_path / "apart"})
    with serving(apart) as one, one.client("write") as writer:
        writer.post("/v1/events", json={"events": [event(95), event(96), event(95)]})
    with open_registry(apart) as registry:
        load = registry.ingests()[0]
    assert (load.source, load.status) == ("engine serve", "finished")
    assert (load.rows_read, load.accepted, load.duplicate) == (3, 2, 1)
