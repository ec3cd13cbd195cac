"""Two homes publish into one graph: two numbers, and neither removes what the other writes."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any

import pytest

from engine.answering.experiment_request import ExperimentRequest
from engine.connections.session import open_graph, open_registry
from engine.errors import AlreadyThere, Busy, UsageError
from engine.graph import census, stored_generations
from engine.publishing import generations
from engine.publishing.generation_health import why_unservable
from engine.store.graph_client import GraphClient
from engine.store.processes import ProcessIdentity, this_process
from engine.upkeep.check import check
from engine.usecases import experimenting
from engine.usecases.generations import list_generations, promote
from engine.usecases.upkeep import tidy

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def homes(open_shop: Callable[[int], Any]) -> list[Any]:
    """One shop, published from two homes."""
    shop = open_shop(120)
    folders = [shop.folder / name for name in ("one", "two")]
    made = []
    for folder in folders:
        folder.mkdir()
        settings = shop.settings.model_copy(update={"home": folder})
        made.append(replace(shop, folder=folder, settings=settings))
        with open_registry(settings):
            pass  # its tables are made, which two threads cannot do at once
    return made


def test_both_at_once_have_a_number_and_a_whole_generation_each(
    homes: list[Any], graph: GraphClient
) -> None:
    with ThreadPoolExecutor(2) as pool:
        published = list(pool.map(lambda home: home.publish(), homes))
    assert sorted(one.generation for one in published) == [1, 2]
    known = {one.number: one for one in stored_generations.generations(graph)}
    assert census.serving_generation(graph) in known
    assert {one.state for one in known.values()} == {"published"}
    assert all(why_unservable(graph, one) is None for one in known.values())
    for home, one in zip(homes, published, strict=True):
        with open_registry(home.settings) as registry:
            assert one.generation in [record.number for record in registry.generations()]


def test_a_number_is_taken_once_however_many_ask(homes: list[Any], graph: GraphClient) -> None:
    def create(n: int) -> int:
        with open_registry(homes[n % 2].settings) as registry:
            return generations.create_candidate(graph, registry, "lightgcn")

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(create, range(16)))
    assert sorted(numbers) == list(range(1, 17))
    with pytest.raises(AlreadyThere):
        stored_generations.create_candidate(graph, 7, {})


def test_a_removed_number_does_not_come_again(homes: list[Any], graph: GraphClient) -> None:
    homes[0].publish()
    with open_registry(homes[0].settings) as registry:
        removed = generations.create_candidate(graph, registry, "lightgcn")
    stored_generations.remove(graph, removed)
    # The other home's registry has never heard of it.
    assert homes[1].publish().generation == removed + 1


def test_only_what_nobody_writes_any_more_is_removed(
    homes: list[Any], graph: GraphClient, run: Run
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    me = this_process()
    marks = {
        1: me,
        2: replace(me, pid=dead.pid),
        3: ProcessIdentity("another-machine", 1, 0.0),
        4: ProcessIdentity("another-machine", 2, 0.0),
    }
    with open_registry(homes[0].settings) as registry:
        assert [generations.create_candidate(graph, registry, "torn") for _ in marks] == list(marks)
        for number, mark in marks.items():
            stored = asdict(mark) | {"process_started": mark.started}
            run("MATCH (g:Generation {number: $n}) SET g += $mark", n=number, mark=stored)
        day_before_yesterday = int((time.time() - 2 * 86_400) * 1_000)
        run("MATCH (g:Generation {number: 4}) SET g.created_at = $at", at=day_before_yesterday)
        assert set(generations.remove_old(graph, registry, 2)) == {2, 4}
    assert {one.number for one in stored_generations.generations(graph)} == {1, 3}


def test_the_same_number_of_a_graph_that_was_emptied_is_another_generation(
    homes: list[Any], run: Run
) -> None:
    mine, theirs = homes
    promote(mine.settings, mine.publish_plain("popular"))
    run("MATCH (n) WHERE n:Generation OR n:Serving OR n:Sequence DETACH DELETE n")
    promote(theirs.settings, theirs.publish_plain("popular"))
    (row,) = list_generations(mine.settings)
    assert (row["number"], row["serving"]) == (1, True)
    assert row["reason"] == "published from another home"
    (finding,) = [one for one in check(mine.settings).findings if one.name == "agreement"]
    assert finding.value == "the registry does not know generation 1, which is in service"
    (row,) = list_generations(theirs.settings)
    assert (row["serving"], row["reason"]) == (True, "")
    # The number is taken here too, so what this home publishes next is told from both.
    assert mine.publish_plain("popular") == 2


def _publish_and_remove(home: Any) -> tuple[int, ...]:
    """Put one generation more into service, and return those that this removed."""
    promote(home.settings, home.publish_plain("popular"))
    with open_graph(home.settings) as graph, open_registry(home.settings) as registry:
        return generations.remove_old(graph, registry, 2)


def _start(home: Any, name: str, generation: int) -> None:
    variants = {"now": "serving", "old": f"generation:{generation}"}
    experimenting.start(home.settings, ExperimentRequest(name, variants))


def _start_and_lose(home: Any, name: str, generation: int) -> None:
    """Start an experiment, and end it as where no Neo4j answers."""
    _start(home, name, generation)
    with open_registry(home.settings) as registry:
        registry.experiments.stop(name, "who", None)


def test_what_an_experiment_shows_no_other_home_removes(
    homes: list[Any], graph: GraphClient, run: Run
) -> None:
    mine, theirs = homes
    assert _publish_and_remove(mine) == _publish_and_remove(theirs) == ()
    _start(mine, "first", 1)
    assert _publish_and_remove(theirs) == ()
    assert tidy(theirs.settings, dry_run=True).removed == ()
    with pytest.raises(Busy, match="an experiment that runs shows generation 1"):
        stored_generations.remove(graph, 1)

    with pytest.raises(UsageError):  # there was one of that name: 2 is not kept for it
        _start(mine, "first", 2)
    experimenting.stop(mine.settings, "first")
    assert _publish_and_remove(theirs) == (2, 1)

    _start_and_lose(mine, "second", 3)
    assert _publish_and_remove(theirs) == ()
    for dry_run in (True, False):
        assert [one.number for one in tidy(mine.settings, dry_run=dry_run).removed] == [3]
    _start_and_lose(mine, "third", 4)
    assert tidy(mine.settings).removed == ()
    assert not any(one.needed_by for one in stored_generations.generations(graph))

    _start(mine, "fourth", 4)
    run("MATCH (g:Generation {number: 4}) DETACH DELETE g")
    (finding,) = [one for one in check(mine.settings).faults if one.name == "experiments"]
    assert str(finding) == "experiment fourth: generation 4 of its variant old is gone"
