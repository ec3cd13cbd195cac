"""What a list of generations shows of each."""

from datetime import UTC, datetime

import pytest

from engine.graph.stored_generations import StoredGeneration
from engine.publishing.listed_generations import blend_figures, unrecorded_row
from engine.store.registry_records import Run


def test_of_a_run_the_figures_of_what_serves_are_shown() -> None:
    metrics = {
        "seen.blend.ndcg@20": 0.25,
        "unseen.blend.ndcg@20": None,
        "seen.popular.ndcg@20": 0.5,
        "seen.ranked.ndcg@20": 0.3,
    }
    run = Run(
        1, "lightgcn", {}, 1, 0, "test", "finished", 1.0, None, None, None,
        datetime.now(UTC), None, metrics,
    )  # fmt: skip
    shown = {"seen.blend.ndcg@20": 0.25, "seen.ranked.ndcg@20": 0.3}
    assert blend_figures(run) == shown
    assert blend_figures(None) == {}


@pytest.mark.parametrize(("serving", "state"), [(True, "serving"), (False, "published")])
def test_a_generation_of_another_home_has_a_row(serving: bool, state: str) -> None:
    stored = StoredGeneration(6, "published", serving, {"model": "bpr-mf", "dimension": 32})
    row = unrecorded_row(stored)
    assert row == {
        "number": 6,
        "run_id": None,
        "model": "bpr-mf",
        "dimension": 32,
        "settings": {},
        "state": state,
        "reason": "published from another home",
        "created_at": None,
        "changed_at": None,
    }
