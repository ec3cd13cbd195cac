"""Team draft: fair to both lists, each item once."""

import numpy as np

from engine.ab_tests.team_draft import team_draft


def test_a_list_holds_each_item_once_and_the_best_of_both() -> None:
    generator = np.random.default_rng(11)
    a, b = ["p", "q", "r", "s"], ["q", "t", "p", "u"]
    drafts = [team_draft(a, b, 4, generator) for _ in range(400)]
    for drafted in drafts:
        items = [one.item for one in drafted]
        assert len(set(items)) == 4
        assert drafted[0].item in ("p", "q")
        assert {one.team for one in drafted[:2]} == {"a", "b"}
        assert {one.team for one in drafted[2:]} == {"a", "b"}
    assert 160 < sum(drafted[0].team == "a" for drafted in drafts) < 240
    assert [one.item for one in team_draft(a, [], 3, generator)] == ["p", "q", "r"]
    assert len(team_draft(["p"], ["p"], 5, generator)) == 1
