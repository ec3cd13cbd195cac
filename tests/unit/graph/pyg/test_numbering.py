import numpy as np

from engine.graph.pyg.numbering import Numbering


def test_seeds_come_first_and_keep_their_order() -> None:
    one = Numbering()
    one.begin(np.array([7, 3, 9]))
    assert one.newest().tolist() == [7, 3, 9]
    assert one.add(np.array([9, 7])).tolist() == [2, 0]
    assert one.sizes == [3]


def test_new_rows_get_the_next_places_and_old_ones_keep_theirs() -> None:
    one = Numbering()
    one.begin(np.array([7, 3]))
    assert one.add(np.array([5, 7, 1, 5])).tolist() == [3, 0, 2, 3]
    one.end_hop()
    assert one.newest().tolist() == [1, 5]
    assert one.add(np.array([4, 1])).tolist() == [4, 2]
    one.end_hop()
    assert one.rows.tolist() == [7, 3, 1, 5, 4]
    assert one.sizes == [2, 2, 1]


def test_of_a_seed_that_stands_twice_the_first_place_counts() -> None:
    one = Numbering()
    one.begin(np.array([7, 3, 7]))
    assert one.add(np.array([7])).tolist() == [0]
    assert one.sizes == [3]
