import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation.baselines import BASELINES
from engine.evaluation.comparison import BLEND, Comparison, JudgedTask, compare, verdicts
from engine.evaluation.protocols import EvaluationTask, NextBasket, NextItemProtocol
from engine.evaluation.ranking import UserScorer
from engine.evaluation.significance import Difference


def events(pairs: list[tuple[int, int]]) -> Interactions:
    user, item = (np.array(column, dtype=np.int32) for column in zip(*pairs, strict=True))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(12)]),
        Vocabulary([f"i{n}" for n in range(30)]),
        user,
        item,
        at=np.arange(1, len(user) + 1),
    )


def constant(best: int) -> UserScorer:
    scores = np.zeros(30, dtype=np.float32)
    scores[best] = 1.0
    return lambda rows: np.tile(scores, (len(rows), 1))


def test_what_is_served_is_compared_with_every_plain_method_on_the_same_users() -> None:
    earlier = events([(user, user) for user in range(12)] + [(11, item) for item in range(12, 30)])
    parts = Split(earlier, events([(user, 20) for user in range(11)]))
    ours = {BLEND: constant(20), "model": constant(20)}
    task = EvaluationTask(parts, lambda: parts)
    judged = [JudgedTask(task, ours, {"bad": constant(3)})]
    found = compare(judged, lambda: np.random.default_rng(0))
    by_name = {one.method: one for one in found}
    assert set(by_name) == {BLEND, "model", "bad", *BASELINES}
    assert by_name[BLEND].means["ndcg@20"] == pytest.approx(1.0)
    assert by_name["model"].against_blend["ndcg@20"] == Difference(0.0, 0.0, 0.0, 11)
    assert by_name["bad"].against_blend["ndcg@20"].better
    assert not by_name["model"].plain
    assert by_name["bad"].plain


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.1, 0.3, "beats it"), (-0.1, 0.3, "is level with it"), (-0.3, -0.1, "loses to it")],
)
def test_the_verdict_follows_the_interval(low: float, high: float, said: str) -> None:
    gap = Difference((low + high) / 2, low, high, 90)
    rows = [
        Comparison(BLEND, True, False, {"ndcg@20": 0.5}, {}),
        Comparison("lightgcn", True, False, {"ndcg@20": 0.4}, {"ndcg@20": gap}),
        Comparison("popular", True, True, {"ndcg@20": 0.3}, {"ndcg@20": gap}),
    ]
    (line,) = verdicts(rows)
    assert line.startswith("Seen items allowed: the best plain method is popular")
    assert said in line
    assert "lightgcn alone 0.4000" in line


@pytest.mark.parametrize("users", [1, 49])
def test_over_few_users_nothing_beats_or_is_level(users: int) -> None:
    gap = Difference(0.2, 0.1, 0.3, users)
    rows = [
        Comparison(BLEND, False, False, {"ndcg@20": 0.5}, {}),
        Comparison("popular", False, True, {"ndcg@20": 0.3}, {"ndcg@20": gap}),
    ]
    (line,) = verdicts(rows, "Load more.")
    assert line.startswith("New items only: too few users to tell (")
    assert line.endswith("a verdict needs 50. Load more.")


def test_over_nobody_one_sentence_is_said() -> None:
    parts = Split(events([(0, 0), (1, 1)]), events([(2, 0), (3, 1)]))
    task = EvaluationTask(parts, lambda: parts)
    judged = [JudgedTask(task, {BLEND: constant(20)}, {})]
    rows = compare(judged, lambda: np.random.default_rng(0))
    assert rows == []
    (line,) = verdicts(rows, "Load more.")
    assert line.startswith("Too few users to tell (0): no user of the test part has anything")


def test_a_verdict_for_each_kind_of_list_beside_the_best_plain_method() -> None:
    def gap(low: float, high: float) -> dict[str, Difference]:
        return {"ndcg@20": Difference((low + high) / 2, low, high, 50)}

    rows = []
    for seen, bounds in ((True, (-0.2, 0.0)), (False, (-0.2, -0.1))):
        rows += [
            Comparison(BLEND, seen, False, {"ndcg@20": 0.25}, {}),
            Comparison("lightgcn", seen, False, {"ndcg@20": 0.125}, gap(0.1, 0.3)),
            Comparison("vectors", seen, False, {"ndcg@20": 0.0625}, gap(0.1, 0.3)),
            Comparison("popular", seen, True, {"ndcg@20": 0.125}, gap(0.1, 0.3)),
            Comparison("item-knn", seen, True, {"ndcg@20": 0.375}, gap(*bounds)),
        ]
    new, seen_too = verdicts(rows)
    assert new == (
        "New items only: the best plain method is item-knn with ndcg@20 0.3750; lightgcn alone "
        "0.1250, vectors alone 0.0625. The blend loses to it: 0.2500, "
        "-0.1500 [-0.2000, -0.1000] over 50 users."
    )
    # An interval that ends at zero tells nothing.
    assert "The blend is level with it: 0.2500" in seen_too


def test_a_kind_of_list_that_too_few_were_asked_for_hides_no_other() -> None:
    few, many = (Difference(0.2, 0.1, 0.3, users) for users in (49, 50))
    rows = [
        Comparison("popular", False, True, {"ndcg@20": 0.3}, {"ndcg@20": few}),
        Comparison(BLEND, False, False, {"ndcg@20": 0.5}, {}),
        Comparison("popular", True, True, {"ndcg@20": 0.3}, {"ndcg@20": many}),
        Comparison(BLEND, True, False, {"ndcg@20": 0.5}, {}),
    ]
    new, seen_too = verdicts(rows)
    assert "needs 50" in new
    assert new.endswith(". ")  # no cause is known
    assert "The blend beats it" in seen_too


def test_of_a_basket_what_was_had_is_shown_apart_from_what_is_new() -> None:
    """Half of the twelve come back to their item, half take item 20; the list holds 20 alone."""
    earlier = events([(user, user) for user in range(12)] + [(11, 20)])
    later = [(user, user if user < 6 else 20) for user in range(11)]
    parts = Split(earlier, events(later))
    judged = [JudgedTask(EvaluationTask(parts, lambda: parts), {BLEND: constant(20)})]
    found = compare(judged, lambda: np.random.default_rng(0), NextBasket())
    rows = {one.seen: one.means for one in found if one.method == BLEND}
    assert rows[True]["explore-recall@20"] == 1.0
    assert rows[True]["explore-ndcg@10"] == 1.0
    # After item 20 come all others, by their events and then by id: i0, i1, i10, i11, i2, ….
    places = dict(zip(range(6), (2, 3, 6, 7, 8, 9), strict=True))
    ndcg = np.mean([1 / np.log2(place + 1) for place in places.values()])
    assert rows[True]["repeat-ndcg@20"] == pytest.approx(ndcg)
    assert rows[True]["phr@20"] == rows[True]["hit@20"] == 1.0
    assert rows[True]["repeat-share@20"] == pytest.approx(1 / 13)
    # Of lists of new items none of it is repeated.
    assert "phr@10" in rows[False]
    assert "repeat-recall@20" not in rows[False]
    plain = compare(judged, lambda: np.random.default_rng(0))
    assert all("phr@20" not in one.means for one in plain)


def test_the_longest_list_of_the_protocol_decides() -> None:
    parts = Split(events([(n, n) for n in range(12)]), events([(n, 11) for n in range(11)]))
    judged = [JudgedTask(EvaluationTask(parts, lambda: parts), {BLEND: constant(11)})]
    for protocol, metric in ((NextItemProtocol(), "ndcg@10"), (NextBasket(), "ndcg@20")):
        found = compare(judged, lambda: np.random.default_rng(0), protocol)
        gaps = [list(one.against_blend) for one in found if one.method == "popular"]
        assert gaps == [[metric, metric.replace("ndcg", "recall")]]
    rows = [
        Comparison(BLEND, False, False, {"ndcg@10": 0.5, "ndcg@20": 0.1}, {}),
        *(
            Comparison(name, False, True, {"ndcg@10": at10, "ndcg@20": at20}, {"ndcg@10": gap})
            for name, at10, at20, gap in (
                ("popular", 0.3, 0.4, Difference(0.2, 0.1, 0.3, 60)),
                ("buy-again", 0.2, 0.6, Difference(0.3, 0.2, 0.4, 60)),
            )
        ),
    ]
    (line,) = verdicts(rows)
    assert "popular with ndcg@10 0.3000" in line
    assert "beats it: 0.5000" in line
