"""What an operator is shown is what the nights came to and what the stores hold."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.connections.session import open_graph, open_registry
from engine.data.experiment_definition import Variant
from engine.data.online_trial import OnlineGateLimits, OnlineTrial
from engine.evaluation.baselines import ALWAYS
from engine.store.experiment_registry import NewExperiment
from engine.usecases.status import read_status

_DASHBOARD = Path(__file__).parents[3] / "docker" / "monitoring" / "dashboard.json"


@pytest.fixture(scope="module")
def at_work(nights: Any, serving: Any) -> Any:
    with serving(nights.settings.model_copy(update={"remember_lists": True})) as one:
        one.service.outcomes.look()
        yield one


def test_the_nights_are_told_as_they_ended(nights: Any, at_work: Any) -> None:
    with at_work.client("read") as client:
        told = client.get("/v1/nights").json()
        newest = client.get("/v1/nights", params={"limit": 1}).json()["nights"]
    assert newest == told["nights"][:1]
    assert [one["number"] for one in told["nights"]] == [3, 2, 1]
    assert told["generation"] == nights.summaries[-1].generation
    for one, summary in zip(told["nights"], reversed(nights.summaries), strict=True):
        whole = summary.as_dict()
        assert (one["status"], one["outcome"]) == ("finished", summary.outcome)
        assert one["generation"] == summary.generation
        assert one["new_events"] == summary.new_events
        assert one["files"] == [
            {name: value for name, value in file.items() if value is not None}
            for file in summary.files
        ]
        assert one["rules"] == whole["rules"]
        assert one.get("window", {}) == whole["window"]
        quality = {name: figures["ndcg@20"] for name, figures in summary.measured.items()}
        assert {each["name"]: each["quality"] for each in one["measured"]} == quality
        assert one["started_at"] < one["finished_at"]
        assert one["seconds"] > 0


def test_a_night_says_who_was_a_candidate_and_what_was_held(nights: Any, at_work: Any) -> None:
    with at_work.client("read") as client:
        third, second, first = client.get("/v1/nights").json()["nights"]
    roles = {each["name"]: each["role"] for each in first["measured"]}
    assert roles == {"lightgcn": "candidate"} | dict.fromkeys(ALWAYS, "plain")
    assert first["served"] in roles
    assert (second["outcome"], second["measured"]) == ("nothing-new", [])
    assert "window" not in second
    assert second["files"][0]["held"] == "header"
    assert second["causes"][0].startswith("events.csv was held back (header)")
    assert second["causes"][0] == nights.summaries[1].causes[0]
    assert [each["role"] for each in third["measured"]].count("in-service") == 1


def test_the_status_is_that_of_the_command_line(at_work: Any) -> None:
    settings = at_work.settings
    with open_registry(settings) as registry:
        load = registry.start_ingest("bad.csv", "0" * 64, "events")
        registry.finish_ingest(load, 0, 0, 5, "done", {"enum": 2, "too-long": 3}, 5)
        variants = Variant("serving", 90.0, "serving"), Variant("candidate", 10.0, "generation", 9)
        trial = OnlineTrial(3, 9, 1, OnlineGateLimits())
        new = NewExperiment("online-gate-9", "value", "home", 100, variants, None, "me", trial)
        registry.experiments.start(new)
    with at_work.client("read") as client:
        told = client.get("/v1/status").json()
        night = client.get("/v1/nights").json()["nights"][0]
    assert (told["generation_on_trial"], night["number"]) == (9, 3)
    assert night["trial"] == {"experiment": "online-gate-9", "generation": 9, "state": "running"}
    expected = read_status(settings, now=datetime.now(UTC)).as_dict()
    assert told.pop("took_ms") > 0
    assert told.pop("generation") == expected.pop("serving_generation")
    age = expected.pop("newest_event_age_seconds")
    assert told.pop("newest_event_age_seconds") == pytest.approx(age, abs=60)
    assert told == expected
    assert told["quarantine"] == {"too-long": 3, "enum": 2}
    with open_graph(settings) as graph:
        assert told["events"] == graph.read("status/counts")[0]["events"] > 3_000


def test_metrics_say_how_fresh_it_is_and_how_the_last_night_went(
    nights: Any, at_work: Any, until: Any
) -> None:
    last = nights.summaries[-1]
    with at_work.client("read") as client:
        client.get("/v1/users/u1/recommendations")
        until(lambda: "engine_night_outcome" in client.get("/metrics").text)
        text = client.get("/metrics").text
        told = client.get("/v1/status").json()
    samples = dict(re.findall(r"^(engine_\S+?(?:{.*?})?) (\S+)$", text, re.MULTILINE))
    newest = datetime.fromisoformat(told["newest_event_at"]).timestamp()
    assert float(samples["engine_newest_event_timestamp_seconds"]) == newest
    promoted = float(samples["engine_generation_promoted_timestamp_seconds"])
    assert newest < promoted <= datetime.now(UTC).timestamp()
    assert float(samples['engine_graph_size{kind="events"}']) == told["events"]
    assert float(samples[f'engine_night_outcome{{outcome="{last.outcome}"}}']) == 1
    quality = samples['engine_night_quality{contender="lightgcn",role="candidate"}']
    assert float(quality) == pytest.approx(last.measured["lightgcn"]["ndcg@20"])
    for rule in last.as_dict()["rules"]["lightgcn"]:
        key = f'engine_night_rule_passed{{candidate="lightgcn",rule="{rule["name"]}"}}'
        assert float(samples[key]) == rule["passed"]
    assert float(samples['engine_list_seconds_count{list="for-you"}']) == 1

    # Grafana shows all that the service has, and nothing else.
    panels = json.loads(_DASHBOARD.read_text(encoding="utf-8"))["panels"]
    asked = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"\bengine_[a-z0-9_]+", target["expr"])
    }
    families = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)
    there = {f"{name}_bucket" if kind == "histogram" else name for name, kind in families}
    assert asked == {name for name in there if not name.endswith("_created")}


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_nights_are_bounded(at_work: Any, limit: str) -> None:
    with at_work.client("read") as client:
        assert client.get("/v1/nights", params={"limit": limit}).status_code == 422
