import numpy as np

from engine.data.interactions import Interactions
from engine.models.chance import Random


def test_a_list_is_the_users_own_and_does_not_depend_on_who_is_asked_with_it(
    small_graph: Interactions,
) -> None:
    model = Random(small_graph, np.random.default_rng(0))
    all_rows, some = model.score(np.arange(9)), model.score(np.array([5, 2]))
    np.testing.assert_array_equal(some, all_rows[[5, 2]])
    assert len(np.unique(all_rows)) == all_rows.size
    other = Random(small_graph, np.random.default_rng(1)).score(np.arange(9))
    assert (other != all_rows).all()
