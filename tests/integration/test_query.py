"""``engine query``: every file can be shown and run, and every mistake is named."""

import csv
import io
import json
import subprocess
import sys

import click
import neo4j
import pytest
from click.testing import Result

from engine.answering import named_query
from engine.errors import EngineError, NotFound, UsageError
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.statements import METHODS, catalogue

from .terminal import invoked

_SHOP = """
UNWIND range(0, 9) AS n CREATE (:User {id: 'u' + n}), (:Item {id: 'i' + n})
WITH count(*) AS all
UNWIND range(0, 29) AS n
MATCH (u:User {id: 'u' + (n % 10)}), (i:Item {id: 'i' + (n * 7 % 10 + n / 10) % 10})
CREATE (u)-[:INTERACTED {weight: 1.0, at: n, event: 'buy'}]->(i)
"""


@pytest.fixture
def shop(graph: GraphClient, bare_driver: neo4j.Driver, on_server: Neo4jTarget) -> GraphClient:
    """Ten users and ten items."""
    with bare_driver.session() as session:
        session.run(_SHOP).consume()
    return graph


def _engine(*arguments: str) -> Result:
    return invoked("query", *arguments)


def _rows(*arguments: str) -> list[dict[str, object]]:
    result = _engine("run", *arguments, "--format", "json")
    rows: list[dict[str, object]] = json.loads(result.stdout)
    return rows


def test_the_list_is_the_methods_and_all_is_everything() -> None:
    methods = json.loads(_engine("list", "--json").stdout)
    assert {"similarity/jaccard", "rank/pagerank"} <= {row["name"] for row in methods}
    assert all(row["name"].split("/")[0] in METHODS for row in methods)
    everything = {row["name"] for row in json.loads(_engine("list", "--all", "--json").stdout)}
    assert everything == {name for name in catalogue() if "__cypher" not in name}
    assert "similarity/jaccard" in _engine("list").stdout


def test_what_is_shown_can_be_run_as_it_is(shop: GraphClient, bare_driver: neo4j.Driver) -> None:
    text = _engine("show", "jaccard", "--param", "one=i3", "--param", "k=4").stdout
    commands = [line for line in text.splitlines() if line.startswith(":param ")]
    pasted = {
        name: json.loads(value)
        for name, _, value in (line.removeprefix(":param ").partition(" => ") for line in commands)
    }
    body = "\n".join(line for line in text.splitlines() if not line.startswith(":param "))
    with bare_driver.session() as session:
        rows = session.run(body, pasted).data()  # type: ignore[arg-type]
    assert pasted == {"one": "i3", "k": 4, "max_degree": 1000}
    assert rows == _rows("similarity/jaccard", "--param", "one=i3", "--param", "k=4")
    assert len(rows) == 4


def test_show_describes_parameters_names_and_columns() -> None:
    said = json.loads(_engine("show", "similarity/jaccard", "--json").stdout)
    assert {
        "name": "k", "type": "INTEGER", "of": None, "required": False, "default": 10,
        "low": 1.0, "high": 1000.0,
    } in said["params"]  # fmt: skip
    assert {"name": "label", "kind": "label", "default": "Item"} in said["slots"]
    assert said["columns"] == {"id": "STRING", "score": "FLOAT", "common": "INTEGER"}
    people = _engine("show", "similarity/jaccard").stderr
    for word in ("k: INTEGER = 10 in 1..1000", "Complexity", "Liben-Nowell"):
        assert word in people


def test_every_form_has_the_same_rows(shop: GraphClient) -> None:
    given = ("rank/pagerank", "--param", "n=3")
    rows = _rows(*given)
    assert len(rows) == 3
    text = _engine("run", *given, "--format", "csv").stdout
    read = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in read] == [row["id"] for row in rows]
    assert [float(row["score"]) for row in read] == [row["score"] for row in rows]
    table = _engine("run", *given).stdout
    assert all(str(row["id"]) in table for row in rows)


def test_a_limit_cuts_and_says_so(shop: GraphClient) -> None:
    result = _engine("run", "rank/pagerank", "--param", "n=9", "--limit", "2", "--json")
    assert len(json.loads(result.stdout)) == 2
    assert "first 2 rows" in result.stderr


def test_names_fill_slots_and_lists_are_read(shop: GraphClient) -> None:
    given = ("--param", "one=u1", "--param", "label=User", "--param", "k=2")
    assert {str(row["id"])[0] for row in _rows("cosine", *given)} == {"u"}
    best = _rows("pagerank", "--param", "restart=u4,u5", "--param", "damping=0", "--param", "n=2")
    assert sorted((row["id"], row["score"]) for row in best) == [("u4", 0.5), ("u5", 0.5)]


_BAD = [
    (("similarity/jacard", "--param", "one=i1"), NotFound, "no query 'similarity/jacard'"),
    (("cosine",), UsageError, "needs parameter one"),
    (("cosine", "--param", "one=nothing"), NotFound, "parameter one: there is no Item 'nothing'"),
    (("cosine", "--param", "one=i1", "--param", "k=0"), UsageError, "parameter k"),
    (("cosine", "--param", "one=i1", "--param", "k=-1"), UsageError, "parameter k"),
    (("cosine", "--param", "one=i1", "--param", "k=ten"), UsageError, "parameter k"),
    (("cosine", "--param", "one=i1", "--param", "k=1.5"), UsageError, "parameter k"),
    (("cosine", "--param", "one=i1", "--param", "kk=1"), UsageError, "no parameter kk"),
    (("cosine", "--param", "one=i1", "--param", "one=i2"), UsageError, "one is given twice"),
    (("cosine", "--param", "one"), UsageError, "not NAME=VALUE"),
    (("cosine", "--param", "one=i1", "--param", "label=Itm"), UsageError, "no label 'Itm'"),
    (("cosine", "--param", "one=i1", "--param", "relation=x`y"), UsageError, "parameter relation"),
    (("edge", "--param", "one=u1", "--param", "other=u1"), NotFound, "parameter other"),
    (("rank/pagerank", "--param", "damping=1.1"), UsageError, "parameter damping"),
    (("rank/pagerank", "--param", "damping=-0.1"), UsageError, "parameter damping"),
    (("rank/pagerank", "--param", "damping=high"), UsageError, "parameter damping"),
    (("rank/pagerank", "--param", "damping=NaN"), UsageError, "parameter damping"),
    (("rank/pagerank", "--param", "restart=u1,x"), NotFound, "parameter restart"),
    (("weighted_pagerank", "--param", "weight=no_such"), UsageError, "parameter weight"),
    (("project/write_scores", "--param", "rows=[]"), UsageError, "writes to the graph"),
    (("index/drop_vector_index", "--write"), UsageError, "changes the schema"),
]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"), _BAD, ids=[" ".join(arguments) for arguments, _, _ in _BAD]
)
def test_every_mistake_is_named(
    shop: GraphClient, arguments: tuple[str, ...], kind: type[EngineError], message: str
) -> None:
    with pytest.raises(kind) as refused:
        _engine("run", *arguments)
    assert message in refused.value.message


def test_a_mistake_is_two_lines_and_no_trace(shop: GraphClient) -> None:
    command = [sys.executable, "-m", "engine", "query", "run", "cosine", "--param", "one=ghost"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == NotFound.exit_code
    assert done.stdout == ""
    assert [line[:6] for line in done.stderr.splitlines()] == ["Error:", "Try:  "]


def test_a_query_may_write_when_it_is_meant(shop: GraphClient, bare_driver: neo4j.Driver) -> None:
    rows = '--param=rows=[["i1", 0.5], ["gone", 0.1]]'
    # A name of its own: no other test has made it known to the server.
    named = "--param=property=pagerank_by_hand"
    assert _engine("run", "project/write_scores", rows, named, "--write").exit_code == 0
    with bare_driver.session() as session:
        found = session.run(
            "MATCH (i:Item) WHERE i.pagerank_by_hand = 0.5 RETURN collect(i.id) AS ids"
        )
        assert found.single(strict=True)["ids"] == ["i1"]
    for name in ("id", "embedding_g1", "pageranks"):
        named = f"--param=property={name}"
        with pytest.raises(UsageError, match="parameter property"):
            _engine("run", "project/write_scores", rows, named, "--write")


def test_every_method_can_be_shown() -> None:
    for one in named_query.queries():
        text = named_query.for_browser(one, {})
        assert one.text.splitlines()[0] in text


def test_a_limit_must_be_positive() -> None:
    result = invoked("query", "run", "rank/pagerank", "--limit", "0")
    assert result.exit_code == click.UsageError.exit_code
    assert "--limit" in result.output
