"""Attributes of items and users: what is stored, and what counts as new."""

import json
from pathlib import Path
from typing import Any

import neo4j
import pytest

from engine.errors import FileRefused
from engine.store.graph_client import GraphClient

from .terminal import invoked, loaded

pytestmark = pytest.mark.usefixtures("graph", "on_server")
Outcome = tuple[int, int, dict[str, int]]


def ingest(*arguments: str) -> tuple[Outcome, dict[str, Any]]:
    report = json.loads(loaded(*arguments).stdout)[0]
    return (report["accepted"], report["duplicate"], report["reasons"]), report


def items(tmp_path: Path, text: str, name: str = "items.csv") -> Outcome:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return ingest("--items", str(path))[0]


def stored(driver: neo4j.Driver, label: str = "Item") -> dict[str, dict[str, Any]]:
    with driver.session() as session:
        rows = session.run(f"MATCH (n:{label}) RETURN properties(n) AS node").data()
    return {row["node"].pop("id"): row["node"] for row in rows}


def test_a_cell_is_kept_as_its_text(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    text = "item_id,title,category,price,zip\n1,Tea for two,tea,3,02134\n2,,,,\n"
    assert items(tmp_path, text) == (2, 0, {})
    assert stored(bare_driver) == {
        "1": {"name": "Tea for two", "category": "tea", "price": "3", "zip": "02134"},
        "2": {},
    }


def test_what_is_known_is_a_duplicate(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    first = "item_id,a,b\n1,x,\n2,y,z\n1,x,\n1,w,\n"
    assert items(tmp_path, first) == (2, 1, {"conflict": 1})
    assert items(tmp_path, first) == (0, 3, {"conflict": 1})
    # An empty cell says nothing; a later file overrules an earlier one.
    assert items(tmp_path, "item_id,a,b\n1,,new\n2,,\n") == (1, 1, {})
    assert stored(bare_driver) == {"1": {"a": "x", "b": "new"}, "2": {"a": "y", "b": "z"}}


def test_hidden_and_expires_at_mean_something(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    text = (
        "item_id,hidden,expires_at\n1,true,2030-01-01\n2,0,1893456000\n3,No,1893456000000\n"
        "4,,\n5,maybe,\n6,,soon\n"
    )
    assert items(tmp_path, text) == (4, 0, {"type-error": 2})
    moment = 1_893_456_000_000
    assert stored(bare_driver) == {
        "1": {"hidden": True, "expires_at": moment},
        "2": {"hidden": False, "expires_at": moment},
        "3": {"hidden": False, "expires_at": moment},
        "4": {},
    }


def test_recbole_sequences_are_lists(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    text = "item_id:token\tmovie_title:token_seq\tclass:token_seq\tyear:token\n"
    text += "1\tToy Story\tA B\t1995\n"
    path = tmp_path / "ml.item"
    path.write_text(text, encoding="utf-8")
    ingest("--items", str(path))
    ingest("--items", str(path))
    assert stored(bare_driver) == {"1": {"name": "Toy Story", "class": ["A", "B"], "year": "1995"}}


def test_json_values(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    rows = [
        '{"id": 1, "tags": ["a", 2, true], "price": 3.50, "new": true, "none": null}',
        '{"id": 2, "tags": []}',
        '{"id": 3, "tags": ["a", null]}',
        '{"id": 4, "tags": [["a"]]}',
        '{"id": 5, "tags": {"a": 1}}',
        '{"id": [6]}',
        '{"id": 12345678901234567890123}',
        '{"id": "x", "tags": "\\ud800"}',
    ]
    outcome = items(tmp_path, "\n".join(rows), "items.jsonl")
    assert outcome == (4, 0, {"type-error": 3, "encoding": 1})
    assert stored(bare_driver) == {
        "1": {"tags": ["a", "2", "true"], "price": "3.50", "new": "true"},
        "2": {},
        "5": {},
        "12345678901234567890123": {},
    }


def test_the_map_renames_and_finds_the_id(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    path = tmp_path / "users.csv"
    path.write_text("Number,Age Group\n7,30s\n", encoding="utf-8")
    ingest("--users", str(path), "--map", "user_id=Number", "--map", "age=Age Group")
    assert stored(bare_driver, "User") == {"7": {"age": "30s"}}


def test_a_column_that_cannot_be_an_attribute_keeps_nothing_else_out(
    tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    names = ["item_id", "id", "batch", "embedding_g12", "a`b", "Preis (€)", "price", "x" * 20_000]
    text = ",".join(names) + "\n1" + ",2" * (len(names) - 1) + "\n"
    path = tmp_path / "items.csv"
    path.write_text(text, encoding="utf-8")
    report = ingest("--items", str(path))[1]
    assert stored(bare_driver) == {"1": {"a_b": "2", "preis": "2", "price": "2"}}
    assert report["notes"]["attributes"] == {"a`b": "a_b", "Preis (€)": "preis"}
    assert list(report["notes"]["left_out"]) == ["id", "batch", "embedding_g12", "x" * 20_000]


def test_a_chosen_name_that_cannot_be_an_attributes_is_refused(
    tmp_path: Path, graph: GraphClient
) -> None:
    path = tmp_path / "items.csv"
    path.write_text("item_id,price\n1,2\n", encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        invoked("ingest", "--items", str(path), "--map", "batch=price")
    assert refused.value.code == "attribute-name"
    assert graph.read("status/counts")[0]["items"] == 0


def test_ids_are_judged_like_those_of_events(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    outcome = items(tmp_path, f"item_id,a\n,x\nNULL,x\n{'x' * 257},x\nx'}}) DETACH DELETE n //,y\n")
    assert outcome == (1, 0, {"required-value": 2, "too-long": 1})
    assert list(stored(bare_driver)) == ["x'}) DETACH DELETE n //"]
