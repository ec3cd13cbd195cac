from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.sequences import Sequences
from engine.models.encoder import Batch, OwnNegatives
from engine.models.relational import TripleBatch
from engine.models.sasrec import SequenceBatch
from engine.training.processes.batch_parts import BatchPart, pairs_of, sequences_of, triples_of
from engine.training.processes.row_shares import RowShares

USERS = RowShares((10,), 2)


def numbers(*values: int) -> torch.Tensor:
    return torch.tensor(values)


def test_pairs_go_to_who_holds_their_user_and_share_the_negatives() -> None:
    whole = Batch(
        numbers(0, 4, 4, 5), numbers(1, 2, 3, 1), numbers(0, 6), weights=torch.arange(4.0)
    )
    first, second = (pairs_of(whole, USERS, rank) for rank in (0, 1))
    assert (first.share, second.share) == (0.75, 0.25)
    assert first.batch.users.tolist() == [0, 4, 4]
    assert second.batch.users.tolist() == [5]
    assert second.batch.positives.tolist() == [1]
    assert second.batch.weights.tolist() == [3.0]
    assert first.batch.negatives.tolist() == second.batch.negatives.tolist() == [0, 6]
    assert set(second.touched["nodes"].tolist()) == {5, 10 + 1, 10 + 0, 10 + 6}


def test_own_negatives_go_with_their_pairs() -> None:
    own = OwnNegatives(numbers(0, 2, 3), numbers(7, 8, 9), torch.tensor([1.0, 2.0, 3.0]))
    whole = Batch(numbers(0, 4, 4, 5), numbers(1, 2, 3, 1), numbers(0, 6), own_negatives=own)
    first, second = (pairs_of(whole, USERS, rank) for rank in (0, 1))
    kept = first.batch.own_negatives
    assert (kept.pairs.tolist(), kept.items.tolist()) == ([0, 2], [7, 8])
    kept = second.batch.own_negatives
    assert (kept.pairs.tolist(), kept.items.tolist(), kept.weights.tolist()) == ([0], [9], [3.0])
    assert {7, 8} <= set(first.touched["items"].tolist())
    assert 10 + 9 in second.touched["nodes"].tolist()


def test_who_has_none_of_a_batch_takes_part_with_a_share_of_nothing() -> None:
    part = pairs_of(Batch(numbers(7, 8), numbers(0, 1), numbers(2)), USERS, 0)
    assert part.share == 0
    assert part.batch.users.tolist() == [7]


def test_triples_are_dealt_out() -> None:
    negatives = numbers(0), numbers(3), numbers(8)
    whole = TripleBatch(numbers(0, 1, 2), numbers(0, 0, 1), numbers(4, 5, 9), negatives)
    parts = [triples_of(whole, rank, 2) for rank in (0, 1)]
    assert [one.batch.heads.tolist() for one in parts] == [[0, 2], [1]]
    assert [one.share for one in parts] == pytest.approx([2 / 3, 1 / 3])
    assert set(parts[1].touched["nodes"].tolist()) == {1, 5, 0, 3, 8}


def three_sequences() -> SequenceBatch:
    items = np.array([[1, 2, 3], [4, 5, 0], [6, 7, 8]])
    inputs = Sequences(items, items * 10, np.array([3, 2, 3]))
    places = numbers(0, 1, 2, 3, 4, 6, 7, 8)
    return SequenceBatch(inputs, places, numbers(2, 3, 4, 5, 6, 7, 8, 9), numbers(0), draw=5)


def followed(part: BatchPart) -> list[tuple[int, int]]:
    """Return each item and what comes after it."""
    batch = part.batch
    return list(
        zip(
            batch.sequences.items.ravel()[batch.places.numpy()].tolist(),
            batch.positives.tolist(),
            strict=True,
        )
    )


def test_sequences_are_dealt_out_whole() -> None:
    first, second = (sequences_of(three_sequences(), rank, 2) for rank in (0, 1))
    assert followed(first) == [(1, 2), (2, 3), (3, 4), (6, 7), (7, 8), (8, 9)]
    assert followed(second) == [(4, 5), (5, 6)]
    assert first.share + second.share == 1
    assert first.batch.draw != second.batch.draw
    own = OwnNegatives(numbers(1, 3, 6), numbers(20, 21, 22), torch.ones(3))
    whole = replace(three_sequences(), own_negatives=own)
    first, second = (sequences_of(whole, rank, 2) for rank in (0, 1))
    # Of the places 0, 1, 2, 5, 6, 7 and of the places 3, 4.
    assert first.batch.own_negatives.pairs.tolist() == [1, 4]
    assert second.batch.own_negatives.pairs.tolist() == [0]
    assert 21 in second.touched["items"].tolist()


def test_who_has_no_sequence_borrows_one() -> None:
    part = sequences_of(three_sequences(), 3, 4)
    assert part.share == 0
    assert followed(part) == [(1, 2)]
