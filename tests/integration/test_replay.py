"""Bad rows are mended in the quarantine file and loaded again, through the command line."""

import json
import shlex
from pathlib import Path
from typing import Any

import neo4j
import pytest

from .terminal import loaded

pytestmark = pytest.mark.usefixtures("graph", "on_server")

EVENTS = (
    b"user_id,item_id,timestamp,weight,basket_id\n"
    b"good,i,1700000000,1,b\n"
    b",i,1700000000,1,b\n"  # 3
    b"torn,i\n"  # 4
    b"long,i,1700000000,1,b,x,y\n"  # 5
    b"late,i,never,1,b\n"  # 6
    b"caf\xe9,i,1700000000,1,b\n"  # 7
    b'open,"i,1700000000,1,b\n'  # 8
    b",,,,\n"  # 9
    b"good2,i,1700000000,1,b\n"
)

MENDED: dict[int, dict[str, Any]] = {
    3: {"user_id": "found"},
    4: {"timestamp": "1700000000", "weight": "2", "basket_id": ""},
    5: {"item_id": "j"},
    6: {"timestamp": "2023-11-14T22:13:20Z"},
    7: {"user_id": "café"},
    8: {"user_id": "open", "item_id": "i", "timestamp": "1700000000"},
    9: {"user_id": "blank", "item_id": "i", "timestamp": "1700000000"},
}


def report_of(*arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(loaded(*arguments).stdout)[0]
    return report


def rows_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    text = Path(report["quarantine_file"]).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def users(driver: neo4j.Driver) -> list[str]:
    with driver.session() as session:
        rows = session.run("MATCH (u:User)-[r:INTERACTED]->() RETURN u.id AS id, count(r) AS n")
        return sorted(f"{row['id']} {row['n']}" for row in rows)


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.csv"
    path.write_bytes(EVENTS)
    return str(path)


def test_rows_that_nobody_mended_stay_in_quarantine(events: str, bare_driver: neo4j.Driver) -> None:
    first = report_of(events)
    assert (first["accepted"], first["quarantined"]) == (2, 7)
    again = report_of(first["quarantine_file"])
    assert (again["read"], again["quarantined"]) == (7, 7)
    assert again["reasons"] == first["reasons"]
    ours = ("_line", "_source", "_reason")
    kept = [
        [{k: v for k, v in row.items() if k not in ours} for row in rows_of(one)]
        for one in (first, again)
    ]
    key = json.dumps
    assert sorted(kept[0], key=key) == sorted(kept[1], key=key)
    assert users(bare_driver) == ["good 1", "good2 1"]


def test_mended_rows_land_exactly_once(
    events: str, tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    rows = rows_of(report_of(events))
    assert sorted(row["_line"] for row in rows) == sorted(MENDED)
    mended = write(tmp_path / "mended.jsonl", [row | MENDED[row["_line"]] for row in rows])
    assert (report_of(mended)["accepted"], report_of(mended)["duplicate"]) == (7, 7)
    names = ("blank", "café", "found", "good", "good2", "late", "long", "open", "torn")
    assert users(bare_driver) == sorted(f"{name} 1" for name in names)
    assert report_of(events)["duplicate"] == 2


def test_the_cells_stand_as_they_stood(events: str) -> None:
    rows = {row["_line"]: row for row in rows_of(report_of(events))}
    assert rows[3]["user_id"] == ""
    assert rows[4]["_raw"] == "torn,i"
    assert "weight" not in rows[4]
    assert (rows[5]["basket_id"], rows[5]["_extra"]) == ("b", ["x", "y"])
    assert rows[6]["_reason"].startswith("timestamp ")
    assert rows[7]["user_id"] == "caf\udce9"
    assert rows[8]["_raw"] == 'open,"i,1700000000,1,b'
    assert {row["_source"] for row in rows.values()} == {"events.csv"}


def test_the_note_says_how_to_go_on(tmp_path: Path) -> None:
    path = tmp_path / "trust.txt"
    path.write_text("1\t2\n1\t\n", encoding="utf-8")
    flags = ["--relation", "knows well", "--head-type", "User", "--tail-type", "User"]
    result = loaded("--facts", str(path), "--format", "tsv", "--columns", "head,tail", *flags)
    file = json.loads(result.stdout)[0]["quarantine_file"]
    command = result.stderr.strip().partition("then: engine ")[2]
    assert shlex.split(command)[:3] == ["ingest", "--facts", file]
    again = report_of(*shlex.split(command)[1:])
    assert again["reasons"] == {"required-value": 1}
    row = rows_of(again)[0] | {"tail": "3"}
    mended = write(tmp_path / "m.jsonl", [row])
    assert report_of("--facts", mended, *shlex.split(command)[3:])["accepted"] == 1


def test_facts_and_items_are_mended_alike(tmp_path: Path, bare_driver: neo4j.Driver) -> None:
    facts, items = tmp_path / "k.csv", tmp_path / "items.csv"
    facts.write_text("head,relation,tail,tail_type\n1,IS,2,Brand\n1,IS,,Brand\n", encoding="utf-8")
    items.write_text("item_id,price\n1,3\n1,4\n", encoding="utf-8")

    rows = rows_of(report_of("--facts", str(facts)))
    mended = write(tmp_path / "k.jsonl", [rows[0] | {"tail": "3"}])
    assert report_of("--facts", mended)["accepted"] == 1

    first = report_of("--items", str(items))
    assert report_of("--items", first["quarantine_file"])["reasons"] == {"conflict": 1}
    mended = write(tmp_path / "i.jsonl", [rows_of(first)[0] | {"item_id": "5"}])
    assert report_of("--items", mended)["accepted"] == 1
    with bare_driver.session() as session:
        prices = session.run("MATCH (i:Item) RETURN i.id AS id, i.price AS price").data()
    assert {row["id"]: row["price"] for row in prices} == {"1": "3", "5": "4"}


def test_a_conflict_of_events_is_mended_by_another_id(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_id,user_id,item_id\ne1,u,i\ne1,u,j\n", encoding="utf-8")
    first = report_of(str(path))
    assert report_of(first["quarantine_file"])["reasons"] == {"conflict": 1}
    mended = write(tmp_path / "m.jsonl", [rows_of(first)[0] | {"event_id": "e2"}])
    assert report_of(mended)["accepted"] == 1


def test_an_event_id_stands_for_one_content_whatever_part_differs(
    tmp_path: Path, bare_driver: neo4j.Driver
) -> None:
    """A basket alone, a weight alone: each is a conflict with what the graph holds."""
    header = "event_id,user_id,item_id,event,timestamp,weight,basket_id\n"
    path, again = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(f"{header}e,u,i,buy,1700000000,1,b\n", encoding="utf-8")
    other = ("v,i,buy,1700000000,1,b", "u,j,buy,1700000000,1,b", "u,i,view,1700000000,1,b")
    other += ("u,i,buy,1700000001,1,b", "u,i,buy,1700000000,2,b", "u,i,buy,1700000000,1,c")
    same = "e,u,i,buy,1700000000,1,b\n"
    again.write_text(header + same + "".join(f"e,{row}\n" for row in other), encoding="utf-8")
    assert report_of(str(path))["accepted"] == 1
    report = report_of(str(again))
    assert (report["accepted"], report["duplicate"], report["reasons"]) == (0, 1, {"conflict": 6})
    assert users(bare_driver) == ["u 1"]


def test_bad_lines_of_json_are_mended_alike(tmp_path: Path) -> None:
    lines = [
        '{"user_id": "a", "item_id": "i"}',
        '{"user_id": "b", "item_id": "i"',
        '{"user_id": "c", "user_id": "d", "item_id": "i"}',
        '{"user_id": "e", "item_id": "i", "weight": NaN}',
        '{"user_id": ["f"], "item_id": "i"}',
        '{"user_id": "\\ud800", "item_id": "i"}',
        '["g", "i"]',
        "[" * 100_000,
        "{}",
        "",
        '{"user_id": 12345678901234567890123, "item_id": 1e400}',
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    first = report_of(str(path))
    reasons = {"bad-json": 5, "type-error": 1, "encoding": 1, "blank-row": 1}
    assert (first["accepted"], first["blank_lines"], first["reasons"]) == (2, 1, reasons)
    assert report_of(first["quarantine_file"])["reasons"] == reasons
    rows = [row | {"user_id": str(n), "item_id": "i"} for n, row in enumerate(rows_of(first))]
    assert report_of(write(tmp_path / "m.jsonl", rows))["accepted"] == len(rows)
