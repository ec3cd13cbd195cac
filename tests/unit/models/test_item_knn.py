import numpy as np

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.item_knn import ItemKnn, ItemKnnConfig

from ..three_users import ALL, DATA


def test_scores_equal_the_formula() -> None:
    seen = DATA.csr(binary=True).toarray()
    norm = np.maximum(np.linalg.norm(seen, axis=0), 1)
    cosine = seen.T @ seen / norm[:, None] / norm[None, :]
    np.fill_diagonal(cosine, 0)
    np.testing.assert_allclose(ItemKnn(DATA).score(ALL), seen @ cosine, atol=1e-6)


def test_only_the_nearest_are_kept() -> None:
    # x is as near to y as to z; the lower row stays. y and z keep x.
    scores = ItemKnn(DATA, neighbours=1).score(np.array([0]))
    np.testing.assert_allclose(
        scores[0], [1 / np.sqrt(2), 1 / np.sqrt(2), 1 / np.sqrt(2)], atol=1e-6
    )


def test_keeping_as_many_as_there_are_is_keeping_all() -> None:
    np.testing.assert_allclose(
        ItemKnn(DATA, neighbours=3).score(ALL), ItemKnn(DATA).score(ALL), atol=1e-6
    )


def test_of_equally_near_items_the_one_that_more_users_had_is_kept_then_the_smaller_id() -> None:
    # cos(x, a) = 1 / sqrt(4 * 1) and cos(x, b) = cos(x, c) = 2 / sqrt(4 * 4).
    had = {0: "xabc", 1: "xbc", 2: "x", 3: "x", 4: "bc", 5: "bc"}
    pairs = [(user, "abcx".index(item)) for user, items in had.items() for item in items]
    users, items = zip(*pairs, strict=True)
    names = Vocabulary([f"u{n}" for n in range(6)]), Vocabulary(list("abcx"))
    scores = ItemKnn(Interactions.of(*names, users, items), neighbours=1).score(np.array([4]))
    # b and c keep each other; a and x keep b: x not a, which one user had.
    np.testing.assert_allclose(scores[0], [0.5, 1, 1, 0.5], atol=1e-6)


def test_edges_that_few_users_share_are_held_back(small_graph: Interactions) -> None:
    seen = small_graph.csr(binary=True).toarray()
    users = seen.sum(axis=0)
    expected = np.zeros((7, 7))
    for one in range(7):
        for other in range(7):
            shared = int((seen[:, one] * seen[:, other]).sum())
            if one != other and shared:
                cosine = shared / np.sqrt(users[one] * users[other])
                expected[one, other] = cosine * shared / (shared + 3)
    config = ItemKnnConfig(shrinkage=3)
    found = ItemKnn(small_graph, None, config).item_edges(7)
    np.testing.assert_allclose(found.toarray(), expected, atol=1e-6)
