"""The wheel with no extra, on a real server: it loads, publishes what was trained, and answers."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.store.graph_client import Neo4jTarget
from engine.training import checkpoint
from tests.packaging.core_environment import CoreEnvironment

from .sample import untrained

_USERS, _ITEMS = 40, 30


def _write_events(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("user_id", "item_id", "timestamp"))
        for user in range(_USERS):
            for step in range(5):
                item = (user * (step + 1)) % _ITEMS
                out.writerow((f"u{user}", f"i{item}", 1_700_000_000 + 86_400 * step))


@pytest.mark.usefixtures("graph")
def test_the_core_loads_publishes_and_answers(
    tmp_path: Path, neo4j_target: Neo4jTarget, run: Callable[..., list[dict[str, Any]]]
) -> None:
    core = CoreEnvironment(tmp_path)
    server = {
        "ENGINE_HOME": str(tmp_path / "home"),
        "ENGINE_NEO4J_URI": neo4j_target.uri,
        "ENGINE_NEO4J_USER": neo4j_target.user,
        "ENGINE_NEO4J_PASSWORD": neo4j_target.password,
    }

    def engine(*arguments: str) -> str:
        done = core.engine(*arguments, **server)
        assert done.returncode == 0, done.stderr
        return done.stdout

    _write_events(tmp_path / "events.csv")
    (report,) = json.loads(engine("ingest", str(tmp_path / "events.csv"), "--json"))
    assert report["accepted"] + report["duplicate"] == _USERS * 5
    first = json.loads(engine("recommend", "u3", "--json"))
    assert first["items"], "an answer before anything is published"
    model = tmp_path / "model.safetensors"
    checkpoint.save(model, replace(untrained(_USERS, _ITEMS), again_weight=0.0))
    engine("publish", "--checkpoint", str(model))
    served = json.loads(engine("recommend", "u3", "--json"))
    (generation,) = run("MATCH (:Serving)-[:USES]->(g:Generation) RETURN g.number AS number")
    assert served["generation"] == generation["number"]
    assert len(served["items"]) == 10
