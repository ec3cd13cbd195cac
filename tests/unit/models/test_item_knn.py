import numpy as np

from engine.models.item_knn import ItemKnn

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
