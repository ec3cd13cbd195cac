"""Events by Spark: what ``engine ingest`` makes of the same files, whatever is in them.

One session of Spark on this machine serves all tests: it takes longer to start than they take.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pyspark.sql import SparkSession

from engine.data.reading.read_options import ReadOptions
from engine.errors import ConfigError, FileRefused, NothingAccepted, StoreError, TooManyBadRows
from engine.loading import source_files
from engine.loading.load import IngestRequest
from engine.loading.part_outcome import PartOutcome
from engine.loading.spark_parts import SparkParts
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.java import java_home_of_spark
from engine.store.spark_cluster import SparkSettings, spark_cluster

from .terminal import invoked, loaded
from .test_bad_inputs import CASES

# Spark's own: the sockets by which rows come to the driver are closed by the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

Run = Callable[..., list[dict[str, Any]]]

_EVENTS = """
MATCH (u:User)-[r:INTERACTED|DISLIKES]->(i:Item)
RETURN u.id AS user, i.id AS item, r.key AS key, r.event AS event, r.at AS at, r.weight AS weight,
       r.basket AS basket, r.list AS list, r.position AS position, type(r) AS type ORDER BY key
"""
_NODES = "MATCH (n) WHERE n:User OR n:Item RETURN count(n) AS n"
_HALF_BATCHES = """
MATCH (b:Batch) OPTIONAL MATCH ()-[r {batch: b.number}]->()
WITH b, count(r) AS there WHERE there <> b.rows RETURN b.number AS number
"""
_CLEAR = "MATCH (n) WHERE NOT n:__Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS"
_MERGED = "CREATE (:Alias {id: 'visitor', at: 1})-[:ALIAS_OF]->(:User {id: 'p'})"
_LIST = "01998f1e-3c5a-7b12-8f00-5d2c9a7be431"
_SETTINGS = SparkSettings(
    "local[2]", {"spark.driver.memory": "512m", "spark.sql.shuffle.partitions": "2"}
)


@pytest.fixture(scope="module", autouse=True)
def _session(graph_of_file: GraphClient) -> Iterator[None]:
    assert graph_of_file.server.version
    try:
        java_home_of_spark()
    except ConfigError as missing:  # no package brings one that Spark can use
        pytest.skip(f"{missing.message}; {missing.hint}")
    own = str(Path(sys.executable).parent)
    rest = (one for one in os.environ["PATH"].split(os.pathsep) if one != own)
    with pytest.MonkeyPatch.context() as patch:
        # The engine may be called by its path, while no environment is active.
        patch.setenv("PATH", os.pathsep.join(rest))
        with spark_cluster(_SETTINGS):
            yield


@pytest.fixture(autouse=True)
def _empty_graph(bare_run: Run, on_server: Neo4jTarget) -> None:
    assert on_server.uri
    bare_run(_CLEAR)


def _load(source: object, *more: str) -> dict[str, Any]:
    """Load by Spark; every row is accounted for, and every batch is whole."""
    done = invoked("spark", "load", "--events", str(source), *more, "--json")
    assert done.exit_code == 0, done.output
    (report,) = json.loads(done.stdout)
    counts = report["accepted"] + report["duplicate"] + report["quarantined"]
    assert counts + report["forgotten"] + report["past_limit"] == report["read"]
    return dict(report)


def _ingest(source: Path, *more: str) -> dict[str, Any]:
    (report,) = json.loads(loaded(str(source), "--no-bulk", *more).stdout)
    return dict(report)


def _quarantine(report: dict[str, Any]) -> str:
    return Path(report.pop("quarantine_file")).read_text(encoding="utf-8")


def _corpus(folder: Path) -> Path:
    """Write every case that is no whole file to be refused, and parts of other formats."""
    folder.mkdir()
    for number, (data, expected) in enumerate(CASES.values()):
        if isinstance(expected, str):
            continue
        raw = data if isinstance(data, bytes) else data.encode()
        # Five megabytes of one line show what memory holds: test_bad_inputs.py.
        raw = raw.replace(b"u1,i1,1700000000,1\n" * 270_000, b"u1,i1,1700000000,1\n" * 20_000)
        (folder / f"{number:02d}.csv").write_bytes(raw)
    bought = folder / "event=Bought"
    bought.mkdir()
    # The first row has the id of another event of the corpus, the last one that of the second.
    (bought / "a.jsonl").write_text(
        '{"event_id": "e1", "user_id": "p", "item_id": "q"}\n'
        '{"event_id": "e8", "user_id": "p", "item_id": "q", "weight": 2.5, "basket_id": "b"}\n'
        '{"event_id": "e8", "user_id": "p", "item_id": "r"}\n',
        encoding="utf-8",
    )
    frame = pl.DataFrame({"user_id": [7, 8, None], "item_id": ["i"] * 3, "event": ["View"] * 3})
    frame.write_parquet(bought / "b.parquet")
    shown = {"event_id": "e9", "user_id": "visitor", "item_id": "s", "list_id": _LIST}
    (bought / "c.jsonl").write_text(
        json.dumps(shown | {"list_position": 2}) + "\n", encoding="utf-8"
    )
    disliked = folder / "event=dislike"
    disliked.mkdir()
    (disliked / "a.csv").write_text("user_id,item_id\nvisitor,q\np,r\np,r\n", encoding="utf-8")
    (folder / "_SUCCESS").write_text("")
    return folder


def test_the_corpus_comes_out_the_same_by_both_ways(tmp_path: Path, bare_run: Run) -> None:
    folder = _corpus(tmp_path / "events")
    options = ("--kind", "Bought=purchase")
    bare_run(_MERGED)
    by_spark = _load(folder, *options)
    graph, nodes = bare_run(_EVENTS), bare_run(_NODES)
    assert bare_run(_HALF_BATCHES) == []
    assert len(graph) == by_spark["accepted"] > 20_000
    (listed,) = json.loads(invoked("batches", "--json").stdout)
    assert listed["relations"] == by_spark["accepted"]
    disliked = [(one["user"], one["item"]) for one in graph if one["type"] == "DISLIKES"]
    assert sorted(disliked) == [("p", "q"), ("p", "r")]
    (shown,) = (one for one in graph if one["list"] is not None)
    assert (shown["user"], shown["item"], shown["position"]) == ("p", "s", 2)

    again = _ingest(folder, *options)
    assert again["accepted"] == 0
    assert again["duplicate"] == by_spark["duplicate"] + by_spark["accepted"]

    bare_run(_CLEAR)
    bare_run(_MERGED)
    by_file = _ingest(folder, *options)
    assert _quarantine(by_spark) == _quarantine(by_file)
    assert by_spark == by_file
    assert bare_run(_EVENTS) == graph
    assert bare_run(_NODES) == nodes


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if isinstance(case[1], str)])
def test_a_part_that_is_no_file_of_events_is_refused_by_its_code(name: str, tmp_path: Path) -> None:
    data, code = CASES[name]
    path = tmp_path / "events.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    parts = SparkParts(source_files.find(path), IngestRequest(reading=ReadOptions()))
    (told,) = parts.validated([_numbers(0)])
    refusal = PartOutcome.of_text(told.column("outcome")[0].as_py()).refusal()
    assert refusal is not None
    assert refusal.code == code
    assert refusal.hint


def _numbers(*ids: int) -> Any:
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({"id": list(ids)})


def test_nothing_is_written_of_a_folder_with_one_part_that_cannot_be_used(
    tmp_path: Path, bare_run: Run
) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    (folder / "a.csv").write_text("user_id,item_id\n" + "u,i\n" * 9 + ",i\n", encoding="utf-8")
    with pytest.raises(TooManyBadRows, match="1 of 10 rows of events are bad"):
        _load(folder, "--max-bad", "5%")
    (folder / "b.csv").write_text("user_id,price\nu,1\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="item_id"):
        _load(folder)
    (folder / "b.csv").unlink()
    (folder / "a.csv").write_text("user_id,item_id\n,i\n", encoding="utf-8")
    with pytest.raises(NothingAccepted, match="not one of 1 rows"):
        invoked("spark", "load", "--events", str(folder))
    (folder / "c.csv.part").write_text("")
    with pytest.raises(FileRefused, match="still being written"):
        _load(f"file://{folder}")
    with pytest.raises(FileRefused, match="cannot be read by the cluster"):
        _load(f"file://{tmp_path}/nowhere")
    assert bare_run(_NODES) == [{"n": 0}]


def test_a_job_that_is_killed_and_run_again_writes_every_event_once(
    tmp_path: Path, bare_run: Run, until: Callable[..., None]
) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    rows = [f"u{n % 97},i{n % 31},{1_700_000_000 + n}\n" for n in range(6_000)]
    for part in range(4):
        text = "user_id,item_id,timestamp\n" + "".join(rows[part::4] + rows[:50])
        (folder / f"{part}.csv").write_text(text, encoding="utf-8")
    session = SparkSession.getActiveSession()
    assert session is not None

    def kill() -> None:
        until(lambda: bare_run("MATCH (b:Batch) RETURN b.number LIMIT 1"))
        session.sparkContext.cancelAllJobs()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(StoreError, match="the Spark job failed"):
        _load(folder, "--batch-rows", "50", "--writers", "2")
    killer.join()
    assert bare_run(_HALF_BATCHES) == []
    written = len(bare_run(_EVENTS))
    assert 0 < written < len(rows)
    report = _load(folder)
    assert (report["accepted"], report["read"]) == (len(rows) - written, len(rows) + 200)
    events = bare_run(_EVENTS)
    assert {(e["user"], e["item"], e["at"]) for e in events} == {
        (user, item, 1_000 * int(at)) for user, item, at in (row.split(",") for row in rows)
    }
    assert len(events) == len(rows)
    assert bare_run(_HALF_BATCHES) == []
    assert _ingest(folder)["accepted"] == 0


def test_events_of_another_homes_load_of_that_number_are_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for home in ("first", "second"):
        monkeypatch.setenv("ENGINE_HOME", str(tmp_path / home))
        rows = "".join(f"{home}{n},i{n % 3},{1_700_000_000 + n}\n" for n in range(40))
        (tmp_path / f"{home}.csv").write_text(f"user_id,item_id,timestamp\n{rows}")
        report = _load(tmp_path / f"{home}.csv")
        assert (report["accepted"], report["duplicate"]) == (40, 0)
        assert _load(tmp_path / f"{home}.csv")["accepted"] == 0


def test_what_is_exported_loads_again_from_an_address_without_whom_was_forgotten(
    tmp_path: Path, bare_run: Run
) -> None:
    (tmp_path / "events.csv").write_text(
        "user_id,item_id,event,timestamp,weight,basket_id,list_id,list_position\n"
        + "".join(
            f"u{n % 9},i{n % 7},{'dislike' if n % 50 == 0 else 'buy'},{1_700_000_000 + n},{n}.5,"
            f"b{n % 5},{_LIST if n % 2 else ''},{n if n % 4 == 1 else ''}\n"
            for n in range(300)
        )
        + "gone,i1,view,,,,,\n",
        encoding="utf-8",
    )
    assert _ingest(tmp_path / "events.csv")["accepted"] == 301
    before = bare_run(_EVENTS)
    folder = tmp_path / "day=1 [all]" / "events"
    done = invoked("spark", "export", "--to", f"file://{folder}", "--files", "3", "--json")
    told = json.loads(done.stdout)
    assert (told["events"], told["files"]) == (301, 3)
    parts = [pl.read_parquet(one, glob=False) for one in folder.glob("part-*.parquet")]
    assert len(parts) == 3
    assert pl.concat(parts)["event_key"].sort().to_list() == [one["key"] for one in before]
    with pytest.raises(StoreError, match="already exists") as refused:
        invoked("spark", "export", "--to", f"file://{folder}")
    assert "not there yet" in refused.value.hint
    assert _load(f"file://{folder}")["accepted"] == 0

    assert invoked("forget", "user", "gone").exit_code == 0
    bare_run(_CLEAR)
    report = _load(f"file://{folder}")
    assert (report["accepted"], report["forgotten"]) == (300, 1)
    assert bare_run(_EVENTS) == [event for event in before if event["user"] != "gone"]
