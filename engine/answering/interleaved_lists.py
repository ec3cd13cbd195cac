"""Two lists of one user as one: a team draft, in which the source of each item names its team."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import numpy as np

from engine.ab_tests.team_draft import Team, team_draft
from engine.graph.lists.recommendations import RecommendationList, Recommended


def interleaved(
    a: RecommendationList, b: RecommendationList, names: tuple[str, str]
) -> RecommendationList:
    """Return the draft of two lists, as long as was asked; its id alone throws the coins.

    A later page is a draft of what neither list has shown yet, so it is as fair as the first.

    Args:
        a: The list whose id, subject and basis the draft has.
        b: The other list, which was asked the same.
        names: Of the teams.
    """
    teams: Mapping[Team, tuple[str, Mapping[str, Recommended]]] = {
        "a": (names[0], {item.id: item for item in a.items}),
        "b": (names[1], {item.id: item for item in b.items}),
    }
    generator = np.random.default_rng(UUID(a.list_id).int)
    items = []
    for one in team_draft([*teams["a"][1]], [*teams["b"][1]], a.asked, generator):
        team, listed = teams[one.team]
        item = listed[one.item]
        items.append(replace(item, source=f"{team}:{item.source}"))
    same = a.generation == b.generation
    return replace(
        a,
        items=tuple(items),
        generation=a.generation if same else None,
        ranker=a.ranker if same else None,
        attributes={**b.attributes, **a.attributes},
        propensities=(),  # those of either list are not the draft's
    )
