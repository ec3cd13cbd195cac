"""Words weighed by rarity, and their leading singular vectors: checked against the definition."""

import numpy as np

from engine.data.encoding.weighed_words import MOST_COLUMNS, WeighedWords


def _drawn(rng: np.random.Generator, rows: int, words: int) -> list[list[str]]:
    return [[f"t{n}" for n in rng.integers(0, words, 6)] for _ in range(rows)]


def test_singular_vectors_are_those_of_the_weighed_table(rng: np.random.Generator) -> None:
    rows = _drawn(rng, 300, 200)
    found = WeighedWords.fitted(rows)
    assert found is not None
    assert found.components is not None
    # The table by the formula, and LAPACK's decomposition of it.
    uses = {word: sum(word in own for own in rows) for word in found.words}
    table = np.array(
        [[(np.log(300 / uses[w]) + 1) * (w in own) for w in found.words] for own in rows]
    )
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    left, values, _ = np.linalg.svd(table, full_matrices=False)
    made = found.encode(rows)
    assert made.shape == (300, MOST_COLUMNS)
    expected = (left * values)[:, :MOST_COLUMNS]
    signs = np.sign((made * expected).sum(axis=0))
    np.testing.assert_allclose(made, expected * signs, atol=1e-4)


def test_a_later_row_is_projected_alike_alone_or_among_others(rng: np.random.Generator) -> None:
    rows = _drawn(rng, 300, 200)
    found = WeighedWords.fitted(rows)
    assert found is not None
    later = [*_drawn(rng, 5, 250), [], ["unknown"]]
    restored = WeighedWords.restored(found.state())
    made = restored.encode(later)
    np.testing.assert_array_equal(made, found.encode(later))
    np.testing.assert_array_equal(made[2:3], found.encode(later[2:3]))
    assert not made[-2:].any(), "what nobody knows says nothing"


def test_a_table_of_low_rank_gives_one_result(rng: np.random.Generator) -> None:
    # Seven kinds of row over 210 words: ARPACK runs out of directions and draws others.
    kinds = [[f"t{30 * kind + n}" for n in range(30)] for kind in range(7)]
    rows = [kinds[kind] for kind in range(7) for _ in range(8 * kind + 5)]
    rows = [rows[n] for n in rng.permutation(len(rows))]
    first = WeighedWords.fitted(rows)
    assert first is not None
    assert first.components is not None
    assert first.components.shape == (210, 7)
    for _ in range(5):
        again = WeighedWords.fitted(rows)
        assert again is not None
        np.testing.assert_allclose(again.components, first.components, atol=1e-6)


def test_only_the_words_that_most_rows_use() -> None:
    rows = [["a", "b", "c"], ["a", "b"], ["a", "c"], ["d"]]
    found = WeighedWords.fitted(rows, 2)
    assert found is not None
    assert found.words == ("a", "b"), "of two with as many uses the first by name"
    assert WeighedWords.fitted([["a"], ["b"]]) is None
    assert found.encode([["c"], ["b", "b"]]).tolist() == [[0, 0], [0, 1]]


def test_few_rows() -> None:
    found = WeighedWords.fitted([["x"], ["x"]])
    assert found is not None
    assert found.encode([["x"]]).tolist() == [[1.0]]
