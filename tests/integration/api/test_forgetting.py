"""Somebody who is forgotten is nowhere any more, does not come back, and what serves goes on."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import engine
from engine.connections.session import open_graph, open_registry
from engine.data.list_id import new_list_id
from engine.errors import Busy, ConfigError, DataError, NotFound, UsageError
from engine.experiments.run_removal import RunRemoval
from engine.graph import remembered_lists
from engine.graph.remembered_lists import RememberedList
from engine.nights.retrain import one_at_a_time
from engine.publishing import generations, run_files
from engine.publishing.plain_generation import publish_plain
from engine.training import checkpoint, checkpoint_removal, training_state, warm_start

from ..terminal import invoked
from .conftest import DAY, NEWEST, shop

Run = Callable[..., list[dict[str, Any]]]
PEOPLE = [f"zoe.{letter}@example.org" for letter in "abcdefghijkl"]
_NEXT = iter(PEOPLE)
_NODES = "MATCH (n) RETURN properties(n) AS held"
_RELATIONS = "MATCH ()-[r]->() RETURN properties(r) AS held"


def _of(user: str) -> pl.DataFrame:
    rows = [
        (user, item, NEWEST - days * DAY, f"{user}-{days}")
        for days in (2, 9, 40)
        for item in ("green-tea", "teapot", "honey")
    ]
    return pl.DataFrame(rows, schema=shop().schema, orient="row")


def _bad(user: str) -> pl.DataFrame:
    return _of(user).with_columns(timestamp=pl.lit("yesterday")).head(2)


@pytest.fixture(scope="module")
def house(e: engine.Engine) -> engine.Engine:
    """The shop with some people of whom something is in every place that can hold it."""
    home = e.settings.home
    events = pl.concat([_of(who) for who in PEOPLE])
    e.ingest(events, users=pl.DataFrame({"user_id": PEOPLE, "city": ["Oslo"] * len(PEOPLE)}))
    mixed = [one for who in PEOPLE for one in (_bad(who), _bad("u01"))]
    e.ingest(pl.concat([*mixed, _of("u02").cast(_bad("u02").schema).head(1)]))
    heads = [*PEOPLE, *["u01"] * len(PEOPLE)]
    facts = {"head": heads, "tail": [*["u03"] * len(PEOPLE), *PEOPLE]}
    users = {name: ["User"] * len(heads) for name in ("head_type", "tail_type")}
    e.ingest(facts=pl.DataFrame({**facts, **users, "relation": ["KNOWS"] * len(heads)}))
    e.publish(e.train("lightgcn", epochs=2, dimension=8, ranker=False))
    said = [{"message": f"user_id {who!r}: the id stands for something else"} for who in PEOPLE]
    with open_registry(e.settings) as registry, open_graph(e.settings) as graph:
        publish_plain(graph, registry, "user-knn")
        night = registry.nights.begin("asked")
        registry.nights.record_step(night.id, "load", {"files": said}, 0.1)
        registry.nights.finish(night.id, "finished", "kept")
    (home / "retrain").mkdir(exist_ok=True)
    (home / "retrain" / "000001.json").write_text(json.dumps(said))
    return e


@pytest.fixture
def who(house: engine.Engine) -> str:
    """Somebody who is not forgotten yet."""
    home, one = house.settings.home, next(_NEXT)
    (home / "staging").mkdir(exist_ok=True)
    (home / "staging" / "9.arrow").write_text(one)
    training_state.write(home / "checkpoints" / "unfinished" / "x" / "search.pt", {"users": [one]})
    return one


def _files_with(home: Path, content: bytes) -> list[str]:
    return [
        path.relative_to(home).as_posix()
        for path in sorted(home.rglob("*"))
        if path.is_file() and content in path.read_bytes()
    ]


def _vectors(home: Path, user: str) -> list[bytes]:
    """Return every vector of a user in every checkpoint, as its bytes stand in the file."""
    found = []
    for path in (home / "checkpoints").glob("[0-9]*/*.*"):
        if path.suffix not in (".pt", ".safetensors"):
            continue
        if path.name == warm_start.FILE:
            for start in warm_start.load(path, "").values():
                row = start.users.index_of(user)
                found += [] if row is None else [start.vectors[row].numpy().tobytes()]
            continue
        trained = checkpoint.load(path)
        row = trained.users.index_of(user)
        found += [] if row is None else [trained.user_vectors[row].tobytes()]
        for table in trained.weights.values():
            if row is not None and len(table) == len(trained.users) + len(trained.items):
                found.append(table[row].tobytes())
    return [one for one in found if any(one)]


def _mentions(run: Run, text: str) -> int:
    return sum(text in repr(row) for query in (_NODES, _RELATIONS) for row in run(query))


def test_nobody_who_is_forgotten_is_left_anywhere(
    house: engine.Engine, who: str, bare_run: Run
) -> None:
    home = house.settings.home
    vectors = _vectors(home, who)
    assert len(vectors) >= 4
    places = _files_with(home, who.encode())
    assert {place.partition("/")[0] for place in places} >= {
        "checkpoints", "quarantine", "retrain", "staging", "registry.sqlite",
    }  # fmt: skip
    before = bare_run("MATCH (n:User {id: $id})-[r]-() RETURN count(r) AS n", id=who)[0]["n"]
    assert before > 11
    listed = {user: new_list_id() for user in (who, "u05")}
    options, items = '{"about": "strainer"}', ("green-tea", "strainer")  # forgotten by a later test
    with open_graph(house.settings) as graph:
        asked = [
            RememberedList(id_, 5, user, "for-you", None, 1, options, items, ("again",) * 2)
            for user, id_ in listed.items()
        ]
        remembered_lists.write(graph, asked)
        remembered_lists.note_seen(graph, listed[who], ["green-tea"])
    done = house.forget("user", who)
    assert (done.forgotten, done.already, done.unknown) == (1, 0, 0)
    assert _files_with(home, who.encode()) == []
    assert _mentions(bare_run, who) == 0
    assert [_mentions(bare_run, id_) for id_ in listed.values()] == [0, 1], "another's list stays"
    for vector in vectors:
        assert _files_with(home, vector) == []
    counted = {(one.where, one.what): one.count for one in done.removed}
    assert counted["graph", "nodes"] == 1
    assert counted["graph", "events"] == 9
    assert counted["graph", "lists"] == 1
    assert counted["graph", "events"] + counted["graph", "relations"] == before
    assert sum(n for (where, _), n in counted.items() if where.startswith("quarantine")) == 2
    kept = json.loads((home / (done.file or "")).read_text())
    assert kept["tombstones"] == done.tombstones
    assert (home / "forget.key").stat().st_mode & 0o777 == 0o600


def test_what_serves_goes_on_and_can_be_gone_back_to(house: engine.Engine, who: str) -> None:
    serving = next(row for row in house.generations() if row["serving"])
    house.forget("user", who)
    assert house.recommend("u05", k=5).items
    with open_registry(house.settings) as registry, open_graph(house.settings) as graph:
        for run in registry.runs():
            path = house.settings.home / (run.checkpoint or "")
            run_files.check_digest(registry, run.id, checkpoint.load(path))
        previous = generations.previous_of(generations.stored_generations.generations(graph))
    assert house.rollback().generation == previous
    assert house.promote(serving["number"]).generation == serving["number"]
    newest = next(row["run_id"] for row in house.generations() if row["run_id"])
    assert house.publish(newest).not_in_graph == 0


def test_no_file_brings_anybody_back(
    house: engine.Engine, who: str, bare_run: Run, tmp_path: Path
) -> None:
    house.forget("user", who)
    home = house.settings.home
    both = pl.concat([_of(who), _of("u04")])
    [report] = house.ingest(both)
    assert (report.read, report.forgotten) == (18, 9)
    assert report.accepted + report.duplicate == 9
    [report] = house.ingest(pl.concat([_bad(who), _of("u04").cast(_bad(who).schema)]))
    assert (report.forgotten, report.quarantined) == (2, 0)
    [report] = house.ingest(
        users=pl.DataFrame({"user_id": [who, "u04"], "city": ["Oslo", "Bergen"]})
    )
    assert (report.forgotten, report.accepted) == (1, 1)
    lines = [*both.head(2).iter_rows(named=True), *_of("u04").head(1).iter_rows(named=True)]
    stream = tmp_path / "events.jsonl"
    stream.write_text("".join(json.dumps(row) + "\n" for row in lines) + f'{{"user_id": "{who}\n')
    with stream.open("rb") as pipe:
        followed = house.follow(pipe=pipe)
    assert (followed.read, followed.forgotten, followed.duplicate) == (4, 3, 1)
    facts = {"head": [who, who], "head_type": ["User", "Item"], "relation": ["LIKES"] * 2,
             "tail": ["tea"] * 2, "tail_type": ["Thing"] * 2}  # fmt: skip
    [report] = house.ingest(facts=pl.DataFrame(facts))
    assert (report.forgotten, report.accepted) == (1, 1), "an item of the same id is another thing"
    bare_run("MATCH (n:Item {id: $id}) DETACH DELETE n", id=who)
    assert _mentions(bare_run, who) == 0
    assert _files_with(home, who.encode()) == []
    assert house.lift("user", who) == 1
    [report] = house.ingest(_of(who))
    assert report.accepted == 9, "who is taken back comes back with the next load"


def test_twice_changes_nothing_and_once_cut_off_it_goes_on(
    house: engine.Engine, who: str, bare_run: Run
) -> None:
    # Cut off after the tombstone, some of the graph, and a digest whose checkpoint was not moved.
    with open_registry(house.settings) as registry:
        key = house.settings.home / "forget.key"
        house.forget("user", "u70")
        assert key.exists()
        run = registry.runs(1)[0]
        path = house.settings.home / (run.checkpoint or "")
        after, _ = checkpoint_removal.without(
            checkpoint.load(path), lambda kind, ids: {who} if kind == "user" else set()
        )
        checkpoint_removal.stage(path, after)
        registry.removals.replace_digest(run.id, after.digest())
    bare_run("MATCH (:User {id: $id})-[r:INTERACTED]->() DELETE r", id=who)
    done = house.forget("user", who)
    assert done.forgotten == 1
    with open_registry(house.settings) as registry:
        run_files.check_digest(registry, run.id, checkpoint.load(path))
    assert _files_with(house.settings.home, who.encode()) == []
    again = house.forget("user", who)
    assert (again.forgotten, again.already, again.removed, again.file) == (0, 1, [], None)


def test_who_is_nowhere_is_an_error_and_leaves_no_tombstone(house: engine.Engine, who: str) -> None:
    with pytest.raises(NotFound, match="there is nothing of the user 'nobody'"):
        house.forget("user", ["nobody", who])
    assert house.recommend(who).items, "nothing was forgotten"
    done = house.forget("user", ["nobody", who, who], partly=True)
    assert (done.forgotten, done.unknown) == (1, 1)
    [report] = house.ingest(_of("nobody"))
    assert report.forgotten == 0
    house.forget("user", "nobody")


@pytest.mark.parametrize("ids", [[], [""], ["a\x1bb"], ["x" * 300], ["\u00a0"]])
def test_what_is_no_id_is_refused(e: engine.Engine, ids: list[str]) -> None:
    with pytest.raises(UsageError):
        e.forget("user", ids)


def test_a_file_names_many_and_waiting_files_are_told(
    house: engine.Engine, who: str, tmp_path: Path
) -> None:
    leavers, waiting = tmp_path / "leavers.txt", tmp_path / "exports"
    leavers.write_text(f"{who}\nu71\n\nu72\nnot-here\n")
    (waiting / "done").mkdir(parents=True)
    _of(who).write_csv(waiting / "events.csv")
    _of("u10").write_csv(waiting / "done" / "events-1.csv")
    (house.settings.home / "lists.csv").write_text(f"user,item\n{who},honey\n")
    done = house.forget("user", file=leavers, waiting=waiting, partly=True)
    assert (done.forgotten, done.unknown) == (3, 1)
    assert done.waiting == {"events.csv": 9}
    assert "lists.csv names them in 1 lines: it is your own file." in done.left
    (house.settings.home / "lists.csv").unlink()
    with pytest.raises(DataError, match=r"missing\.txt"):
        house.forget("user", file=tmp_path / "missing.txt")


def test_a_night_and_a_lost_key_keep_it_out(house: engine.Engine, who: str) -> None:
    with one_at_a_time(house.settings), pytest.raises(Busy, match="retrain"):
        house.forget("user", who)
    house.forget("user", who)
    key = house.settings.home / "forget.key"
    secret = key.read_text()
    key.write_text("0" * 64)
    with pytest.raises(ConfigError, match="is not the key of the people"):
        house.ingest(_of("u11"))
    key.unlink()
    with pytest.raises(ConfigError, match=r"forget\.key"):
        house.forget("user", "u12")
    key.write_text(secret)
    assert house.ingest(_of(who))[0].forgotten == 9


def test_a_training_that_had_somebody_in_memory_leaves_no_trace_of_them(
    house: engine.Engine,
    who: str,
) -> None:
    """Its files come after the removal: the training takes out who was forgotten meanwhile."""
    run = house.train("lightgcn", epochs=1, dimension=8, ranker=False).id
    folder = house.settings.home / "checkpoints" / str(run)
    had = {path.name: path.read_bytes() for path in folder.glob("*.*")}
    house.forget("user", who)
    for name, content in had.items():
        (folder / name).write_bytes(content)
    assert _files_with(folder, who.encode())
    with open_registry(house.settings) as registry:
        chosen = engine.connections.forgotten.ForgottenIds(registry, house.settings.home).among
        assert dict(RunRemoval(registry, house.settings.home, chosen).of(folder))
    assert not _files_with(folder, who.encode())


def test_all_that_is_held_about_a_person_is_one_archive(
    house: engine.Engine, who: str, tmp_path: Path
) -> None:
    out = tmp_path / "zoe.zip"
    one = RememberedList(
        new_list_id(), 5, who, "for-you", None, 1, "{}", ("tea",), ("again",), "mix/b"
    )
    with open_graph(house.settings) as graph:
        remembered_lists.write(graph, [one])
    done = house.export_person(who, out)
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(out) as archive:
        rows = {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["user"] == who
    assert {one["name"]: one["rows"] for one in manifest["files"]} == {
        name: len(content) for name, content in rows.items() if content
    }
    assert rows["attributes.jsonl"] == [{"id": who, "city": "Oslo"}]
    (listed,) = rows["lists.jsonl"]
    assert (listed["list_id"], listed["variant"]) == (one.id, "mix/b"), "an experiment is held too"
    events = {(row["item"], row["at"], row["basket"]) for row in rows["events.jsonl"]}
    assert events == {row[1:] for row in _of(who).iter_rows()}
    assert {(row["relation"], row["is_head"], row["other"]) for row in rows["facts.jsonl"]} == {
        ("KNOWS", True, "u03"), ("KNOWS", False, "u01"),
    }  # fmt: skip
    assert len(rows["quarantine.jsonl"]) == 2
    held = [np.array(row["values"], dtype=np.float32).tobytes() for row in rows["vectors.jsonl"]
            if row["where"].startswith("checkpoints")]  # fmt: skip
    assert set(held) <= set(_vectors(house.settings.home, who))
    assert len(done.files) == len(manifest["files"])
    house.forget("user", who)
    with pytest.raises(NotFound, match="is forgotten"):
        house.export_person(who, out)
    with pytest.raises(NotFound, match="there is nothing about"):
        house.export_person("no-one", tmp_path / "n.zip")
    assert not (tmp_path / "n.zip").exists()


def test_an_item_is_forgotten_alike(house: engine.Engine, bare_run: Run) -> None:
    item = "strainer"
    assert _mentions(bare_run, f"'{item}'") > 1
    done = house.forget("item", item)
    assert done.forgotten == 1
    assert _mentions(bare_run, f"'{item}'") == 0
    home = house.settings.home
    for path in home.glob("checkpoints/[0-9]*/*.*"):
        assert item.encode() not in path.read_bytes()
    assert item not in {one.id for one in house.recommend("u05", k=20, exclude_seen=False).items}
    [report] = house.ingest(shop())
    gone = (pl.col("item_id") == item) | pl.col("user_id").is_in(["u70", "u71", "u72"])
    assert report.forgotten == len(shop().filter(gone))
    newest = next(row["run_id"] for row in house.generations() if row["run_id"])
    assert house.publish(newest).not_in_graph == 0
    house.lift("item", item)


def test_the_command_line_prints_a_certificate_and_takes_it_back(
    house: engine.Engine,
    who: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    on_server: object,
) -> None:
    assert on_server
    monkeypatch.setenv("ENGINE_HOME", str(house.settings.home))
    exported = invoked("export", "user", who, "--out", str(tmp_path / "zoe.zip"))
    assert exported.exit_code == 0, exported.output
    assert "events.jsonl" in exported.stdout
    printed = json.loads(invoked("forget", "user", who, "--json").stdout)
    assert (printed["forgotten"], printed["already"]) == (1, 0)
    assert who not in json.dumps(printed)
    again = invoked("forget", "user", who)
    assert "Forgotten: 0; forgotten before: 1; nowhere: 0." in again.stderr
    assert "1 of 1 may come back" in invoked("forget", "user", who, "--lift").stderr
    with pytest.raises(UsageError, match="--lift takes ids"):
        invoked("forget", "user", "--lift")
    with pytest.raises(UsageError, match="no item is named"):
        invoked("forget", "item")
