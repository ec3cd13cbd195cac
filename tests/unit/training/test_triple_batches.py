import numpy as np
import pytest

from engine.data.triples import Triples
from engine.training.batches import Sampling
from engine.training.triple_batches import TripleBatches, weigh

DAY = 86_400_000


def triples() -> Triples:
    """Four users, five items of which two are in events, three entities; item 4 is the hub."""
    rows = [(0, 0, 4, 30), (1, 0, 4, 20), (2, 0, 4, 30), (3, 0, 5, 0), (4, 1, 9, 0), (5, 1, 10, 0)]
    columns = np.array(rows, dtype=np.int64).T
    columns[3] *= DAY
    return Triples(4, 5, 3, ("bought",), ("MADE_BY",), *columns)


def test_an_epoch_holds_each_triple_once() -> None:
    batches = TripleBatches(triples(), Sampling(4, "uniform", 10, seed=0))
    assert batches.steps == 2
    seen = [batches.batch(0, step) for step in range(2)]
    found = [
        row
        for one in seen
        for row in zip(
            *(part.tolist() for part in (one.heads, one.relations, one.tails)), strict=True
        )
    ]
    whole = triples()
    assert sorted(found) == sorted(
        zip(whole.head.tolist(), whole.relation.tolist(), whole.tail.tolist(), strict=True)
    )
    assert found != sorted(found)
    assert batches.batch(1, 0).heads.tolist() != seen[0].heads.tolist()


def test_uniform_negatives_are_nodes_of_each_label_that_are_in_a_triple() -> None:
    batch = TripleBatches(triples(), Sampling(4, "uniform", 10, seed=0)).batch(0, 0)
    assert [one.tolist() for one in batch.negatives] == [[0, 1, 2, 3], [4, 5], [9, 10]]
    few = TripleBatches(triples(), Sampling(4, "uniform", 1, seed=0)).batch(0, 0)
    assert [len(one) for one in few.negatives] == [1, 1, 1]


def test_in_batch_negatives_are_the_batch_s_own_ends_and_more_where_it_is_small() -> None:
    sampling = Sampling(6, "in-batch", 5, seed=0)
    batches = TripleBatches(triples(), sampling)
    users, items, _ = (one.tolist() for one in batches.batch(0, 0).negatives)
    assert sorted(users[:4]) == [0, 1, 2, 3]
    assert sorted(items) != sorted(set(items)), "a hub is there as often as its degree says"
    assert len(items) == len(users) == 5
    drawn = np.concatenate([batches.batch(epoch, 0).negatives[0][4:] for epoch in range(400)])
    assert np.bincount(drawn, minlength=4) == pytest.approx(np.full(4, 100), abs=40)
    small = TripleBatches(triples(), Sampling(1, "in-batch", 600, seed=0)).batch(0, 0)
    shares = np.bincount(small.negatives[1].numpy(), minlength=6)[4:] / 600
    assert shares == pytest.approx([4 / 6, 2 / 6], abs=0.08)


def test_both_ways_of_drawing_stand_beside_each_other() -> None:
    batch = TripleBatches(triples(), Sampling(6, "both", 5, seed=0)).batch(0, 0)
    assert [len(one) for one in batch.negatives] == [9, 7, 7]


def test_a_batch_depends_on_its_number_alone() -> None:
    sampling = Sampling(2, "both", 3, seed=0)
    late, walked = TripleBatches(triples(), sampling), TripleBatches(triples(), sampling)
    for step in range(3):
        walked.batch(4, step)
    one, other = late.batch(5, 1), walked.batch(5, 1)
    assert one.heads.tolist() == other.heads.tolist()
    for mine, theirs in zip(one.negatives, other.negatives, strict=True):
        assert mine.tolist() == theirs.tolist()


def test_events_weigh_by_age_and_facts_as_they_are_told() -> None:
    # Ages of the events: 0, 10 and 0 days, and one without a time.
    raw = np.array([1.0, 0.5, 1.0, 1.0])
    expected = [*(raw / raw.mean()), 0.3, 0.3]
    assert weigh(triples(), 10.0, 0.3) == pytest.approx(expected)
    assert weigh(triples(), 0.0, 0.3) == pytest.approx([1, 1, 1, 1, 0.3, 0.3])
    batch = TripleBatches(triples(), Sampling(6, "both", 5, 0, 10.0), 0.3).batch(0, 0)
    assert batch.weights is not None
    assert sorted(batch.weights.tolist()) == pytest.approx(sorted(expected))
    assert TripleBatches(triples(), Sampling(6, "both", 5, 0)).batch(0, 0).weights is None


def test_without_facts_there_is_no_entity_to_draw() -> None:
    events = triples()
    columns = (events.head[:4], events.relation[:4], events.tail[:4], events.at[:4])
    alone = Triples(4, 5, 0, ("bought",), (), *columns)
    for negatives in ("uniform", "in-batch", "both"):
        batch = TripleBatches(alone, Sampling(4, negatives, 3, seed=0)).batch(0, 0)
        assert len(batch.negatives[2]) == 0
        assert len(batch.negatives[1]) >= 2
