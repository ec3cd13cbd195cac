"""What a build is asked and what it reports; building: integration/test_derived_graphs.py."""

from typing import Any

import pytest

from engine.errors import UsageError
from engine.publishing.item_graphs import BuildReport, BuildRequest


@pytest.mark.parametrize(
    "wrong",
    [
        {"graph": "friends"},
        {"unit": "week"},
        {"top": 0},
        {"top": 1_001},
        {"min_count": 0},
        {"max_basket": 10_001},
        {"window": 101},
        {"session_gap_minutes": 0.0},
        {"session_gap_minutes": float("inf")},
    ],
    ids=str,
)
def test_a_value_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        BuildRequest(**{"graph": "co-occurrence"} | wrong)


def test_the_ends_of_each_range_are_allowed() -> None:
    BuildRequest("co-occurrence", top=1, min_count=1, max_basket=1, window=1)
    BuildRequest("sequential", top=1_000, max_basket=10_000, window=100, session_gap_minutes=0.1)


def _report(**found: Any) -> BuildReport:
    counts = dict.fromkeys(("unchanged", "written", "removed", "left_out", "full_items"), 0)
    counts |= {"edges": 0, "capped_baskets": 0}
    values: dict[str, Any] = {"graph": "co-occurrence", "relation": "CO_OCCURRED"}
    values |= {"source": "events", "baskets": 3, "seconds": 0.1}
    return BuildReport(**values | counts | found)


def test_a_graph_without_edges_says_what_to_try() -> None:
    assert "--min-count 1" in (_report().note() or "")
    note = _report(graph="sequential", counted_by="A basket is a session.").note()
    assert note == "A basket is a session. No two items are joined."


def test_sampled_baskets_are_named() -> None:
    note = _report(edges=5, capped_baskets=2, left_out=700).note() or ""
    assert note.startswith("2 baskets were too large")
    assert "700 items" in note
    assert _report(edges=5).note() is None
    assert _report(edges=5).as_dict()["note"] is None
