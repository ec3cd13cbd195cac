import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_info, threadpool_limits

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models import PLAIN, item_filter
from engine.models.ease import Ease, EaseConfig
from engine.models.item_filter import FilterConfig
from engine.models.item_knn import ItemKnnConfig
from engine.training import seed

ALL = np.arange(9)
FILTERS = [name for name, about in PLAIN.items() if about.edges]


@pytest.mark.parametrize("name", FILTERS)
def test_edges_hold_what_a_score_adds_up(name: str, small_graph: Interactions) -> None:
    # All edges kept: of items that a user does not have, two hops are the score itself.
    config = ItemKnnConfig(shrinkage=0) if name == "item-knn" else PLAIN[name].config()
    method = PLAIN[name].build(small_graph, config, seed.generator(0, "start"))
    assert isinstance(method, item_filter.WithEdges)
    edges = method.item_edges(7)
    own = small_graph.csr(binary=True)
    new = own.toarray() == 0
    np.testing.assert_allclose((own @ edges).toarray()[new], method.score(ALL)[new], atol=1e-5)
    assert not edges.diagonal().any()


@pytest.mark.parametrize("name", FILTERS)
def test_each_item_keeps_its_strongest_edges(name: str, small_graph: Interactions) -> None:
    method = PLAIN[name].build(small_graph, PLAIN[name].config(), seed.generator(0, "start"))
    assert isinstance(method, item_filter.WithEdges)
    whole, some = (method.item_edges(most).toarray() for most in (7, 2))
    for before, after in zip(np.abs(whole), np.abs(some), strict=True):
        kept = after > 0
        assert kept.sum() <= 2
        np.testing.assert_allclose(after[kept], before[kept], rtol=1e-6)
        assert before[~kept].max() <= after[kept].min(initial=np.inf)


def test_of_level_edges_those_of_smaller_columns_stay() -> None:
    found = item_filter.strongest(np.ones((2, 5), dtype=np.float32), 1, 2)
    # Item 1 leads to 0 and 2, item 2 to 0 and 1: none to itself.
    assert found.indices.tolist() == [0, 2, 0, 1]


@pytest.mark.parametrize("most", [1, 4, 40])
def test_rows_of_few_cells_in_any_order_keep_what_whole_rows_would(most: int) -> None:
    generator = np.random.default_rng(most)
    whole = generator.integers(-3, 4, (6, 30)).astype(np.float32)  # many are level, many are 0
    whole[2], whole[3] = 0, 0
    whole[3, 5] = 2  # nothing but the item itself, of those from the second on
    whole[4] *= 1e-9
    row, column = whole.nonzero()
    order = np.lexsort((generator.random(len(row)), row))
    ends = np.bincount(row, minlength=6).cumsum()
    cells = (whole[row, column][order], column[order], np.append(0, ends))
    some = item_filter.strongest(sparse.csr_array(cells, shape=whole.shape), 2, most)
    assert (some != item_filter.strongest(whole, 2, most)).nnz == 0


@pytest.mark.parametrize("name", FILTERS)
def test_items_that_nothing_joins_have_no_edges(name: str) -> None:
    # Pairs of items, each with users of its own: rounding must not join one pair to another.
    user, item = np.repeat(np.arange(18), 2), np.repeat(2 * np.arange(9), 4)
    item[1::2] += 1
    users, items = (Vocabulary([f"{side}{n:02}" for n in range(18)]) for side in "ui")
    events = Interactions.of(users, items, user, item)
    method = PLAIN[name].build(events, PLAIN[name].config(), seed.generator(0, "start"))
    assert isinstance(method, item_filter.WithEdges)
    edges = method.item_edges(18)
    assert edges.indices.tolist() == [one ^ 1 for one in range(18)]


def test_a_profile_counts_the_newest_event_of_an_item_and_sums_to_1() -> None:
    day = 86_400_000
    events = _events(user=[0, 0, 0, 1], item=[0, 0, 1, 2], at=[day, 11 * day, 21 * day, 5 * day])
    config = FilterConfig(profile_half_life_days=10)
    found = item_filter.profiles(events, config).toarray()
    # Item 0 is ten days older than item 1, whatever happened to it before.
    np.testing.assert_allclose(
        found, [[1 / 3, 2 / 3, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], atol=1e-6
    )
    ageless = item_filter.profiles(events, FilterConfig()).toarray()
    np.testing.assert_allclose(ageless, [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])


def test_a_profile_of_who_did_nothing_for_years_is_kept() -> None:
    day = 86_400_000
    events = _events(user=[0, 0, 1], item=[0, 1, 2], at=[day, 16 * day, 4_000 * day])
    found = item_filter.profiles(events, FilterConfig(profile_half_life_days=15)).toarray()
    np.testing.assert_allclose(found[:2], [[1 / 3, 2 / 3, 0.0], [0.0, 0.0, 1.0]], atol=1e-6)
    # 1,034 half-lives: the reciprocal of such a sum is more than 64 bits can hold.
    found = item_filter.profiles(
        events, FilterConfig(profile_half_life_days=3_999 / 1_034)
    ).toarray()
    np.testing.assert_allclose(found[0].sum(), 1.0, rtol=1e-6)


def test_profiles_count_what_weights_are_set_to_say() -> None:
    events = _events(user=[0, 0, 0], item=[0, 0, 1], at=[0, 0, 0], weight=[2, 1, 1])
    found = item_filter.profiles(events, FilterConfig(confidence="linear")).toarray()
    np.testing.assert_allclose(found[0], [0.75, 0.25, 0.0])


def test_scaled_edges_have_strongest_ones_of_1_on_average() -> None:
    edges = sparse.csr_array(np.array([[0, 4, 2], [2, 0, 1], [0, 0, 0]], dtype=np.float32))
    found = item_filter.scaled(edges).toarray()
    np.testing.assert_allclose(found, edges.toarray() / 3)


def test_negative_weights_are_kept_where_they_are_strong(small_graph: Interactions) -> None:
    edges = Ease(small_graph, EaseConfig(l2=1.0)).item_edges(7)
    assert edges.data.min() < 0


def _events(
    user: list[int], item: list[int], at: list[int], weight: list[float] | None = None
) -> Interactions:
    return Interactions.of(
        Vocabulary(["u0", "u1", "u2"]),
        Vocabulary(["a", "b", "c"]),
        np.array(user),
        np.array(item),
        at=np.array(at),
        weight=np.array(weight or [1.0] * len(user)),
        events=("view",),
    )


def test_a_long_profile_keeps_the_newest_of_level_items() -> None:
    events = _events(user=[0, 0, 0, 1], item=[0, 1, 2, 1], at=[5, 9, 7, 1])
    found = item_filter.profiles(events, FilterConfig(profile_items=2)).toarray()
    np.testing.assert_allclose(found[:2], [[0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
    weighed = _events(user=[0, 0, 0], item=[0, 1, 2], at=[5, 9, 7], weight=[3, 1, 1])
    config = FilterConfig(profile_items=2, confidence="linear")
    np.testing.assert_allclose(
        item_filter.profiles(weighed, config).toarray()[0], [0.75, 0.25, 0.0]
    )


def test_blocks_share_the_threads_of_products() -> None:
    def threads() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    seen = set()

    def rows_of(rows: slice) -> np.ndarray:
        seen.update(threads())
        return np.ones((rows.stop - rows.start, 200), dtype=np.float32)

    with threadpool_limits(2, "blas"):
        item_filter.by_blocks(200, rows_of, 3)
        assert threads() == {2}  # as the caller had them
    assert seen == {1}
