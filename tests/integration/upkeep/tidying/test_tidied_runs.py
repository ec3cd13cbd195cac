"""``engine tidy`` keeps every run, night and generation that somebody may still need."""

from datetime import UTC, datetime, timedelta

import sqlalchemy

import engine
from engine.connections.session import open_registry
from engine.graph import stored_generations
from engine.graph.stored_generations import MoveReason
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.upkeep.leftovers import NIGHTS_KEPT

from .conftest import put, subjects


def _age(registry: Registry, table: str, days: float, **columns: object) -> None:
    """Move the times of some rows into the past, as if they had been written then."""
    then = datetime.now(UTC) - timedelta(days=days)
    names = {"generations": ("changed_at",), "nights": ("started_at", "finished_at")}
    names |= {"runs": ("started_at", "finished_at")}
    sets = ", ".join(f"{name} = :then" for name in names[table])
    (key, value), *_ = columns.items()
    text = sqlalchemy.text(f"UPDATE {table} SET {sets} WHERE {key} = :value")
    with registry._engine.begin() as connection:
        connection.execute(text, {"then": then.replace(tzinfo=None), "value": value})


def _run(e: engine.Engine, registry: Registry, days: float, status: str = "finished") -> int:
    run = registry.start_run("als", {}, None, 1, "")
    for name in ("model.pt", "twin.pt"):
        path = put(e.settings.home, f"checkpoints/{run}/{name}", days)
    registry.finish_run(run, status, {}, 1.0, str(path.with_name("model.pt")))
    return run


def test_checkpoints_go_with_their_generations_and_those_in_use_stay(
    e: engine.Engine, graph: GraphClient
) -> None:
    with open_registry(e.settings) as registry:
        runs = {}
        for number, (name, state, days) in enumerate(
            (
                ("long gone", "retired", 31.0),
                ("refused", "refused", 31.0),
                ("gone of late", "refused", 29.0),
                ("before the one before", "retired", 30.5),
                ("before", "retired", 30.4),
                ("waits", "ready", 400.0),
                ("in the graph", "retired", 500.0),
                ("serves", "serving", 400.0),
            ),
            start=1,
        ):
            runs[name] = _run(e, registry, 900.0)
            registry.add_generation(number, runs[name], "als", 8, {})
            registry.mark_generation(number, state)  # type: ignore[arg-type]
            _age(registry, "generations", days, number=number)
        for number in (7, 8):
            stored_generations.create_candidate(graph, number, {"model": "als"})
            stored_generations.complete(graph, number, {"plain": "popular", "run": number})
            stored_generations.promote(graph, number, MoveReason("publish", "who", "why"))
        runs["never published"] = _run(e, registry, 900.0)
        runs["failed"] = _run(e, registry, 900.0, "failed")
        runs["failed of late"] = _run(e, registry, 6.0, "failed")
        runs["newest"] = _run(e, registry, 900.0)
        runs["at work"] = registry.start_run("als", {}, None, 1, "")
        put(e.settings.home, f"checkpoints/{runs['at work']}/warm.pt", 900.0)
    gone = {f"checkpoints/{runs[name]}" for name in ("long gone", "refused", "failed")}
    assert subjects(e, dry_run=True) == gone
    assert subjects(e, dry_run=False) == gone
    left = {path.name for path in (e.settings.home / "checkpoints").iterdir()}
    assert left == {str(run) for name, run in runs.items() if f"checkpoints/{run}" not in gone}
    assert subjects(e, dry_run=False) == set()


def test_the_newest_run_stays_which_publish_would_take(e: engine.Engine) -> None:
    with open_registry(e.settings) as registry:
        older, newest = (_run(e, registry, 900.0) for _ in range(2))
        for number, run in ((1, older), (2, newest)):
            registry.add_generation(number, run, "als", 8, {})
            registry.mark_generation(number, "refused")
            _age(registry, "generations", 900.0, number=number)
    assert subjects(e, dry_run=False) == {f"checkpoints/{older}"}


def test_a_graph_that_is_another_one_takes_no_checkpoint_along(e: engine.Engine) -> None:
    """The settings name a test server by mistake: its graph is empty."""
    with open_registry(e.settings) as registry:
        for number, state in ((1, "retired"), (2, "retired"), (3, "serving")):
            registry.add_generation(number, _run(e, registry, 900.0), "als", 8, {})
            registry.mark_generation(number, state)  # type: ignore[arg-type]
            _age(registry, "generations", 900.0, number=number)
    assert subjects(e, dry_run=True) == set()


def test_what_a_night_needs_that_can_be_continued_stays(e: engine.Engine) -> None:
    home = e.settings.home
    state = put(home, "checkpoints/unfinished/abc/state.pt", 20.0)
    with open_registry(e.settings) as registry:
        night = registry.nights.begin("x")
        run = _run(e, registry, 900.0)
        registry.add_generation(1, run, "als", 8, {})
        registry.mark_generation(1, "refused")
        registry.nights.record_step(night.id, "train als", {"run": run}, 1.0)
        registry.nights.finish(night.id, "interrupted", None)
        _age(registry, "generations", 900.0, number=1)
        _age(registry, "nights", 21.0, id=night.id)
        _run(e, registry, 900.0)
        assert subjects(e, dry_run=False) == set()
        registry.nights.finish(night.id, "finished", "kept")
        registry.nights.finish(registry.nights.begin("x").id, "finished", "kept")
    assert subjects(e, dry_run=False) == {f"checkpoints/{run}", "checkpoints/unfinished/abc"}
    assert not state.exists()


def test_nights_past_their_limit_are_forgotten_but_the_last_hundred(e: engine.Engine) -> None:
    home = e.settings.home
    with open_registry(e.settings) as registry:
        ids = []
        for _ in range(NIGHTS_KEPT + 3):
            night = registry.nights.begin("x")
            registry.nights.record_step(night.id, "look", {}, 1.0)
            registry.nights.finish(night.id, "finished", "kept")
            ids.append(night.id)
        for id in ids[:-1]:
            _age(registry, "nights", 364.0 if id == ids[1] else 366.0, id=id)
            put(home, f"retrain/{id:06d}.json", 366.0)
    gone = {ids[0], ids[2]}
    expected = {f"night {id}" for id in gone} | {f"retrain/{id:06d}.json" for id in gone}
    assert subjects(e, dry_run=True) == expected
    assert subjects(e, dry_run=False) == expected
    with open_registry(e.settings) as registry:
        assert {night.id for night in registry.nights.nights(1_000)} == set(ids) - gone


def test_old_generations_go_as_a_night_would_remove_them(
    e: engine.Engine, graph: GraphClient
) -> None:
    for number in (1, 2, 3):
        stored_generations.create_candidate(graph, number, {"model": "popular"})
        stored_generations.complete(graph, number, {"plain": "popular"})
        stored_generations.promote(graph, number, MoveReason("publish", "who", "why"))
    assert subjects(e, dry_run=True) == {"generation 1"}
    assert len(stored_generations.generations(graph)) == 3
    assert subjects(e, dry_run=False) == {"generation 1"}
    left = {one.number: one.serving for one in stored_generations.generations(graph)}
    assert left == {2: False, 3: True}
    assert subjects(e, dry_run=False) == set()
