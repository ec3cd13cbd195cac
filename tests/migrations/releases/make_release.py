"""Make the fixture of a release: a small graph and its registry, as that release left them.

Run once at each release, with the code of that release and on an empty server; what it made is
never made again, for later code must open it:

    python tests/migrations/releases/make_release.py bolt://127.0.0.1:7687 PASSWORD

``graph.jsonl`` holds the schema as statements, nodes and relationships; ``registry.sqlite`` the
registry. Names of machines and people are replaced. Checkpoints are left out: they are large.
"""

import getpass
import json
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import polars as pl

import engine
from engine.errors import EngineError
from engine.version import __version__

_SCHEMA = (
    "SHOW CONSTRAINTS YIELD createStatement RETURN createStatement AS text",
    "SHOW INDEXES YIELD createStatement, type, owningConstraint "
    "WHERE owningConstraint IS NULL AND type <> 'LOOKUP' RETURN createStatement AS text",
)
_NODES = (
    "MATCH (n) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties "
    "ORDER BY id"
)
_LINKS = (
    "MATCH (a)-[r]->(b) RETURN type(r) AS type, elementId(a) AS a, elementId(b) AS b, "
    "properties(r) AS properties ORDER BY elementId(r)"
)
_DAY_MS = 86_400_000
_NEWEST_MS = 1_780_000_000_000


def _events() -> pl.DataFrame:
    draw = np.random.default_rng(11)
    rows = [
        (f"u{user}", f"i{2 * int(draw.integers(6)) + user % 2}", _NEWEST_MS - day * _DAY_MS - user)
        for user in range(24)
        for day in range(0, 60, 6)
    ]
    return pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp"], orient="row")


def _fill(e: engine.Engine, folder: Path) -> None:
    """Do what a shop does in its first days."""
    kinds = ["tea", "coffee"]
    items = pl.DataFrame([{"item_id": f"i{n}", "category": kinds[n % 2]} for n in range(12)])
    facts = pl.DataFrame(
        [
            {
                "head": f"i{n}",
                "head_type": "Item",
                "relation": "MADE_BY",
                "tail": f"brand-{n % 3}",
                "tail_type": "Brand",
            }
            for n in range(12)
        ]
    )
    # Files: a frame would leave the name of a temporary one in the registry.
    events = folder / "events.csv"
    for name, frame in (("events", _events()), ("items", items), ("facts", facts)):
        frame.write_csv(folder / f"{name}.csv")
    e.ingest(events, items=folder / "items.csv", facts=folder / "facts.csv")
    with events.open("a", encoding="utf-8") as file:
        file.write("u1,,not-a-time\n")
    e.ingest(events)  # duplicates, and a row for the quarantine
    e.build_graph("co-occurrence", min_count=1)
    for seed in (0, 1):
        e.publish(e.train("als", dimension=4, ranker=False, seed=seed))
    waiting = folder / "waiting"
    waiting.mkdir()
    _events().with_columns(pl.col("timestamp") + _DAY_MS).write_csv(waiting / "events.csv")
    e.retrain(folder=waiting, models=["als"], settings={"dimension": 4}, ranker=False)
    e.create_key("shop", ("read", "write"))


def _dump(driver: neo4j.Driver) -> list[dict[str, Any]]:
    with driver.session() as session:
        texts = [text for query in _SCHEMA for text in session.run(query).value("text")]
        lines = [{"schema": text} for text in sorted(texts)]
        numbers: dict[str, int] = {}
        for row in session.run(_NODES).data():
            numbers[row["id"]] = len(numbers)
            lines.append({"node": numbers[row.pop("id")], **row})
        for row in session.run(_LINKS).data():
            lines.append(row | {"a": numbers[row["a"]], "b": numbers[row["b"]]})
    return lines


def _anonymous(text: str, folder: Path) -> str:
    for name, other in ((str(folder), "/shop"), (platform.node(), "shop")):
        text = text.replace(name, other)
    return text.replace(f'"{getpass.getuser()}@shop"', '"keeper@shop"')


def _copy_registry(source: Path, target: Path, folder: Path) -> None:
    target.unlink(missing_ok=True)
    with sqlite3.connect(source) as registry:
        registry.execute("VACUUM INTO ?", (str(target),))
    with sqlite3.connect(target) as copied:
        listed = copied.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in listed:
            columns = [row[1] for row in copied.execute(f"PRAGMA table_info({table})")]
            for name in columns:
                found = copied.execute(f"SELECT rowid, {name} FROM {table}").fetchall()
                for row, value in found:
                    if isinstance(value, str) and _anonymous(value, folder) != value:
                        text = f"UPDATE {table} SET {name} = ? WHERE rowid = ?"
                        copied.execute(text, (_anonymous(value, folder), row))
        copied.execute("UPDATE flips SET who = 'keeper@shop'")
    with sqlite3.connect(target) as copied:
        copied.execute("VACUUM")


def main(uri: str, password: str) -> None:
    """Fill the server and write the fixture of this version."""
    place = Path(__file__).with_name(__version__)
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = folder / "home"
        with engine.connect(uri, password=password, home=home, progress=False) as e:
            try:
                _fill(e, folder)
            except EngineError as error:
                raise SystemExit(f"{error.message}; {error.hint}") from error
        with neo4j.GraphDatabase.driver(uri, auth=("neo4j", password)) as driver:
            lines = _dump(driver)
        text = "\n".join(json.dumps(line, sort_keys=True) for line in lines)
        (place / "graph.jsonl").write_text(_anonymous(text, folder) + "\n", encoding="utf-8")
        _copy_registry(home / "registry.sqlite", place / "registry.sqlite", folder)


if __name__ == "__main__":
    main(*sys.argv[1:3])
