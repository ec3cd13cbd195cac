"""Facts: which nodes they join, what is one fact, what is refused."""

import json
from pathlib import Path
from typing import Any

import neo4j
import pytest

from engine.errors import FileRefused

from .terminal import invoked, loaded

pytestmark = pytest.mark.usefixtures("graph", "on_server")

HEADER = "head,head_type,relation,tail,tail_type\n"


def ingest(*arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(loaded(*arguments).stdout)[0]
    return report


def facts(tmp_path: Path, text: str, *arguments: str, name: str = "k.csv") -> tuple[Any, ...]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    report = ingest("--facts", str(path), *arguments)
    return report["accepted"], report["duplicate"], report["reasons"]


def stored(driver: neo4j.Driver) -> list[str]:
    """Facts as ``(Label id)-TYPE-(Label id)``."""
    query = """
        MATCH (h)-[r]->(t)
        WITH [n IN [h, t] | [label IN labels(n) WHERE label <> 'Entity'][0] + ' ' + n.id] AS ends, r
        RETURN ends[0] + '-' + type(r) + '-' + ends[1] AS fact ORDER BY fact
    """
    with driver.session() as session:
        return [row["fact"] for row in session.run(query)]


CASES = {
    "K4 the same fact twice": (
        "1,Item,MADE_BY,7,Brand\n" * 2,
        (1, 1, {}),
        ["Item 1-MADE_BY-Brand 7"],
    ),
    "K6 with itself": ("1,User,KNOWS,1,User\n", (1, 0, {}), ["User 1-KNOWS-User 1"]),
    "K7 both directions": (
        "1,User,KNOWS,2,User\n2,User,KNOWS,1,User\n",
        (2, 0, {}),
        ["User 1-KNOWS-User 2", "User 2-KNOWS-User 1"],
    ),
    "K8 two relations": (
        "1,Item,SAME_AS,2,Item\n1,Item,NEAR,2,Item\n",
        (2, 0, {}),
        ["Item 1-NEAR-Item 2", "Item 1-SAME_AS-Item 2"],
    ),
    "K14 one id, many kinds": (
        "1,User,LIKES,1,Item\n1,Item,IS,1,Brand\n1,Item,IS,1,Shop\n",
        (3, 0, {}),
        ["Item 1-IS-Brand 1", "Item 1-IS-Shop 1", "User 1-LIKES-Item 1"],
    ),
    "K9 names are tidied": (
        "1,item,film.actor.film,2,brand\n",
        (1, 0, {}),
        ["Item 1-FILM_ACTOR_FILM-Brand 2"],
    ),
    "K9 a relation named like the serving pointer's": (
        "1,Item,uses,2,Brand\n",
        (1, 0, {}),
        ["Item 1-USES-Brand 2"],
    ),
    "K10 reserved types": (
        "".join(
            f"1,Item,IS,2,{kind}\n"
            for kind in (
                "__Meta",
                "Entity",
                "Batch",
                "Serving",
                "Generation",
                "Ranker",
                "Sequence",
                "",
                "A`b",
            )
        ),
        (0, 0, {"reserved": 9}),
        [],
    ),
    "K11 reserved relations": (
        "".join(
            f"1,Item,{kind},2,Brand\n"
            for kind in (
                "INTERACTED",
                "followed_by",
                "SIMILAR",
                "",
                "R]->() DETACH DELETE n //",
                "1A",
            )
        ),
        (0, 0, {"reserved": 6}),
        [],
    ),
    "K12 ids that are none": (
        f",Item,IS,2,Brand\n1,Item,IS,NULL,Brand\n{'x' * 257},Item,IS,2,Brand\n,,,,\n",
        (0, 0, {"required-value": 2, "too-long": 1, "blank-row": 1}),
        [],
    ),
    "K15 torn rows": (
        "1,Item,IS\n1,Item,IS,2,Brand,x\n",
        (0, 0, {"missing-cell": 1, "extra-cell": 1}),
        [],
    ),
    "K19 Cypher in an id": (
        "x'}) DETACH DELETE n //,Item,IS,`$x`,Brand\n",
        (1, 0, {}),
        ["Item x'}) DETACH DELETE n //-IS-Brand `$x`"],
    ),
    "K20 nothing": ("", (0, 0, {}), []),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_of_facts_has_its_outcome(
    name: str, tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    text, outcome, expected = CASES[name]
    assert facts(tmp_path, HEADER + text) == outcome
    assert stored(bare_driver) == expected
    accepted, duplicate, reasons = outcome
    assert facts(tmp_path, HEADER + text) == (0, accepted + duplicate, reasons)
    assert stored(bare_driver) == expected


def test_items_of_facts_are_the_items_of_events(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    events = tmp_path / "events.csv"
    events.write_text("user_id,item_id\nu,1\n", encoding="utf-8")
    ingest(str(events))
    facts(tmp_path, HEADER + "1,Item,MADE_BY,7,Brand\nu,User,KNOWS,v,User\n")
    with bare_driver.session() as session:
        counts = session.run("MATCH (n) WHERE n:Item OR n:User RETURN count(n) AS n").single()
    assert counts is not None
    assert counts["n"] == 3


def test_links_make_items_of_entities(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    links = tmp_path / "ml.link"
    links.write_text("item_id:token\tentity_id:token\n1\tm.a\n2\tm.b\n", encoding="utf-8")
    text = "head_id:token\trelation_id:token\ttail_id:token\n"
    text += "m.a\tfilm.next\tm.b\nm.c\tfilm.star\tm.a\n"
    assert facts(tmp_path, text, "--links", str(links), name="ml.kg") == (2, 0, {})
    assert stored(bare_driver) == ["Item 1-FILM_NEXT-Item 2", "Thing m.c-FILM_STAR-Item 1"]


def test_a_trust_network_without_a_header(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    flags = ("--format", "tsv", "--columns", "head,tail", "--relation", "trusts")
    users = ("--head-type", "User", "--tail-type", "User")
    assert facts(tmp_path, "1\t2\n2\t1\n1\t2\n", *flags, *users, name="t.txt") == (2, 1, {})
    assert stored(bare_driver) == ["User 1-TRUSTS-User 2", "User 2-TRUSTS-User 1"]


def test_a_column_that_is_no_part_of_a_fact_is_named(tmp_path: Path) -> None:
    path = tmp_path / "k.csv"
    path.write_text("head,relation,tail,weight\n1,IS,2,NaN\n", encoding="utf-8")
    result = invoked("ingest", "--facts", str(path))
    assert result.exit_code == 0
    assert "columns not used: weight" in result.stderr


def test_a_file_without_relations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.csv"
    path.write_text("head,tail\n1,2\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="relation"):
        invoked("ingest", "--facts", str(path))
