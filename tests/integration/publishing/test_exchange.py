"""A graph goes to a folder and comes back as the same graph, once; nothing else gets in.

The tests come in the order in which docs/backup.md tells of them, on one shop: exported, taken
away, restored into a home that knows nothing of it.
"""

import hashlib
import json
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import neo4j
import pytest

import engine
from engine.config import Settings
from engine.connections.session import open_graph
from engine.errors import Busy, ConfigError, FileRefused, UsageError
from engine.exchange.manifest import MANIFEST, UNFINISHED, Manifest
from engine.graph import list_removal, stored_lists
from engine.graph.lists import ranked
from engine.graph.lists.question import Question
from engine.graph.pulling import pull
from engine.publishing import item_graphs
from engine.store.graph_client import Neo4jTarget
from engine.usecases import exchanging, ingesting
from engine.usecases.exchanging import ExportRequest, ImportReport, ImportRequest
from engine.usecases.ingesting import IngestRequest

from ..killed_command import by_way_of, ends_by
from ..sample import clear
from ..tcp_proxy import TcpProxy
from ..terminal import invoked
from . import oddities
from .conftest import Shop
from .oddities import FIRST_DAY

N_ITEMS = 40
_PEOPLE = [f"u{n}" for n in range(30)]
_LISTS = 100 // len(_PEOPLE) + 1


@pytest.fixture(scope="module")
def shop(
    open_shop_of_file: Callable[[int], Shop], tmp_path_factory: pytest.TempPathFactory
) -> Shop:
    """A shop with some of everything that a graph can hold."""
    shop = open_shop_of_file(N_ITEMS)
    oddities.load(shop.settings, tmp_path_factory.mktemp("files"))
    oddities.say(shop.settings)
    shop.publish()
    shop.publish_plain("user-knn")
    with open_graph(shop.settings) as graph:
        item_graphs.build(graph, item_graphs.BuildRequest("co-occurrence", min_count=1))
        for options in ({"k": 3}, None, {"k": 4}):
            stored_lists.change(graph, "home", options, "somebody")
    return shop


@pytest.fixture(scope="module")
def proxy(neo4j_target: Neo4jTarget) -> Iterator[TcpProxy]:
    """A way to the server on which commands are stopped in their middle."""
    made = TcpProxy(neo4j_target)
    yield made
    made.close()


@pytest.fixture(scope="module")
def folder(shop: Shop, proxy: TcpProxy) -> Path:
    """The shop, exported by a command that signals ended on its way and that was run again."""
    out, settings = shop.folder / "backup", by_way_of(proxy, shop.settings)
    for words, number in (
        (b"collect($codes[", signal.SIGKILL),
        (b"collect($codes[", signal.SIGINT),
        (b"alias.id > $after", signal.SIGKILL),
        (b"s.key > $after", signal.SIGTERM),
    ):
        ends_by(number, words, proxy, settings, "export", "--to", str(out))
        assert UNFINISHED in _names(out)
        if number != signal.SIGKILL:
            assert not [one for one in _names(out) if one.startswith(".")]
        with pytest.raises(FileRefused, match="has not ended"):
            exchanging.import_folder(settings, ImportRequest(out))
    events = out / "events" / "part-00000.parquet"
    before = events.stat().st_mtime_ns
    with pytest.raises(UsageError, match="unfinished export of something else"):
        exchanging.export_folder(settings, ExportRequest(out, ("lists",)))
    exchanging.export_folder(settings, ExportRequest(out))
    assert events.stat().st_mtime_ns == before
    assert UNFINISHED not in _names(out)
    return out


@pytest.fixture(scope="module")
def answers(shop: Shop, folder: Path, bare_driver: neo4j.Driver) -> list[Any]:
    """What the shop answers before it is taken away."""
    assert folder.is_dir()
    return _answers(shop.settings, bare_driver)


@pytest.fixture(scope="module")
def restored(
    shop: Shop, proxy: TcpProxy, folder: Path, answers: list[Any], bare_driver: neo4j.Driver
) -> tuple[Settings, ImportReport]:
    """Another home on a graph that was empty, after an import that signals ended, run again."""
    assert answers
    clear(bare_driver)
    settings = shop.settings.model_copy(update={"home": shop.folder / "other"})
    with pytest.raises(UsageError, match="the graph has no users"):
        exchanging.import_folder(settings, ImportRequest(folder, ("vectors",)))
    for words, number in (
        (b"CREATE (u)-[:INTERACTED", signal.SIGKILL),
        (b"CREATE (:Alias", signal.SIGTERM),
        (b"MERGE (generation)-[:RANKS_BY]", signal.SIGINT),
        (b"MERGE (generation)-[:RANKS_BY]", signal.SIGKILL),
    ):
        passed = by_way_of(proxy, settings)
        ends_by(number, words, proxy, passed, "import", "--from", str(folder))
    return settings, exchanging.import_folder(settings, ImportRequest(folder))


def _names(folder: Path) -> set[str]:
    return {one.name for one in folder.rglob("*")}


def _answers(settings: Settings, driver: neo4j.Driver) -> list[Any]:
    """Return a hundred and more lists, what counts of named lists, and what users said."""
    with open_graph(settings) as graph:
        lists = [
            [(item.id, item.score) for item in one.items]
            for k in range(3, 3 + _LISTS)
            for one in ranked.for_users(graph, _PEOPLE, Question(k=k, exclude_seen=k % 2 == 0))
        ]
        named = [replace(one) for one in stored_lists.changes(graph)]
    return [lists, named, *oddities.held(driver)]


def _contents(manifest: Manifest) -> dict[str, str]:
    return {one.name: one.sha256 for one in manifest.files if not one.name.startswith("registry")}


def _manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    return found


def test_an_import_makes_the_same_graph(
    shop: Shop,
    folder: Path,
    answers: list[Any],
    restored: tuple[Settings, ImportReport],
    bare_driver: neo4j.Driver,
) -> None:
    settings, _ = restored
    again = exchanging.export_folder(settings, ExportRequest(shop.folder / "again"))
    whole = {one["name"]: one["sha256"] for one in _manifest(folder)["files"]}
    whole.pop("registry/rows.json")
    assert _contents(again) == whole
    assert again.rows == _manifest(folder)["rows"]
    assert len(answers[0]) >= 100
    assert [len(one) for one in answers[3:]] == [2, 3, 2]
    assert _answers(settings, bare_driver) == answers
    with open_graph(settings) as graph:
        # What is loaded next has a number that is new to every run.
        assert (pull.newest_batch(graph) or 0) >= _manifest(folder)["newest_batch"]


def test_a_second_import_adds_nothing(
    folder: Path, restored: tuple[Settings, ImportReport], bare_driver: neo4j.Driver
) -> None:
    settings, _ = restored
    with open_graph(settings) as graph:
        assert list_removal.remove_before(graph, FIRST_DAY + 1) == 3
    before = oddities.held(bare_driver)
    second = exchanging.import_folder(settings, ImportRequest(folder))
    assert {one.kind: one.accepted for one in second.files} == dict.fromkeys(
        ("events", "items", "users", "facts"), 0
    )
    assert (second.generations, second.graphs, second.list_changes) == ((), (), 0)
    assert second.registry_rows == 0
    (report,) = ingesting.ingest(settings, IngestRequest(events=folder / "events"))
    # The event of an id that no file may name today is quarantined, as it is no import.
    assert (report.accepted, report.duplicate, report.quarantined) == (0, report.read - 1, 1)
    # Lists that were removed since the export count in sums, and do not come back.
    assert oddities.held(bare_driver) == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "another"}, "is of something else"),
        ({"format_version": 2}, "version 2, and this engine reads up to 1"),
        ({"files": [{}]}, "lacks a part"),
        (None, "has no manifest.json"),
        ("users/part-00000.parquet", "its SHA-256 differs"),
        ("facts/part-00000.parquet", "is missing"),
    ],
)
def test_another_folder_is_refused_before_anything_is_written(
    change: Any, why: str, folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    if change is None:
        (copy / MANIFEST).unlink()
    elif isinstance(change, dict):
        (copy / MANIFEST).write_text(json.dumps(_manifest(copy) | change))
    elif why == "is missing":
        (copy / change).unlink()
    else:
        (copy / change).write_bytes((copy / change).read_bytes()[:-1] + b"?")
    # Nobody listens there: nothing is asked of a graph.
    nowhere = Settings(home=tmp_path / "home", neo4j_uri="bolt://127.0.0.1:1", neo4j_password="x")
    with pytest.raises(FileRefused, match=why) as refused:
        exchanging.import_folder(nowhere, ImportRequest(copy))
    assert refused.value.hint


def test_other_runs_and_generations_of_a_number_are_refused(
    folder: Path, restored: tuple[Settings, ImportReport], tmp_path: Path
) -> None:
    settings, _ = restored
    copy = tmp_path / "copy"
    exchanging.export_folder(settings, ExportRequest(copy, ("vectors", "registry")))
    for name, old, new in (
        ("vectors/generations.json", '"created_at": 1', '"created_at": 2'),
        ("registry/rows.json", '"started_at": "20', '"started_at": "19'),
    ):
        text = (copy / name).read_text()
        assert old in text
        (copy / name).write_text(text.replace(old, new))
        _sign(copy, name)
        request = ImportRequest(copy, (name.partition("/")[0],))
        with pytest.raises(UsageError, match="another one than that of the folder"):
            exchanging.import_folder(settings, request)
    with pytest.raises(UsageError, match="holds no events"):
        exchanging.import_folder(settings, ImportRequest(copy, ("events",)))


def _sign(folder: Path, name: str) -> None:
    """Give a file that was changed the digest that it has."""
    manifest = _manifest(folder)
    for one in manifest["files"]:
        if one["name"] == name:
            one["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_nobody_who_is_forgotten_comes_back(
    folder: Path,
    restored: tuple[Settings, ImportReport],
    bare_run: Callable[..., Any],
    tmp_path: Path,
) -> None:
    settings, _ = restored
    with engine.connect(
        settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password,
        home=settings.home,
        progress=False,
    ) as e:
        e.forget("user", "u3")
        e.forget("item", "i5")
        bare_run("MATCH (n:List|ListSums|Alias) DETACH DELETE n")
        report = e.import_folder(folder)
        e.export(tmp_path / "later", what=["registry"])
    assert sum(one.forgotten for one in report.files) > 0
    assert bare_run("MATCH (n) WHERE n.id IN ['u3', 'i5'] RETURN count(*) AS n")[0]["n"] == 0
    rows = bare_run("MATCH (a:Alias) RETURN collect(a.id) AS ids")
    assert rows[0]["ids"] == ["visitor"]
    rows = bare_run("MATCH (l:List) RETURN l.items AS items, l.options AS options ORDER BY l.id")
    assert [(row["items"], row["options"]) for row in rows] == [
        (["i2", "i1"], "{}"),
        (["i1", ""], '{"forgotten": true}'),
    ]
    another = settings.model_copy(update={"home": tmp_path / "home"})
    with pytest.raises(ConfigError, match=r"forget\.key is not the key"):
        exchanging.import_folder(another, ImportRequest(tmp_path / "later"))
    lists = "MATCH (n) UNWIND keys(n) AS name WITH n[name] AS held WHERE held IS :: LIST<STRING>"
    assert not bare_run(f"{lists} AND 'i5' IN held RETURN held")


def test_of_a_home_one_export_and_one_import_run_at_a_time(
    shop: Shop, restored: tuple[Settings, ImportReport]
) -> None:
    settings, out = restored[0], shop.folder / "twice"
    out.mkdir()
    (out / ".unfinished.json.7").touch()  # left by one that was killed at its first moment

    def export(*_: object) -> Manifest:
        return exchanging.export_folder(settings, ExportRequest(out, ("users",)))

    def bring(*_: object) -> ImportReport:
        return exchanging.import_folder(settings, ImportRequest(out))

    with pytest.raises(Busy, match="another export is running"):
        exchanging.export_folder(settings, ExportRequest(out, ("users",)), export)
    assert export().rows["users"] > 1
    with pytest.raises(Busy, match="another import is running"):
        exchanging.import_folder(settings, ImportRequest(out), bring)
    assert bring().files[0].accepted == 0


def test_the_command_says_what_it_wants(
    shop: Shop, folder: Path, restored: tuple[Settings, ImportReport], on_server: object
) -> None:
    assert restored
    home = str(shop.folder / "other")
    with pytest.raises(UsageError, match="say where"):
        invoked("--home", home, "export")
    with pytest.raises(UsageError, match="holds an export"):
        invoked("--home", home, "export", "--to", str(folder))
    with pytest.raises(UsageError, match="not 'pictures'"):
        invoked("--home", home, "export", "--to", "x", "--what", "pictures")
    with pytest.raises(UsageError, match="is for the whole graph"):
        invoked("--home", home, "export", "--to", "x", "user", "u1", "--out", "u1.zip")
    with pytest.raises(UsageError, match="memory://x would end with this command"):
        invoked("--home", home, "export", "--to", "memory://x")
    address = (shop.folder / "bucket").as_uri()
    done = invoked("--home", home, "export", "--to", address, "--what", "users,lists", "--json")
    assert json.loads(done.stdout)["what"] == ["users", "lists"]
    done = invoked("--home", home, "import", "--from", address, "--json")
    assert [one["accepted"] for one in json.loads(done.stdout)["files"]] == [0]
