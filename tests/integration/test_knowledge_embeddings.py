"""From files with facts to vectors of entities: one space for what people do and what is known."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .terminal import engine

Run = Callable[..., list[dict[str, Any]]]
_USERS, _ITEMS, _EVENTS_PER_USER = 60, 40, 8


def _taste(number: int) -> str:
    return "tea" if number % 2 == 0 else "coffee"


@pytest.fixture
def files(tmp_path: Path, rng: np.random.Generator) -> tuple[str, str]:
    """People of two tastes; what every item is made of, and one item that nobody has had yet."""
    events, facts = tmp_path / "events.csv", tmp_path / "facts.csv"
    with events.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "event", "timestamp"])
        for user in range(_USERS):
            own = [item for item in range(_ITEMS) if _taste(item) == _taste(user)]
            for step, item in enumerate(rng.choice(own, _EVENTS_PER_USER, replace=False)):
                out.writerow([f"u{user}", f"i{item}", "bought", 1_700_000_000 + 1000 * step + user])
    with facts.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["head", "head_type", "relation", "tail", "tail_type"])
        out.writerow(["new", "Item", "made of", "tea", "Taste"])
        for item in range(_ITEMS):
            out.writerow([f"i{item}", "Item", "made of", _taste(item), "Taste"])
        for user in range(2, _USERS):
            out.writerow([f"u{user}", "User", "trusts", f"u{user - 2}", "User"])
    return str(events), str(facts)


@pytest.mark.usefixtures("on_server")
@pytest.mark.parametrize("model", ["twhin", "complex"])
def test_events_and_facts_are_trained_published_and_served(
    files: tuple[str, str], run: Run, model: str
) -> None:
    events, facts = files
    engine("ingest", events, "--facts", facts)
    settings = ("--set", "epochs=15", "--set", "dimension=16", "--set", "batch_size=256")
    engine("train", "--no-ranker", "--model", model, *settings)
    published = json.loads(engine("publish", "--json"))
    answer = json.loads(engine("recommend", "u0", "-k", "5", "--json"))

    assert (published["users"], published["items"], published["entities"]) == (60, 41, 2)
    assert all(item["id"] == "new" or int(item["id"][1:]) % 2 == 0 for item in answer["items"])
    assert len(answer["items"]) == 5
    nearest = run(
        "UNWIND ['u0', 'u1'] AS id MATCH (user:User {id: id}) "
        "CALL db.index.vector.queryNodes('entity_embedding_g1', 1, user.embedding_g1) YIELD node "
        "RETURN node.key AS key ORDER BY id"
    )
    assert [row["key"] for row in nearest] == ["Taste:tea", "Taste:coffee"]
    new = run("MATCH (i:Item {id: 'new'}) RETURN size(i.embedding_g1) AS n")
    assert new == [{"n": published["dimension"]}], "an item is known by its facts alone"
