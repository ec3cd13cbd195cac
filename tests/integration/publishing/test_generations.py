"""Generations: promote, roll back, keep, remove; under interruption, at once, and audited."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from click.testing import Result

from engine.answering.answers import recommend
from engine.answering.sources import Sources
from engine.config import Settings
from engine.connections.session import open_registry
from engine.errors import Busy, EngineError, NotFound, PublishRefused
from engine.evaluation import ranking
from engine.evaluation.baselines import ALWAYS, BASELINES
from engine.graph import census, embeddings, stored_generations, vector_index
from engine.graph.lists import ranked, recommendations
from engine.graph.lists.recommendations import Basis, Question
from engine.graph.pulling import pull
from engine.publishing import generations
from engine.resources import migrations_dir
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.training import checkpoint
from engine.usecases.generations import list_generations, promote, rollback
from engine.usecases.modelling import publish

from ..terminal import invoked

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def shop(open_shop: Callable[[int], Any]) -> Any:
    return open_shop(120)


class _Restless(GraphClient):
    """A client of a shop where another generation goes into service after each list."""

    def __init__(self, target: Neo4jTarget, settings: Settings, times: int) -> None:
        super().__init__(target)
        self._settings, self._left = settings, times

    def ask(self, name: str, *given: Any, **params: Any) -> list[dict[str, Any]]:
        rows = super().ask(name, *given, **params)
        if name.startswith("recommend/") and self._left:
            self._left -= 1
            promote(self._settings, 1 + self._left % 3)
        return rows


def _engine(*arguments: str) -> Result:
    return invoked(*arguments, "--json")


@pytest.mark.usefixtures("on_server")
def test_back_and_forth_with_a_line_for_every_move(shop: Any, graph: GraphClient) -> None:
    shop.publish()
    shop.publish()
    home = ("--home", str(shop.settings.home))
    back = json.loads(_engine(*home, "rollback", "--why", "complaints").stdout)
    assert back == {"generation": 1, "previous": 2, "moved": True}
    assert census.serving_generation(graph) == 1
    again = json.loads(_engine(*home, "rollback", "--to", "1").stdout)
    assert again == {"generation": 1, "previous": 1, "moved": False}
    forth = json.loads(_engine(*home, "promote", "2").stdout)
    assert forth == {"generation": 2, "previous": 1, "moved": True}

    lines = json.loads(_engine(*home, "generations", "--audit").stdout)
    assert [(one["kind"], one["from_number"], one["to_number"]) for one in lines] == [
        ("promote", 1, 2),
        ("rollback", 2, 1),
        ("publish", 1, 2),
        ("publish", None, 1),
    ]
    assert lines[1]["why"] == "complaints"
    assert all("@" in one["who"] and one["at"] for one in lines)
    assert [one.token for one in stored_generations.pointer_moves(graph)] == [
        one["token"] for one in lines
    ]
    with open_registry(shop.settings) as registry:
        assert [one.token for one in registry.nights.flips()] == [one["token"] for one in lines]
        assert [one.state for one in registry.generations()] == ["serving", "retired"]


def test_two_rollbacks_go_two_steps(shop: Any, graph: GraphClient) -> None:
    shop = replace(shop, settings=shop.settings.model_copy(update={"keep_generations": 3}))
    for _ in range(3):
        shop.publish()
    assert rollback(shop.settings).generation == 2
    assert rollback(shop.settings).generation == 1
    with pytest.raises(NotFound, match="is the first"):
        rollback(shop.settings)
    assert census.serving_generation(graph) == 1


def test_the_lists_are_planned_before_a_generation_serves_and_after_another_is_removed(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = []

    def plan(client: GraphClient, number: int) -> None:
        planned.append((number, census.serving_generation(client)))

    monkeypatch.setattr(ranked, "warm_plan", plan)
    shop = replace(shop, settings=shop.settings.model_copy(update={"keep_generations": 2}))
    shop.publish()
    shop.publish()
    promote(shop.settings, 1)
    assert planned == [(1, None), (2, 1), (1, 2)]
    shop.publish()
    assert planned[3:] == [(3, 1), (3, 3)]


@pytest.mark.usefixtures("on_server")
def test_as_many_are_kept_as_is_set_as_the_list_says_and_a_rolled_back_one_too(
    shop: Any, graph: GraphClient
) -> None:
    keeping = replace(shop, settings=shop.settings.model_copy(update={"keep_generations": 3}))
    for _ in range(4):
        keeping.publish()
    assert [one.number for one in stored_generations.generations(graph)] == [4, 3, 2]
    rows = json.loads(_engine("--home", str(shop.settings.home), "generations").stdout)
    assert [(one["number"], one["serving"], one["in_graph"]) for one in rows] == [
        (4, True, True),
        (3, False, True),
        (2, False, True),
        (1, False, False),  # kept no longer
    ]
    rollback(shop.settings)
    with open_registry(shop.settings) as registry:
        # 3 serves, 2 came before it; 4 is the one that was rolled back.
        assert generations.remove_old(graph, registry, 3) == ()
        assert generations.remove_old(graph, registry, 2) == (4,)
    assert embeddings.coverage(graph, "Item", 4).vectors == 0
    assert "missing" in (vector_index.health(graph, "Item", 4, 16) or "")


def test_what_cannot_serve_is_refused_and_the_pointer_stays(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    keeping = replace(shop, settings=shop.settings.model_copy(update={"keep_generations": 4}))
    for _ in range(4):
        keeping.publish()
    vector_index.drop(graph, 1)
    run("MATCH (n:Item) WHERE toInteger(substring(n.id, 1)) % 3 > 0 REMOVE n.embedding_g2")
    run("MATCH (n:Item) REMOVE n.embedding_g3")
    for number in (1, 2, 3):
        with pytest.raises(PublishRefused, match=f"generation {number} cannot serve") as caught:
            promote(shop.settings, number)
        assert "engine publish" in caught.value.hint
    with pytest.raises(PublishRefused, match="generation 3 cannot serve"):
        rollback(shop.settings)
    assert census.serving_generation(graph) == 4
    with pytest.raises(NotFound, match="generation 9 is not in the graph"):
        promote(shop.settings, 9)


def test_a_complete_generation_waits_to_be_promoted(shop: Any, graph: GraphClient) -> None:
    shop.publish()
    path = shop.folder / "waiting.pt"
    checkpoint.save(path, shop.trained)
    waiting = publish(shop.settings, path=path, promote=False)
    assert (waiting.generation, waiting.in_service) == (2, False)
    assert census.serving_generation(graph) == 1
    assert list_generations(shop.settings)[0]["state"] == "ready"
    with open_registry(shop.settings) as registry:
        assert generations.remove_old(graph, registry, 2) == ()
    assert promote(shop.settings, 2).moved
    assert census.serving_generation(graph) == 2


def test_what_serves_is_not_removed_and_what_is_being_removed_does_not_serve(
    shop: Any, graph: GraphClient
) -> None:
    shop.publish()
    shop.publish()
    with pytest.raises(Busy, match="in service"):
        stored_generations.remove(graph, 2)
    assert vector_index.health(graph, "Item", 2, 16) is None
    graph.write("generation/condemn", number=1)
    with pytest.raises(PublishRefused, match="removing"):
        promote(shop.settings, 1)
    with pytest.raises(PublishRefused, match="not complete"):
        stored_generations.promote(graph, 1, generations.reason("promote", "past the check"))
    assert census.serving_generation(graph) == 2


def test_killed_at_any_moment_there_is_one_in_service_and_the_audit_tells_how(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    shop.publish()
    shop.publish()
    code = (
        "import itertools, sys\n"
        "from engine.config import Settings\n"
        "from engine.usecases import generations\n"
        "s = Settings(home=sys.argv[1], neo4j_uri=sys.argv[2], neo4j_user=sys.argv[3],\n"
        "             neo4j_password=sys.argv[4])\n"
        "for n in itertools.cycle((1, 2)):\n"
        "    generations.promote(s, n)\n"
        "    print(n, flush=True)\n"
    )
    login = (graph.target.uri, graph.target.user, graph.target.password)
    for round_ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(shop.settings.home), *login],
            stdout=subprocess.PIPE,
            text=True,
            cwd=migrations_dir().parent,
        )
        assert process.stdout is not None
        for _ in range(3 + round_):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        pointers = run("MATCH (:Serving)-[:USES]->(g) RETURN g.number AS n")
        flips = stored_generations.pointer_moves(graph)[::-1]
        assert [one["n"] for one in pointers] == [flips[-1].to_number]
        assert [one.from_number for one in flips[1:]] == [one.to_number for one in flips[:-1]]
    with open_registry(shop.settings) as registry:
        generations.mirror_to_registry(graph, registry)
        assert len(registry.nights.flips()) == len(flips)


def test_many_at_once_leave_one_in_service(shop: Any, graph: GraphClient, run: Run) -> None:
    shop = replace(shop, settings=shop.settings.model_copy(update={"keep_generations": 4}))
    for _ in range(3):
        shop.publish()
    why = generations.reason("promote", "at once")

    def move(number: int) -> str:
        try:
            if number == 0:
                stored_generations.remove(graph, 1)
            else:
                stored_generations.promote(graph, number, why)
        except EngineError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(6) as pool:
        said = set(pool.map(move, [1, 2, 3, 0, 1, 3, 2, 1, 3, 0, 2, 1]))
    assert said <= {"done", "Busy", "PublishRefused"}
    now = census.serving_generation(graph)
    assert len(run("MATCH (:Serving)-[use:USES]->() RETURN use")) == 1
    assert vector_index.health(graph, "Item", int(now or 0), 16) is None
    flips = stored_generations.pointer_moves(graph)[::-1]
    assert flips[-1].to_number == now
    assert [one.from_number for one in flips[1:]] == [one.to_number for one in flips[:-1]]


def test_plain_methods_serve_their_own_lists_and_say_so(shop: Any, graph: GraphClient) -> None:
    shop.publish()
    events = pull.pull_interactions(graph)
    task = ranking.task(events, events, include_seen=True)
    users = [events.users.ids[row] for row in task.users]
    for name in ALWAYS:
        number = shop.publish_plain(name)
        assert census.serving_generation(graph) == 1
        assert promote(shop.settings, number).moved

        best = ranking.top(task, BASELINES[name](events), 10)
        answers = recommendations.for_users(graph, users, Question(k=10, exclude_seen=False))
        for rows, answer in zip(best, answers, strict=True):
            ids = [events.items.ids[row] for row in rows if row >= 0]
            assert [one.id for one in answer.items] == ids, name
            assert answer.basis == Basis("for-you", name)
            assert {one.source for one in answer.items} <= {"popular", "again", "people"}
            assert "is in service" in (answer.note() or "")
        alike = recommendations.similar_items(graph, "i0", Question(k=5))
        assert (alike.basis.served, alike.items) == ("plain", ())
        assert rollback(shop.settings).generation == 1
        serving = [one.number for one in stored_generations.generations(graph) if one.serving]
        assert serving == [1]


def test_no_answer_is_blended_from_two_generations(shop: Any, neo4j_target: Neo4jTarget) -> None:
    shop = replace(shop, settings=shop.settings.model_copy(update={"keep_generations": 3}))
    for _ in range(3):  # with two, a list that is asked again meets the generation of the first
        shop.publish()
    both = Sources("people", blend="for-you")
    with _Restless(neo4j_target, shop.settings, times=1) as once:
        found = recommend(once, "u7", Question(k=5), both)
    assert (found.generation, len(found.items)) == (1, 5)  # asked again, all of the one there now
    with (
        _Restless(neo4j_target, shop.settings, times=99) as always,
        pytest.raises(Busy, match="changed at every attempt"),
    ):
        recommend(always, "u7", Question(k=5), both)
