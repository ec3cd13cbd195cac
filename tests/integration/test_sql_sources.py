"""``engine ingest ADDRESS --query``: rows of a database by the rules of files, and newer ones only.

What should be in the graph is written down here, never asked of the engine.
"""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from engine.config import load
from engine.connections.session import open_registry
from engine.errors import QueryFailed, Unreachable, UsageError

from ..postgresql import postgresql_server, postgresql_url
from . import forked
from .terminal import Terminal, invoked, loaded

__all__ = ["postgresql_server", "postgresql_url"]
pytestmark = pytest.mark.usefixtures("graph", "on_server")

Run = Callable[..., list[dict[str, Any]]]
EVENTS = """
MATCH (u:User)-[r:INTERACTED]->(i:Item)
RETURN u.id AS user, i.id AS item, r.at AS at, r.weight AS weight ORDER BY user, item, at
"""
ORDERS = """
CREATE TABLE orders (customer int, sku text, bought timestamptz, price numeric, changed bigint);
CREATE TABLE products (sku text, title text, tags text[], picture real[]);
CREATE SEQUENCE touched;
INSERT INTO orders VALUES
  (7, 'tea', '2024-05-01 10:00+00', 3.00, 1), (7, 'cup', '2024-05-01 12:00+02', 8.50, 2),
  (8, 'tea', '2024-05-02 10:00+00', 3.25, 3), (NULL, 'tea', '2024-05-02 10:00+00', 3, 3);
INSERT INTO products VALUES
  ('tea', 'Green tea', '{hot,loose}', '{0.5,1}'), ('cup', 'Cup: 50 %', NULL, '{2,-1}');
"""
QUERY = "SELECT customer, sku, bought AS ts, price AS weight, changed FROM orders"
NEW = ["--query", QUERY, "--watermark", "changed", "--map", "user_id=customer"]


@pytest.fixture
def shop(postgresql_url: str) -> str:
    """A shop's PostgreSQL."""
    change(postgresql_url, ORDERS)
    return postgresql_url


def change(address: str, statements: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statements.encode())


def counts(*arguments: str) -> tuple[int, int, int, int]:
    one = json.loads(loaded(*arguments).stdout)[0]
    return one["read"], one["accepted"], one["duplicate"], one["quarantined"]


def test_rows_of_postgresql_are_held_to_the_rules_of_files(shop: str, run: Run) -> None:
    products = "SELECT sku AS item_id, title, tags, picture, ':30 %' AS note FROM products -- all;"
    flags = ["--items", shop, "--query", f"items={products}", "--query", QUERY]
    reports = json.loads(loaded(shop, *flags, "--map", "user_id=customer").stdout)
    assert [one["file"] for one in reports] == ["registry", "registry"]
    assert [(one["kind"], one["accepted"]) for one in reports] == [("items", 2), ("events", 3)]
    assert run(EVENTS) == [
        {"user": "7", "item": "cup", "at": 1_714_557_600_000, "weight": 8.5},
        {"user": "7", "item": "tea", "at": 1_714_557_600_000, "weight": 3.0},
        {"user": "8", "item": "tea", "at": 1_714_644_000_000, "weight": 3.25},
    ]
    tea = run("MATCH (i:Item {id: 'tea'}) RETURN i {.name, .tags, .picture, .note} AS item")
    assert tea[0]["item"] == {
        "name": "Green tea",
        "tags": ["hot", "loose"],
        "picture": [0.5, 1.0],
        "note": ":30 %",
    }
    quarantined = json.loads(Path(reports[1]["quarantine_file"]).read_text(encoding="utf-8"))
    assert quarantined["_code"] == "required-value"
    assert (quarantined["sku"], quarantined["_line"], quarantined["_source"]) == (
        "tea",
        4,
        "registry",
    )
    assert counts(shop, "--query", QUERY, "--map", "user_id=customer") == (4, 0, 3, 1)


def test_a_watermark_asks_for_what_is_newer_and_misses_no_tie(shop: str, run: Run) -> None:
    assert counts(shop, *NEW) == (4, 3, 0, 1)
    # One that has the newest value already, committed after it was read; one without any value.
    change(
        shop,
        """INSERT INTO orders VALUES (9, 'cup', '2024-05-02 11:00+00', 1, 3),
        (9, 'tea', '2024-05-03 11:00+00', 1, 4), (9, 'pot', '2024-05-03 11:00+00', 1, NULL)""",
    )
    assert counts(shop, *NEW) == (5, 3, 1, 1)
    assert counts(shop, *NEW) == (2, 0, 2, 0)
    assert len(run(EVENTS)) == 6
    # It stands for this query alone, and in the graph, beside what it speaks of.
    assert counts(shop, *NEW[:1], f"{QUERY} WHERE true", *NEW[2:])[0] == 7
    assert len(run("MATCH (p:SourcePosition) RETURN p.value")) == 2
    assert "postgres@" not in json.dumps(run("MATCH (p:SourcePosition) RETURN p {.*} AS p"))


def test_a_killed_increment_loses_nothing_and_counts_nothing_twice(
    shop: str, run: Run, until: Callable[..., None], tmp_path: Path
) -> None:
    assert counts(shop, *NEW) == (4, 3, 0, 1)
    change(
        shop,
        """INSERT INTO orders SELECT n, 'i' || n % 97, timestamptz '2024-06-01' + n * interval '1s',
        1, 10 + n FROM generate_series(1, 3000) n""",
    )
    load = forked.begin(["ingest", shop, *NEW, "--batch-rows", "50"], tmp_path / "out")
    until(lambda: run("MATCH ()-[r:INTERACTED]->() RETURN count(r) AS n")[0]["n"] > 3)
    load.kill()
    load.join()
    there = len(run(EVENTS))
    assert there < 3_003
    read, accepted, duplicate, bad = counts(shop, *NEW)
    assert (read, accepted, bad) == (3_002, 3_003 - there, 1)
    assert accepted + duplicate + bad == read
    assert len(run(EVENTS)) == 3_003
    assert counts(shop, *NEW) == (1, 0, 1, 0)


def test_ctrl_c_ends_the_query_and_leaves_nothing(
    shop: str, run: Run, until: Callable[..., None], home: Path
) -> None:
    slow = "SELECT 'u1' AS user_id, 'i1' AS item_id, pg_sleep(90)"
    asleep = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with psycopg.connect(shop, autocommit=True) as watching:

        def running() -> bool:
            return bool(watching.execute(asleep).fetchall())

        with Terminal("ingest", shop, "--query", slow) as terminal:
            until(running)
            terminal.press_ctrl_c()
            assert terminal.exit_code() == 130, terminal.text
        until(lambda: not running())
    assert not list((home / "staging").iterdir())
    assert not run("MATCH (n:User) RETURN n")


def test_the_database_is_only_read_and_its_login_is_never_shown(
    shop: str, run: Run, unused_port: int
) -> None:
    with pytest.raises(QueryFailed, match="read-only"):
        invoked("ingest", shop, "--query", "SELECT nextval('touched')")
    with pytest.raises(QueryFailed, match="no_such_table") as refused:
        invoked("ingest", shop, "--query", "SELECT * FROM no_such_table")
    assert "postgres@" not in refused.value.message
    address = f"postgresql://bob:sesame@127.0.0.1:{unused_port}/shop"
    with pytest.raises(Unreachable) as away:
        invoked("ingest", address, "--query", "SELECT 1")
    assert away.value.message.startswith(f"postgresql://127.0.0.1:{unused_port}/shop does not")
    assert "sesame" not in away.value.message + away.value.hint
    assert not run("MATCH (n:User) RETURN n")
    secret = shop.replace("postgres@", "postgres:sesame@")
    result = loaded(secret, *NEW)
    assert "sesame" not in result.output
    with open_registry(load()) as registry:
        assert registry.ingests()[0].source == "postgresql:///registry"


def test_sqlite_holds_values_of_any_type_in_a_column(tmp_path: Path, run: Run) -> None:
    with sqlite3.connect(tmp_path / "shop.sqlite") as shop:
        shop.execute("CREATE TABLE seen (user_id, item_id, timestamp)")
        rows = [(1, "a", "2024-05-01"), (1.0, "b", 1_714_521_600), ("x", b"c", None)]
        shop.executemany("INSERT INTO seen VALUES (?, ?, ?)", rows)
    address = f"sqlite:///{tmp_path / 'shop.sqlite'}"
    assert counts(address, "--query", "SELECT * FROM seen;") == (3, 3, 0, 0)
    assert [(row["user"], row["item"]) for row in run(EVENTS)] == [
        ("1", "a"),
        ("1", "b"),
        ("x", "c"),
    ]
    with pytest.raises(QueryFailed, match="readonly"):
        invoked("ingest", address, "--query", "DELETE FROM seen")
    with pytest.raises(UsageError, match="column of the type bytes"):
        invoked("ingest", address, "--query", "SELECT * FROM seen", "--watermark", "item_id")
