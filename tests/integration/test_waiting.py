"""The folder of waiting files: exports of many parts, links, defects, files without times."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.config import Settings
from engine.connections.session import open_registry
from engine.data.reading.file_tally import FileLimits
from engine.errors import DataError, Unreachable
from engine.nights.held_files import REASON
from engine.nights.waiting import DONE, FileOutcome, FolderRequest, inspect, load_waiting
from engine.store.graph_client import GraphClient, Neo4jTarget

ROWS = "user_id,item_id,timestamp\nu1,i1,1700000000\nu2,i2,1700000001\n"
Run = Callable[..., list[dict[str, Any]]]


class Folder:
    """A folder where files wait, and a home."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self.settings, self.path = settings, path
        self.request = FolderRequest(path)

    def write(self, name: str, text: str = ROWS) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def load(self) -> dict[str, FileOutcome]:
        return {one.file: one for one in load_waiting(self.settings, self.request)}

    def names(self, below: str = "") -> list[str]:
        return sorted(path.name for path in (self.path / below).iterdir())


@pytest.fixture
def folder(graph: GraphClient, neo4j_target: Neo4jTarget, tmp_path: Path) -> Folder:
    assert graph.server.version
    path = tmp_path / "waiting"
    path.mkdir()
    settings = Settings(
        home=tmp_path / "home",
        neo4j_uri=neo4j_target.uri,
        neo4j_user=neo4j_target.user,
        neo4j_password=neo4j_target.password,
    )
    return Folder(settings, path)


def test_folders_of_parts_are_loaded_as_one_file_each(folder: Folder, run: Run) -> None:
    folder.write("events.csv/part-0.csv")
    folder.write("events.csv/part-1.csv", "item_id,user_id,timestamp\ni3,u3,1700000002\n,x,1\n")
    folder.write("events.csv/_SUCCESS", "")
    folder.write("date=2026-01-02/part-0.csv", "user_id,item_id\nu4,i4\n")
    folder.write("_SUCCESS", "")
    folder.write("_committed_1", "{}")
    folder.request = FolderRequest(folder.path, FileLimits(bad=0.5))
    seen = {one.file: one for one in inspect(folder.settings, folder.request)}
    assert {name: (one.held, one.parts, one.read) for name, one in seen.items()} == {
        "date=2026-01-02": (None, 1, 1),
        "events.csv": (None, 2, 4),
    }
    done = folder.load()
    assert (done["events.csv"].accepted, done["events.csv"].quarantined) == (3, 1)
    assert folder.names() == ["_SUCCESS", "_committed_1", DONE]
    assert folder.names(DONE) == ["date=2026-01-02", "events.csv"]
    # The name of the folder is the date of its rows.
    (event,) = run("MATCH (:User {id: 'u4'})-[r:INTERACTED]->() RETURN r.at AS at")
    assert event["at"] == 1_767_312_000_000
    (kept,) = (folder.settings.home / "quarantine").iterdir()
    row = json.loads(kept.read_text(encoding="utf-8"))
    assert (row["_source"], row["_line"]) == ("events.csv/part-1.csv", 3)
    with open_registry(folder.settings) as registry:
        record = next(one for one in registry.ingests(5) if one.source.endswith("events.csv"))
    assert (record.rows_read, record.accepted, record.quarantined) == (4, 3, 1)
    # The same export again is known.
    folder.write("events.csv/part-0.csv")
    assert folder.load()["events.csv"].duplicate == 2
    assert folder.names(DONE) == ["2-events.csv", "date=2026-01-02", "events.csv"]


def test_links_are_not_followed_out_of_the_folder(folder: Folder, tmp_path: Path, run: Run) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(ROWS, encoding="utf-8")
    (folder.path / "events.csv").symlink_to(outside)
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    (folder.path / f"events.csv{REASON}").symlink_to(victim)
    assert folder.load()["events.csv"].held == "link"
    assert run("MATCH (n:User) RETURN n.id") == []
    assert victim.read_text(encoding="utf-8") == "mine"
    assert (folder.path / f"events.csv{REASON}").read_text(encoding="utf-8").startswith("link: ")
    (folder.path / DONE).symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(DataError, match="done is a link"):
        folder.load()


def test_a_defect_holds_one_file_back_and_the_others_are_loaded(folder: Folder) -> None:
    folder.write("a.csv")
    folder.write("b.csv", "user_id,item_id\nu9,i9\n")
    folder.write("items.csv", "item_id,title\ni1,x\n")

    def fail(doing: str, _done: int, _total: int) -> None:
        if doing == "reading a.csv":
            raise RuntimeError("nobody thought of this")

    done = {one.file: one for one in load_waiting(folder.settings, folder.request, fail)}
    assert {name: one.held for name, one in done.items()} == {
        "items.csv": None,
        "a.csv": "unexpected-error",
        "b.csv": None,
    }
    assert "RuntimeError: nobody thought of this" in done["a.csv"].message
    trace = folder.settings.home / "retrain" / "a.csv.traceback.txt"
    assert str(trace) in done["a.csv"].message
    assert "in fail" in trace.read_text(encoding="utf-8")
    assert folder.names(DONE) == ["b.csv", "items.csv"]
    assert folder.load()["a.csv"].accepted == 2
    assert folder.names() == [DONE]


def test_a_database_that_is_away_is_no_fault_of_a_file(folder: Folder, unused_port: int) -> None:
    folder.write("events.csv")
    folder.settings = folder.settings.model_copy(
        update={"neo4j_uri": f"bolt://127.0.0.1:{unused_port}"}
    )
    with pytest.raises(Unreachable):
        folder.load()
    assert folder.names() == ["events.csv"]


def test_items_users_and_facts_are_held_as_a_whole_too(folder: Folder, run: Run) -> None:
    good = "".join(f"i{n},x\n" for n in range(60))
    folder.write("items.csv", "item_id,title\n" + good + ",x\n" * 10)
    folder.write("facts.csv", "head,tail\ni1,i2\n")
    folder.write("users.csv", "user_id,age\n,1\n")
    done = folder.load()
    assert {name: one.held for name, one in done.items()} == {
        "items.csv": "bad-rows",
        "facts.csv": "header",
        "users.csv": "bad-rows",
    }
    assert "nothing of it is loaded" in done["items.csv"].message
    assert run("MATCH (n) WHERE n:User OR n:Item RETURN n.id") == []
    with open_registry(folder.settings) as registry:
        assert {one.accepted for one in registry.ingests(5)} == {0}
    run("CREATE (:Item {id: 'a', look: [0.5, 1.5]})")
    folder.write("items-2.csv", 'item_id,look\na,"[0.5, NaN]"\nb,"[1.5, 0.5]"\n')
    assert folder.load()["items-2.csv"].held == "vector-number"
    assert run("MATCH (n:Item) RETURN n.id AS id, n.look AS look") == [
        {"id": "a", "look": [0.5, 1.5]}
    ]
