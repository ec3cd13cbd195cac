"""Paths from a user to an item, worked out by hand."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import NotFound, UsageError
from engine.graph.lists import knowledge_paths
from engine.graph.lists.knowledge_paths import EventDecay
from engine.store.graph_client import GraphClient

from .terminal import invoked

_DAY = 86_400_000
_GRAPH = """
CREATE (ann:User {id: 'ann'}), (tea:Item {id: 'tea', name: 'Tea'}), (mug:Item {id: 'mug'}),
       (chai:Item {id: 'chai', title: 'Chai'}), (rum:Item {id: 'rum'}),
       (acme:Entity:Brand {key: 'Brand:1', id: '1', name: 'Acme'}),
       (mild:Entity:Taste {key: 'Taste:mild', id: 'mild'}),
       (tea)-[:MADE_BY]->(acme), (mug)-[:MADE_BY]->(acme), (chai)-[:MADE_BY]->(acme),
       (tea)-[:TASTES]->(mild), (chai)-[:SMELLS]->(mild), (rum)-[:MADE_BY]->(:Entity {key: 'x'})
WITH ann, tea, mug, chai
UNWIND [[tea, 'buy', 100], [tea, 'buy', 10], [mug, 'view', 100], [chai, 'buy', 90]] AS row
WITH ann, row, row[0] AS item
CREATE (ann)-[:INTERACTED {key: item.id + toString(row[2]), event: row[1], weight: 2.0,
                           at: $day * row[2]}]->(item)
"""
Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def run(run: Run) -> Run:
    run(_GRAPH, day=_DAY)
    return run


def test_scores_and_names_by_hand(graph: GraphClient, run: Run) -> None:
    assert run
    found = knowledge_paths.paths(graph, "ann", "chai", weighing=EventDecay(90.0, {"view": 0.25}))
    # Tea: ages 0 and 90 days, 2 + 1; the mug: one view, 2 * 0.25. Two facts on mild, three on acme.
    assert [(one.via, one.first, one.entity, one.second) for one in found] == [
        ("tea", "TASTES", "mild", "SMELLS"),
        ("tea", "MADE_BY", "1", "MADE_BY"),
        ("mug", "MADE_BY", "1", "MADE_BY"),
    ]
    expected = [3 / math.log(3), 3 / math.log(4), 0.5 / math.log(4)]
    assert [one.score for one in found] == pytest.approx(expected)
    best, second, _ = found
    assert (best.events, best.weight, best.via_name, best.type) == (2, 3.0, "Tea", "Taste")
    assert (second.entity_name, second.type) == ("Acme", "Brand")


def test_ages_are_taken_against_now(graph: GraphClient, run: Run) -> None:
    assert run
    found = knowledge_paths.paths(
        graph, "ann", "chai", k=1, weighing=EventDecay(90.0, now=190 * _DAY)
    )[0]
    assert found.weight == pytest.approx(1.0 + 0.5)


def test_no_path_goes_through_what_is_not_shared(graph: GraphClient, run: Run) -> None:
    assert run
    assert knowledge_paths.paths(graph, "ann", "rum") == []


def test_only_the_weightiest_own_items_are_followed(graph: GraphClient, run: Run) -> None:
    """However many items a user has, and however many facts an entity."""
    run(
        "MATCH (u:User {id: 'ann'}), (e:Entity {key: 'Brand:1'}) UNWIND range(1, 500) AS n "
        "CREATE (u)-[:INTERACTED {key: n, at: 1, weight: 1.0}]->(:Item {id: 'x' + toString(n)})"
        "-[:MADE_BY]->(e)"
    )
    found = knowledge_paths.paths(graph, "ann", "chai", k=1_000)
    assert len(found) == 201
    assert [one.via for one in found[:1]] == ["tea"]


def test_what_is_missing_is_named(graph: GraphClient, run: Run) -> None:
    assert run
    with pytest.raises(NotFound, match="no user bob"):
        knowledge_paths.paths(graph, "bob", "chai")
    with pytest.raises(NotFound, match="no item beer"):
        knowledge_paths.paths(graph, "ann", "beer")
    with pytest.raises(UsageError, match="k must be"):
        knowledge_paths.paths(graph, "ann", "chai", k=0)
    with pytest.raises(UsageError, match="half_life must be"):
        knowledge_paths.paths(graph, "ann", "chai", weighing=EventDecay(0.0))


@pytest.mark.usefixtures("on_server")
def test_the_command_explains(run: Run) -> None:
    assert run
    done = invoked("explain", "ann", "chai", "--json")
    answer = json.loads(done.stdout)
    assert [row["via"] for row in answer["paths"]] == ["tea", "tea", "mug"]
    assert "it shares Taste mild with Tea" in answer["sentence"]
    shown = invoked("explain", "ann", "chai")
    assert "Brand Acme" in shown.stdout
    none = invoked("explain", "ann", "rum")
    assert "No fact joins rum" in none.output
