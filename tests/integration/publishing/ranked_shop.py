"""Baskets and repeats for a small shop, and a ranker that is taught by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.data.baskets import named_or_by_day
from engine.data.interactions import Interactions
from engine.data.rules import Rules
from engine.graph import stored_rankers, stored_ranking_knowledge
from engine.graph.lists.candidate_query import ask_candidates
from engine.graph.pulling import pull
from engine.ranking import ranker as rankers
from engine.ranking.candidate_features import FEATURES, features
from engine.ranking.counted_knowledge import knowledge
from engine.ranking.item_groups import grouping_attributes, groups_of
from engine.ranking.ranker import LabelledCandidates, Ranker, RankerSettings
from engine.ranking.ranking_knowledge import RankingKnowledge
from engine.store.graph_client import GraphClient

from ..sample import NEWEST
from .conftest import N_USERS

DAY = 86_400_000
N_ITEMS = 150
QUIET = "u29"
"""A user without events."""
SETTINGS = RankerSettings(trees=10, leaves=7, rows_per_leaf=5)
Run = Callable[..., list[dict[str, Any]]]

_EVENTS = """
UNWIND $rows AS row
MATCH (u:User {id: row.user}), (i:Item {id: row.item})
CREATE (u)-[:INTERACTED {key: row.key, event: row.event, weight: 1.0, batch: 1, at: row.at,
  basket: row.basket}]->(i)
"""


def events() -> list[dict[str, Any]]:
    """Return events of 60 days: users come back to what they like; every other names baskets."""
    rng = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    for user in range(N_USERS - 1):
        liked = rng.choice(N_ITEMS // 2, 5, replace=False)
        for visit, day in enumerate(np.sort(rng.choice(60, 8, replace=False))):
            others = rng.choice(N_ITEMS // 2, 2, replace=False)
            for item in {*rng.choice(liked, 3).tolist(), *others.tolist()}:
                at = NEWEST - int(day) * DAY + int(rng.integers(0, 3)) * 1_000
                rows.append(
                    {
                        "user": f"u{user}",
                        "item": f"i{item}",
                        "key": len(rows),
                        "event": "view" if item in others else "buy",
                        "at": min(at, NEWEST),
                        "basket": f"b{visit}" if user % 2 else None,
                    }
                )
    rows[3]["at"] = None  # some event has no time
    return rows


def load(run: Run, rows: list[dict[str, Any]]) -> None:
    """Create events."""
    run(_EVENTS, rows=rows)


def learn(
    graph: GraphClient, generation: int, as_of: int
) -> tuple[Interactions, RankingKnowledge, tuple[str, ...]]:
    """Store with a generation what was known at a moment; return events, that, and its groups."""
    pulled, named = pull.pull_baskets(graph)
    attributes = pull.pull_attributes(graph, "Item")
    names = grouping_attributes(attributes)
    groups = groups_of(names, pulled.items.ids, attributes)
    known = knowledge(pulled, named_or_by_day(pulled, named), groups, as_of)
    stored_ranking_knowledge.write(graph, generation, pulled.users, pulled.items, known)
    return pulled, known, names


def teach(
    graph: GraphClient, generation: int, as_of: int = NEWEST, settings: RankerSettings = SETTINGS
) -> Ranker:
    """Give a generation in service a ranker that likes repeats, then what the people alike have."""
    names = learn(graph, generation, as_of)[2]
    users = [f"u{n}" for n in range(N_USERS)]
    asked = ask_candidates(graph, users, Rules(exclude_seen=False), generation, as_of)
    matrix = features(asked.table)
    wish = matrix[:, FEATURES.index("count")] + 0.3 * np.nan_to_num(
        matrix[:, FEATURES.index("people_score")]
    )
    labelled = LabelledCandidates(asked.table.user, matrix, wish > 1.0)
    ranker = rankers.fit([labelled], settings, names, 0)
    stored_rankers.write(graph, generation, ranker)
    return ranker
