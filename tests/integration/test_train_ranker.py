"""A ranker is trained from the graph, serves where it beats the blend, and nights judge it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.config import Settings
from engine.connections.session import open_registry
from engine.data.kind_weights import EQUAL
from engine.data.training_data import TrainingData
from engine.errors import CheckpointInvalid
from engine.evaluation.protocols import NextBasket, SingleSplit, Window
from engine.experiments.pulled_data import PulledData
from engine.experiments.ranker_windows import PastQuestions
from engine.experiments.training_request import TrainingRequest
from engine.experiments.tune_ranker import RankerTuneRequest
from engine.graph import stored_generations, stored_rankers
from engine.graph.known_events import KnownEvents
from engine.graph.lists.question import Question
from engine.nights.retrain_request import RetrainRequest
from engine.nights.waiting import FolderRequest
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.usecases import comparing, modelling, recommending, retraining

from . import rhythm_shop
from .terminal import engine

Run = Callable[..., list[dict[str, Any]]]
SETTINGS = {"dimension": "8", "epochs": "2", "batch_size": "512", "ranker.trees": "60"}
REQUEST = TrainingRequest("bpr-mf", SETTINGS, seed=3)


@pytest.fixture(scope="module")
def trained(
    graph_of_file: GraphClient, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, modelling.RankerReport]:
    """A home with a trained run and its ranker."""
    folder = tmp_path_factory.mktemp("ranker")
    target = graph_of_file.target
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("HOME", str(folder)),
            ("NEO4J_URI", target.uri),
            ("NEO4J_USER", target.user),
            ("NEO4J_PASSWORD", target.password),
        ):
            patch.setenv(f"ENGINE_{name}", value)
        engine("ingest", str(rhythm_shop.write(folder / "events.csv")))
    settings = Settings(
        home=folder,
        neo4j_uri=target.uri,
        neo4j_user=target.user,
        neo4j_password=target.password,
    )
    done = modelling.train(settings, REQUEST)
    return settings, modelling.train_ranker(settings, REQUEST, done.run_id)


def test_a_ranker_that_knows_what_is_due_beats_the_blend(
    trained: tuple[Settings, modelling.RankerReport],
) -> None:
    settings, report = trained
    assert report.ranker is not None, report.message
    assert report.metrics["valid.ranked-blend.ndcg@20.low"] > 0
    assert report.metrics["seen.ranked-blend.ndcg@20.low"] > 0
    assert report.lines()[0].startswith("A ranker serves")
    said = report.lines()[-1]
    assert re.search(r" against the blend and \S+ \[\S+ \S+\] against \S+, the best plain", said)
    with open_registry(settings) as registry:
        run = registry.run(1)
    assert run.ranker_digest == report.ranker.digest
    assert run.metrics["seen.ranked.ndcg@20"] == report.metrics["seen.ranked.ndcg@20"]
    assert run.metrics["epochs"] is not None  # those of the model are still there


def test_nothing_of_the_training_stays_in_the_graph(
    trained: tuple[Settings, modelling.RankerReport], graph_of_file: GraphClient
) -> None:
    del trained
    assert not [
        one for one in stored_generations.generations(graph_of_file) if one.state == "candidate"
    ]


def test_one_seed_gives_one_ranker(trained: tuple[Settings, modelling.RankerReport]) -> None:
    settings, report = trained
    again = modelling.train_ranker(settings, REQUEST, 1)
    assert report.ranker is not None
    assert again.ranker is not None
    assert again.ranker.digest == report.ranker.digest
    assert again.metrics == report.metrics


def test_what_the_run_was_trained_on_is_handed_to_its_ranker(
    trained: tuple[Settings, modelling.RankerReport],
) -> None:
    settings, report = trained
    done = modelling.train(settings, REQUEST, for_ranker=True)
    assert modelling.train(settings, REQUEST).pulled is None
    assert done.pulled is not None
    handed = modelling.train_ranker(settings, REQUEST, done.run_id, pulled=done.pulled)
    assert (handed.ranker and handed.ranker.digest) == (report.ranker and report.ranker.digest)
    assert handed.metrics == report.metrics
    # It is that, and not the graph, which is learned from.
    events = done.pulled.material.events
    few = TrainingData(events.select(events.at > events.at.max() - 20 * 86_400_000))
    other = modelling.train_ranker(
        settings, REQUEST, done.run_id, pulled=PulledData(few, done.pulled.watermark)
    )
    assert other.ranker is None
    assert "a ranker learns from 2 windows" in other.message


def test_the_published_generation_serves_what_the_ranker_says(
    trained: tuple[Settings, modelling.RankerReport], graph_of_file: GraphClient
) -> None:
    settings, report = trained
    published = modelling.publish(settings, run_id=1)
    assert published.ranked
    assert report.ranker is not None
    stored = stored_rankers.read(graph_of_file, published.generation)
    assert stored is not None
    assert stored.digest == report.ranker.digest
    found = recommending.recommend(settings, "u03", Question(k=5, exclude_seen=False))
    assert found.basis.served == "ranked"
    assert len(found.items) == 5
    (generation,) = (
        one
        for one in stored_generations.generations(graph_of_file)
        if one.number == published.generation
    )
    assert generation.settings["ranker"] == report.ranker.digest


def test_items_that_arrive_while_it_learns_are_left_out(
    trained: tuple[Settings, modelling.RankerReport], graph_of_file: GraphClient, bare_run: Run
) -> None:
    number = modelling.publish(trained[0], run_id=1).generation
    known = KnownEvents.pulled(graph_of_file, EQUAL)
    asking = PastQuestions(graph_of_file, number, known, known.groups(()))
    users, newest = known.events.users.positions(["u03"]), int(known.events.at.max())
    asking.know(newest, users)
    before = asking.ask(users, newest + 1)
    bare_run(
        "MATCH (u:User {id: 'u03'}) UNWIND range(1, 9) AS n CREATE (i:Item {id: 'late' + n}) "
        "CREATE (u)-[:INTERACTED {key: -n, event: 'buy', batch: 9, at: $at}]->(i)",
        at=newest - 40 * 86_400_000,
    )
    try:
        found = asking.ask(users, newest + 1)
        assert sorted(found.items) == sorted(before.items)
        assert found.items.min() >= 0
    finally:
        bare_run("MATCH (i:Item) WHERE i.id STARTS WITH 'late' DETACH DELETE i")


def test_its_settings_are_searched_on_the_last_of_its_windows(
    trained: tuple[Settings, modelling.RankerReport],
) -> None:
    settings, report = trained
    found = comparing.tune_ranker(settings, RankerTuneRequest(1, 5.0, trials=2))
    first, second = found.trials
    assert first.settings["leaves"] == "31"  # the default
    assert second.settings != first.settings
    assert found.best.metric == max(one.metric or 0.0 for one in found.trials)
    assert f"--set ranker.leaves={found.best.settings['leaves']}" in found.command
    assert "--set dimension=8" in found.command
    assert f"--seed {REQUEST.seed}" in found.command
    # More trees than the run was given, so no worse on validation than what it found.
    assert (first.metric or 0.0) >= report.metrics["valid.ranked.ndcg@20"] - 0.01
    more = comparing.tune_ranker(settings, RankerTuneRequest(1, 5.0, trials=3, resume=True))
    assert [one.settings for one in more.trials[:2]] == [first.settings, second.settings]


def test_a_damaged_ranker_is_not_published(
    trained: tuple[Settings, modelling.RankerReport],
) -> None:
    settings, _ = trained
    file = next((settings.home / "checkpoints").rglob("ranker.txt"))
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("tree_sizes", "tree_sizes "), encoding="utf-8")
    try:
        with pytest.raises(CheckpointInvalid, match="SHA-256"):
            modelling.publish(settings, run_id=1)
    finally:
        file.write_text(whole, encoding="utf-8")


def test_a_model_that_is_not_judged_by_time_has_no_ranker(
    trained: tuple[Settings, modelling.RankerReport],
) -> None:
    settings, _ = trained
    request = replace(REQUEST, protocol=SingleSplit("random", 0.2))
    done = modelling.train(settings, request)
    report = modelling.train_ranker(settings, request, done.run_id)
    assert report.ranker is None
    assert "not judged by time" in report.message
    with open_registry(settings) as registry:
        assert registry.run(done.run_id).ranker_digest is None


def test_a_night_trains_judges_and_serves_a_ranker_and_the_next_one_judges_it_by_its_twin(
    graph: GraphClient, tmp_path: Path
) -> None:
    target: Neo4jTarget = graph.target
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    settings = Settings(
        home=tmp_path / "home",
        neo4j_uri=target.uri,
        neo4j_user=target.user,
        neo4j_password=target.password,
    )
    request = RetrainRequest(("bpr-mf",), SETTINGS, FolderRequest(waiting))
    rhythm_shop.write(waiting / "first.csv", rhythm_shop.WEEKS - 1)
    first = retraining.retrain(settings, request)
    assert first.outcome == "promoted", json.dumps(first.as_dict(), indent=1, default=str)
    assert any("A ranker serves" in cause for cause in first.causes)
    best = max(first.measured, key=lambda name: first.measured[name]["ndcg@20"])
    assert best == "bpr-mf"
    found = recommending.recommend(settings, "u03", Question(k=5, exclude_seen=False))
    assert found.basis.served == "ranked"

    rhythm_shop.write(waiting / "second.csv", rhythm_shop.WEEKS)
    second = retraining.retrain(settings, request)
    assert (second.judged_by or "").endswith("its twin")
    name = f"generation {first.generation}"
    plain = second.measured["buy-again"]["ndcg@20"]
    # By its vectors alone it would be no better than the plain methods.
    assert second.measured[name]["ndcg@20"] > plain + 0.02
    assert not [one for one in stored_generations.generations(graph) if one.state == "candidate"]


def test_of_a_model_judged_by_baskets_a_ranker_is_too(
    trained: tuple[Settings, modelling.RankerReport],
) -> None:
    settings, _ = trained
    request = replace(REQUEST, protocol=NextBasket(7, 1))
    done = modelling.train(settings, request)
    report = modelling.train_ranker(settings, request, done.run_id)
    assert report.ranker is not None, report.message
    window = modelling.train_ranker(settings, replace(REQUEST, protocol=Window(7, 1)), done.run_id)
    assert window.ranker is not None
    # The same cut, the same trees, another question.
    assert window.ranker.digest == report.ranker.digest
    blend = {
        one: found.metrics["seen.ranked.ndcg@20"] - found.metrics["seen.ranked-blend.ndcg@20"]
        for one, found in (("basket", report), ("window", window))
    }
    assert blend["basket"] == pytest.approx(done.result.metrics()["seen.blend.ndcg@20"], abs=0.005)
    assert abs(blend["window"] - blend["basket"]) > 0.02
