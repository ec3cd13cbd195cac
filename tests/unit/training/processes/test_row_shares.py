import numpy as np
import pytest
import torch

from engine.training.processes.row_shares import RowShares


@pytest.mark.parametrize("counts", [(7,), (7, 4), (10, 1, 0), (1, 3, 5)])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_row_lies_in_one_process_where_place_says(counts: tuple[int, ...], size: int) -> None:
    shares = RowShares(counts, size)
    every = torch.arange(shares.n_rows)
    owner, place = shares.place(every)
    seen: list[int] = []
    for rank in range(size):
        held = np.concatenate([np.arange(shares.n_rows)[one] for one in shares.stretches(rank)])
        assert len(held) == sum(shares.lengths(rank))
        assert (owner[held] == rank).all()
        assert place[held].tolist() == list(range(len(held)))
        seen.extend(held.tolist())
    assert sorted(seen) == every.tolist()


def test_no_process_holds_more_than_its_share_of_a_label() -> None:
    shares = RowShares((10, 5), 3)
    assert [shares.lengths(rank) for rank in range(3)] == [[4, 2], [4, 2], [2, 1]]
