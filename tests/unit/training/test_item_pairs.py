"""Pairs of items of one user; hard negatives by the curriculum."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.models.pinsage import PinSageConfig
from engine.training.batches import Sampling
from engine.training.item_pairs import ItemPairBatches

from ...chi_square import likelihood

DAY = 86_400_000


def data() -> Interactions:
    # a: x, then a basket of y, z and w, then w again; b: y alone.
    return Interactions.of(
        Vocabulary(["a", "b"]),
        Vocabulary(["w", "x", "y", "z", "never"]),
        [0, 0, 0, 0, 0, 1],
        [1, 2, 3, 0, 0, 2],
        at=np.array([10, 20, 20, 20, 30, 30]) * DAY,
    )


def batches(
    train: Interactions | None = None, size: int = 100, days: float = 0, **more: Any
) -> ItemPairBatches:
    config = PinSageConfig(hard_from=3, hard_to=9, hard_most=4, **more)
    sampling = Sampling(size, "uniform", 10, seed=0, half_life_days=days)
    return ItemPairBatches(data() if train is None else train, config, sampling)


def pairs_of(source: ItemPairBatches, epoch: int) -> list[tuple[int, int, float]]:
    found = [source.batch(epoch, step) for step in range(source.steps)]
    return [
        row
        for one in found
        for row in zip(
            one.queries.tolist(),
            one.positives.tolist(),
            [1.0] * len(one.queries) if one.weights is None else one.weights.tolist(),
            strict=True,
        )
    ]


def test_consecutive_items_are_pairs_and_a_basket_has_no_order() -> None:
    source, last = batches(size=3), []
    assert source.steps == 2
    for epoch in range(60):
        found = pairs_of(source, epoch)
        assert len(found) == 4
        after = dict((query, (positive, weight)) for query, positive, weight in found)
        walk = [1]
        while len(walk) < 4:
            walk.append(after[walk[-1]][0])
        assert sorted(walk) == [0, 1, 2, 3], "x first, then the basket in some order"
        assert (after.get(0) == (0, 0.0)) == (walk[-1] == 0), "the same item again weighs nothing"
        last.append(walk[-1])
    assert likelihood(np.bincount(last, minlength=4)[[0, 2, 3]], np.ones(3) / 3) > 1e-4


def test_any_two_items_of_a_user_are_pairs() -> None:
    source = batches(pairs="together", size=3)
    counts = np.zeros((4, 4))
    for epoch in range(400):
        for query, positive, weight in pairs_of(source, epoch):
            counts[query, positive] += weight
    assert counts.sum() == 1_600
    assert likelihood(counts, (1 - np.eye(4)) / 3) > 1e-4


def test_a_new_pair_weighs_more() -> None:
    source = batches(days=10.0)
    weights = [sorted(weight for *_, weight in pairs_of(source, epoch)) for epoch in range(9)]
    apart = [one for one in weights if one[0] > 0]  # the last two items differ
    assert apart
    for oldest, *same, newest in apart:
        assert same == [oldest, oldest]
        assert newest == pytest.approx(2 * oldest)
    of_users = batches(days=10.0, pairs="together").batch(0, 0)
    by_query = dict(zip(of_users.queries.tolist(), of_users.weights.tolist(), strict=True))  # type: ignore[union-attr]
    assert by_query[2] == pytest.approx(2 * by_query[1])


def test_at_epoch_n_a_query_has_n_minus_1_hard_negatives_of_the_band() -> None:
    source = batches(pairs="together")
    for epoch, expected in enumerate([0, 1, 2, 3, 4, 4, 4]):
        ranks = source.batch(epoch, 0).ranks
        assert ranks.shape == (4, expected)
        assert not ranks.numel() or (ranks.min() >= 3 and ranks.max() < 9)
    drawn = np.concatenate([source.batch(epoch, 0).ranks.numpy().ravel() for epoch in range(99)])
    assert likelihood(np.bincount(drawn - 3, minlength=6), np.ones(6) / 6) > 1e-4


def test_negatives_are_items_that_somebody_had() -> None:
    assert batches().batch(0, 0).negatives.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", ["consecutive", "together"])
def test_a_batch_depends_on_its_number_alone(kind: str) -> None:
    late, walked = batches(pairs=kind, size=2), batches(pairs=kind, size=2)
    for step in range(2):
        walked.batch(4, step)
    one, other = late.batch(5, 1), walked.batch(5, 1)
    for name in ("queries", "positives", "negatives", "ranks"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


def test_what_makes_no_pair_is_said() -> None:
    timeless = replace(data(), at=np.zeros(6, dtype=np.int64))
    with pytest.raises(DataError, match="no time"):
        batches(timeless)
    assert len(pairs_of(batches(timeless, pairs="together"), 0)) == 4
    lonely = data().select(np.array([True, False, False, False, False, True]))
    for kind in ("consecutive", "together"):
        with pytest.raises(DataError, match="two items"):
            batches(lonely, pairs=kind)
