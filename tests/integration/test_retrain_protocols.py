"""Nights that are judged by the newest days, by baskets and by single items."""

import json
from dataclasses import replace

import pytest

from engine.connections.session import open_registry
from engine.evaluation.protocols import Window
from engine.experiments.training_request import TrainingRequest
from engine.graph import census
from engine.nights import night_reports
from engine.serving.operator_replies import JudgedWindow
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.usecases import modelling
from engine.usecases.retraining import plan_night, retrain

from .night_house import House, days, write

SETTINGS = {"epochs": "2", "dimension": "8"}


@pytest.fixture
def house(graph: GraphClient, neo4j_target: Neo4jTarget, tmp_path: object) -> House:
    """A model of a window serves, and a day's events wait."""
    house = House.at(neo4j_target, tmp_path)  # type: ignore[arg-type]
    house.night(days(0, 50))
    done = modelling.train(
        house.settings, TrainingRequest("bpr-mf", SETTINGS, protocol=Window(7, 1))
    )
    published = modelling.publish(house.settings, run_id=done.run_id)
    assert census.serving_generation(graph) == published.generation
    house.request = replace(house.request, models=("bpr-mf",), settings=SETTINGS)
    write(house.folder / "events.csv", days(50, 51))
    return house


def test_a_night_of_baskets_judges_what_serves_by_baskets_and_says_what_it_was_made_for(
    house: House, graph: GraphClient
) -> None:
    serving = f"generation {census.serving_generation(graph)}"
    house.request = replace(house.request, protocol="next-basket")
    told = plan_night(house.settings, house.request)
    assert (told["protocol"], told["in_service_trained_for"]) == ("next-basket", "window")
    assert told["judged_on"] == "each user's last basket of the newest days; every event has a time"

    found = retrain(house.settings, house.request)
    assert found.protocol["protocol"] == "next-basket"
    assert found.protocol["window_days"] == 7
    assert (found.window["protocol"], found.window["split"]) == ("next-basket", "time")
    assert found.window["begins"].endswith("T00:00:00+00:00")
    assert found.judged_by == f"{serving}: its twin"
    assert {"bpr-mf", "popular", serving} <= set(found.measured)
    said = f"{serving} was trained for --protocol window, which chose how it is served; its figure"
    assert [cause for cause in found.causes if cause.startswith(said)]

    written = json.loads(
        (house.settings.home / "retrain" / f"{found.night:06d}.json").read_text(encoding="utf-8")
    )
    assert written["protocol"] == dict(found.protocol)
    with open_registry(house.settings) as registry:
        (report,) = night_reports.reports(registry, 1)
        run = registry.runs(1)[0]
    assert JudgedWindow(**report.window).protocol == "next-basket"
    # The candidate held out what the gate asks, to the millisecond.
    assert TrainingRequest.of_run(run).judged_by.settings() == dict(found.protocol)

    # Another protocol is another question: it is asked though nothing has arrived since.
    window = replace(house.request, protocol="window")
    assert plan_night(house.settings, house.request)["why"] == "nothing has arrived"
    assert plan_night(house.settings, window)["would_train"] == ["bpr-mf"]


def test_a_night_of_single_items_trains_what_serves_once_more_without_them(
    house: House, graph: GraphClient
) -> None:
    serving = f"generation {census.serving_generation(graph)}"
    house.request = replace(house.request, protocol="next-item")
    found = retrain(house.settings, house.request)
    assert found.protocol == {"protocol": "next-item"}
    assert found.judged_by == f"{serving}: its settings, trained without what is held out"
    assert (found.window["begins"], found.window["days"]) == (None, 0.0)
    assert found.window["users"] == found.window["events"] == 120
    # One model, one seed, the same events and nothing to start from: the candidate's own figures.
    assert found.measured[serving] == found.measured["bpr-mf"]
