"""Nights that something happens to: stopped at any step, two at once, damaged files, lost records.

And nights of events without a time.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event, Thread

import pytest

from engine.errors import Busy
from engine.evaluation.baselines import ALWAYS
from engine.graph import census, stored_generations
from engine.nights import retrain as nights
from engine.publishing import generations
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.usecases.modelling import publish
from engine.usecases.retraining import plan_night, retrain
from engine.usecases.status import list_nights

from .night_house import DAY, FIRST, House, days, write

STEPS = (
    "load",
    "reading events.csv",
    "writing events.csv",
    "look",
    "refresh",
    "train lightgcn",
    "training lightgcn, search",
    "training lightgcn, test",
    "training lightgcn, final",
    "gate",
    "publish",
    "promote",
    "tidy",
)

_ENDED = ("promoted", "kept", "plain-promoted")


class Killed(BaseException):
    """What no part of the engine expects."""


@pytest.fixture
def house(graph: GraphClient, neo4j_target: Neo4jTarget, tmp_path: Path) -> House:
    assert graph.server.version
    return House.at(neo4j_target, tmp_path)


def test_a_night_that_is_stopped_at_every_step_ends_as_one(
    house: House, graph: GraphClient
) -> None:
    write(house.folder / "events.csv", days(0, 40))
    for stop_at in STEPS:

        def report(doing: str, _done: int, _of: int, stop_at: str = stop_at) -> None:
            if doing == stop_at:
                raise Killed(doing)

        with pytest.raises(Killed):
            retrain(house.settings, house.request, report)
        served = census.serving_generation(graph)
        assert (served is None) == (STEPS.index(stop_at) <= STEPS.index("promote"))
    done = house.night()
    assert done.outcome in ("promoted", "plain-promoted")
    assert [one["status"] for one in list_nights(house.settings)] == ["finished"]
    assert census.count(graph).events == len(set(days(0, 40)))
    assert [one.number for one in stored_generations.generations(graph)] == [done.generation]
    assert [path.name for path in (house.folder / "done").iterdir()] == ["events.csv"]


def test_a_second_night_is_refused_and_a_publish_meanwhile_is_waited_for(house: House) -> None:
    write(house.folder / "events.csv", days(0, 10))
    refused: list[str] = []
    publishing: list[Thread] = []

    def report(doing: str, _done: int, _of: int) -> None:
        if doing == "publish" and not publishing:
            publishing.append(_held_a_while(generations.one_at_a_time(house.settings)))
        if not refused:
            with pytest.raises(Busy, match="another retrain is running from this home") as busy:
                house.night()
            refused.append(busy.value.hint)

    summary = retrain(house.settings, house.request, report)
    publishing[0].join()
    assert refused == ["wait for it"]
    assert summary.outcome in ("promoted", "plain-promoted", "kept")
    assert [one["status"] for one in list_nights(house.settings)] == ["finished"]


def test_a_removal_that_is_at_work_when_a_night_begins_is_waited_for(house: House) -> None:
    tidying = _held_a_while(nights.one_at_a_time(house.settings))
    summary = house.night(days(0, 10))
    tidying.join()
    assert summary.outcome in ("promoted", "plain-promoted", "kept")


def _held_a_while(lock: AbstractContextManager[None]) -> Thread:
    """Return a thread that has a lock, and lets go of it half a second later."""
    held, never = Event(), Event()

    def hold() -> None:
        with lock:
            held.set()
            never.wait(0.5)

    holder = Thread(target=hold)
    holder.start()
    held.wait()
    return holder


def test_what_serves_can_be_judged_whatever_became_of_its_files(
    house: House, graph: GraphClient, tmp_path: Path
) -> None:
    house.night(days(0, 40))
    number = publish(house.settings).generation  # whatever won: vectors are what is judged here
    for path in (house.settings.home / "checkpoints").rglob("*.*"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    second = house.night(days(40, 41))
    assert second.outcome in _ENDED, second.causes
    assert second.judged_by == f"generation {number}: its settings, trained up to the window"

    # Two events without a time, one in a file that has times: all others are judged as before.
    partly = [("partly", "i2", 0), ("partly", "i3", FIRST + 40 * DAY)]
    write(house.folder / "partly.csv", partly, item="sku")
    third = house.night([("untimed", "i1", 0)], times=False)
    assert third.outcome in _ENDED, third.causes
    assert third.causes[0].startswith(
        f"2 of {census.count(graph).events} events have no time: they"
    )
    assert third.window["split"] == "time"
    (read,) = (one for one in third.files if one["file"] == "partly.csv")
    assert (read["accepted"], read["without_time"]) == (2, 1)
    assert read["notes"] == ["read as item_id = 'sku'"]

    # The pointer in the graph counts, not a registry that does not know it.
    served = publish(house.settings).generation
    house.settings = house.settings.model_copy(update={"home": tmp_path / "elsewhere"})
    fourth = house.night(days(41, 42))
    assert fourth.previous == served
    assert fourth.judged_by == f"generation {served}: its run is not in this registry"
    assert census.serving_generation(graph) == fourth.generation


def test_events_without_times_are_trained_on_and_judged_by_a_random_hold_out(
    house: House, graph: GraphClient
) -> None:
    write(house.folder / "events.csv", days(0, 40), times=False)
    told = plan_night(house.settings, house.request)
    rows, pairs = len(days(0, 40)), len({row[:2] for row in days(0, 40)})
    said = "events have no time: judged by a random hold-out"
    assert told["judged_on"].startswith(f"{rows} of {rows} {said}")
    assert told["files"][0]["without_time"] == rows
    assert told["files"][0]["held"] is None  # the same pair again is no fault without times
    first = house.night()
    assert first.causes[0].startswith(f"{pairs} of {pairs} {said}")
    assert first.outcome in ("promoted", "plain-promoted", "kept"), first.causes
    assert first.window["split"] == "random"
    assert first.window["begins"] is None
    assert 0.1 < first.window["events"] / pairs < 0.3
    second = house.night(days(40, 45), times=False)
    assert second.outcome in ("promoted", "plain-promoted", "kept"), second.causes
    assert second.judged_by in (
        None,
        f"generation {second.previous}: its settings, trained up to the window",
        *(f"{name}: the plain method itself" for name in ALWAYS),
    )
    assert second.new_events > 0
    assert census.serving_generation(graph) == second.generation


def test_a_night_with_too_few_events_to_judge_ends_well(house: House) -> None:
    summary = house.night([("u1", "i1", 1_700_000_000)])
    assert (summary.outcome, summary.exit_code) == ("kept", 10)
    assert any(cause.startswith("Too little to judge on: ") for cause in summary.causes)
