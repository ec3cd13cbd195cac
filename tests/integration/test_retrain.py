"""``engine retrain`` from end to end: a first night, good ones, broken ones, interrupted ones."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.connections.session import open_registry
from engine.data.online_trial import OnlineGateLimits
from engine.errors import Busy, UsageError
from engine.graph import census, stored_generations
from engine.nights.held_files import REASON
from engine.nights.retrain_request import NightSummary, RetrainRequest
from engine.nights.waiting import FolderRequest
from engine.publishing.plain_generation import publish_plain
from engine.resources import migrations_dir
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.migration_lock import NightLock
from engine.usecases.experimenting import stop
from engine.usecases.generations import list_pointer_moves, promote
from engine.usecases.ingesting import IngestRequest, ingest
from engine.usecases.retraining import plan_night, retrain
from engine.usecases.status import list_nights, night_reports_of

from .night_house import House, days, write
from .terminal import invoked


@pytest.fixture
def house(graph: GraphClient, neo4j_target: Neo4jTarget, tmp_path: Path) -> House:
    assert graph.server.version
    return House.at(neo4j_target, tmp_path)


def test_nights_from_the_first_to_a_broken_week(house: House, graph: GraphClient) -> None:
    first = house.night(days(0, 50))
    assert first.outcome in ("promoted", "plain-promoted"), first.causes
    assert first.exit_code == 0
    assert census.serving_generation(graph) == first.generation == 1
    assert [path.name for path in (house.folder / "done").iterdir()] == ["events.csv"]
    events = census.count(graph).events

    # Nothing has arrived.
    idle = house.night()
    assert (idle.outcome, idle.exit_code, idle.generation) == ("nothing-new", 11, 1)

    # A day arrives: whatever the gate says, something serves, and every rule is told.
    second = house.night(days(50, 51))
    assert second.outcome in ("promoted", "plain-promoted", "kept")
    assert second.new_events == census.count(graph).events - events > 0
    names = {rule["name"] for rule in second.rules["lightgcn"]}
    assert {"users", "beats popular", "beats buy-again", "items: mean-cosine"} < names
    assert second.judged_by is not None
    in_service = census.serving_generation(graph)

    _broken_week(house, graph)
    assert census.serving_generation(graph) == in_service
    with open_registry(house.settings) as registry:
        run = registry.runs(1)[0]
    assert run.embeddings_digest is not None
    written = json.loads((house.settings.home / "retrain" / "000001.json").read_text())
    assert written["outcome"] == first.outcome


def _broken_week(house: House, graph: GraphClient) -> None:
    day = days(51, 53)
    events = census.count(graph).events
    path = house.folder / "events.csv"
    reason = path.with_name(path.name + REASON)

    def held(code: str) -> NightSummary:
        summary = retrain(house.settings, house.request)
        assert (summary.exit_code, summary.outcome) == (12, "nothing-new"), summary.causes
        assert [one["held"] for one in summary.files] == [code]
        assert f"({code})" in summary.causes[0]
        assert reason.read_text(encoding="utf-8").startswith(f"{code}: ")
        assert path.exists()
        assert census.count(graph).events == events
        return summary

    write(path, day)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.rindex(",", 0, len(text) // 2)], encoding="utf-8")
    held("truncated")
    write(path, day + day[: 2 * len(day) // 3])
    held("duplicates")
    write(path, day, item="amount")
    held("header")
    write(path, [(user, f"{at}", at) for user, _, at in day])
    held("unknown-ids")
    write(path, day + [("u1", item, at + n) for n in (1, 2) for _, item, at in day])
    held("one-user")
    write(path, [])
    held("zero-events")
    # The mended file arrives under the same name.
    mended = house.night(day)
    assert mended.files[0]["accepted"] == mended.new_events == len(set(day))
    assert not reason.exists()
    assert not path.exists()


def test_a_truncated_archive_is_held(house: House, graph: GraphClient) -> None:
    plain = house.folder / ".events.csv"
    write(plain, days(0, 3))
    packed = gzip.compress(plain.read_bytes())
    (house.folder / "events.csv.gz").write_bytes(packed[: len(packed) // 2])
    summary = house.night()
    assert [one["held"] for one in summary.files] == ["truncated"]
    assert (summary.exit_code, summary.generation) == (12, None)
    assert census.count(graph).events == 0


def test_a_night_that_is_killed_goes_on_at_its_step(house: House, graph: GraphClient) -> None:
    write(house.folder / "events.csv", days(0, 40))
    target = graph.target
    env = os.environ | {
        "ENGINE_HOME": str(house.settings.home),
        "ENGINE_NEO4J_URI": target.uri,
        "ENGINE_NEO4J_USER": target.user,
        "ENGINE_NEO4J_PASSWORD": target.password,
    }
    code = (
        "import sys\n"
        "from engine.config import load\n"
        "from engine.usecases.retraining import retrain\n"
        "from engine.nights.retrain_request import RetrainRequest\n"
        "from engine.nights.waiting import FolderRequest\n"
        "from pathlib import Path\n"
        "request = RetrainRequest(settings={'epochs': '3', 'dimension': '16'},\n"
        "                         waiting=FolderRequest(Path(sys.argv[1])), ranker=False)\n"
        "retrain(load(), request, lambda doing, done, of: print(doing, flush=True))\n"
    )
    for stop_at in ("training lightgcn, test", "publish"):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(house.folder)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=migrations_dir().parent,
            env=env,
        )
        assert process.stdout is not None
        assert any(line.strip() == stop_at for line in process.stdout), stop_at
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert census.serving_generation(graph) is None
    assert [one["status"] for one in list_nights(house.settings)] == ["interrupted"]
    told = plan_night(house.settings, house.request)
    assert told["would_continue"] == 1
    assert told["steps_done"][-1] == "gate"

    done = retrain(house.settings, house.request)
    assert done.night == 1
    assert list(done.continued) == ["load", "look", "refresh", "train lightgcn", "gate"]
    assert census.serving_generation(graph) == done.generation
    # What the killed publish left is gone, and the registry has nothing half done.
    assert [one.number for one in stored_generations.generations(graph)] == [done.generation]
    with open_registry(house.settings) as registry:
        assert "running" not in {run.status for run in registry.runs()}
        assert "candidate" not in {one.state for one in registry.generations()}


def test_one_night_at_a_time(house: House, graph: GraphClient, tmp_path: Path) -> None:
    elsewhere = house.settings.model_copy(update={"home": tmp_path / "other"})
    with NightLock(graph, wait_seconds=0), pytest.raises(Busy, match="on this graph"):
        retrain(elsewhere, house.request)
    assert list_nights(elsewhere) == []


def test_a_dry_run_changes_nothing(house: House, run: Callable[..., Any]) -> None:
    write(house.folder / "events.csv", days(0, 3))
    write(house.folder / "empty.csv", [])
    told = plan_night(house.settings, house.request)
    assert told["would_load"] == ["events.csv"]
    assert told["would_train"] == ["lightgcn"]
    assert [one["held"] for one in told["files"]] == ["zero-events", None]
    assert sorted(path.name for path in house.folder.iterdir()) == ["empty.csv", "events.csv"]
    assert run("MATCH (n:User) RETURN n") == []
    assert list_nights(house.settings) == []


def test_several_candidates_are_judged_alike(house: House) -> None:
    house.request = RetrainRequest(
        models=("bpr-mf", "lightgcn"),
        settings={"epochs": "2", "dimension": "16", "bpr-mf.epochs": "1"},
        waiting=FolderRequest(house.folder),
        ranker=False,
    )
    summary = house.night(days(0, 30))
    assert summary.generation == 1
    assert {"bpr-mf", "lightgcn", "popular", "buy-again"} <= set(summary.measured)
    assert set(summary.rules) >= {"bpr-mf", "lightgcn"}
    assert len(set(summary.digests.values())) == 2
    assert list_pointer_moves(house.settings)[0].kind == "retrain"


def test_a_candidate_goes_on_trial_and_nothing_is_trained_while_it_is(
    house: House, graph: GraphClient
) -> None:
    write(house.folder / "events.csv", days(0, 30))
    ingest(house.settings, IngestRequest(events=house.folder / "events.csv"))
    (house.folder / "events.csv").unlink()
    with open_registry(house.settings) as registry:
        popular = publish_plain(graph, registry, "popular")
    promote(house.settings, popular)
    gate = OnlineGateLimits(share=5.0)
    house.request = replace(house.request, online_gate=gate)
    first = house.night()
    assert (first.outcome, first.exit_code, first.generation) == ("on-trial", 10, popular)
    assert census.serving_generation(graph) == popular
    candidate = popular + 1
    assert first.trial == f"online-gate-{candidate}"
    assert first.causes[-1] == (
        f"generation {candidate} is on trial: {first.trial} shows it to 5 % of the users."
    )

    # The next night loads what has come, with the flag or without it, and judges nothing.
    house.request = replace(house.request, online_gate=None)
    second = house.night(days(30, 31))
    assert (second.outcome, second.trial, second.measured) == ("on-trial", first.trial, {})
    assert second.new_events == len(set(days(30, 31)))
    assert second.causes[0].startswith(f"{first.trial}: running. The trial goes on: 0 users")
    assert second.causes[-1] == f"Nothing is trained while {first.trial} runs."
    with open_registry(house.settings) as registry:
        assert len(registry.runs(10)) == 1
        newest, oldest = night_reports_of(registry, 2)
    assert list(newest.causes) == list(second.causes)
    assert (newest.generation, newest.new_events) == (popular, second.new_events)
    assert oldest.trial is not None
    assert (oldest.trial.generation, oldest.trial.state) == (candidate, "running")
    planned = plan_night(house.settings, house.request)
    assert planned["would_train"] == []
    assert planned["why"].startswith(f"{first.trial} runs")

    # What came meanwhile is new to the first night after the trial.
    stop(house.settings, first.trial)
    assert plan_night(house.settings, house.request)["would_train"] == ["lightgcn"]


@pytest.mark.usefixtures("graph", "on_server")
def test_the_command_ends_with_the_code_of_what_happened(tmp_path: Path) -> None:
    folder = tmp_path / "waiting"
    folder.mkdir()

    def engine(*arguments: str) -> tuple[int, str]:
        done = invoked("retrain", *arguments)
        return done.exit_code, done.output

    write(folder / "empty.csv", [])
    code, said = engine("--from", str(folder), "--dry-run")
    assert (code, "zero-events" in said) == (0, True)
    assert "[" not in said, "no list of Python"
    code, said = engine("--from", str(folder))
    assert code == 12
    assert "empty.csv was held back (zero-events): it holds no events." in said
    (folder / "empty.csv").unlink()
    assert engine("--from", str(folder), "--json")[0] == 11
    code, said = engine("--nights", "--json")
    assert [one["outcome"] for one in json.loads(said)] == ["nothing-new", "nothing-new"]
    assert "No lock was held" in engine("--break-lock")[1]
    with pytest.raises(UsageError, match="no_such"):
        engine("--set", "no_such=1")
    with pytest.raises(UsageError, match="remember_lists is false"):
        engine("--online-gate")
