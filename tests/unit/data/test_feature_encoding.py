from typing import Any

import numpy as np
import pytest

from engine.data.feature_encoding import MOST_WORDS, encode, fact_words
from engine.data.knowledge import Knowledge
from engine.data.vocabulary import Vocabulary


def test_nothing_known_is_no_feature() -> None:
    assert encode(["a", "b"], {}) is None
    assert encode(["a", "b"], {"a": {"colour": "only here"}}) is None


def test_words_are_weighed_by_rarity_and_rows_have_unit_length() -> None:
    attributes = {
        "a": {"kind": "tea", "tags": ["hot", "leaf"]},
        "b": {"kind": "tea", "tags": ["hot"]},
        "c": {"kind": "cup", "tags": ["leaf"]},
        "d": {"kind": "tea"},
    }
    found = encode(["a", "b", "c", "d", "e"], attributes)
    assert found is not None
    # Columns: kind=tea (3 of 5), tags=hot (2 of 5), tags=leaf (2 of 5); kind=cup stands once.
    tea, hot = np.log(5 / 3) + 1, np.log(5 / 2) + 1
    expected = np.array([[tea, hot, hot], [tea, hot, 0], [0, 0, hot], [tea, 0, 0], [0, 0, 0]])
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected / np.maximum(lengths, 1e-9), atol=1e-6)


def test_an_attribute_that_is_always_a_number_is_a_column() -> None:
    attributes: dict[str, dict[str, Any]] = {str(n): {"price": str(n * 10)} for n in range(30)}
    found = encode([*attributes, "without"], attributes)
    assert found is not None
    numbers = np.arange(30) * 10.0
    np.testing.assert_allclose(found[:30, 0], (numbers - numbers.mean()) / numbers.std(), rtol=1e-5)
    assert found[30].tolist() == [0.0, 1.0]
    assert not found[:30, 1].any()


def test_many_words_become_their_leading_singular_vectors() -> None:
    rng = np.random.default_rng(0)
    ids = [str(n) for n in range(400)]
    attributes = {id_: {"tags": [f"t{n}" for n in rng.integers(0, 300, 6)]} for id_ in ids}
    found, again = encode(ids, attributes), encode(ids, attributes)
    assert found is not None
    assert found.shape == (400, MOST_WORDS)
    np.testing.assert_array_equal(found, again)
    full = encode(ids, {id_: {"tags": own["tags"]} for id_, own in attributes.items()})
    assert full is not None
    # Most of what the words say of likeness stays.
    assert np.linalg.norm(found) ** 2 > 0.6 * len(ids)


def test_facts_of_users_and_items_become_words() -> None:
    # Users 0 1, items 2 3, entities 4 (Brand:7) and 5 (Town:1).
    knowledge = Knowledge.of(
        (2, 2),
        Vocabulary(["Brand:7", "Town:1"]),
        ("KNOWS", "LIVES_IN", "MADE"),
        (np.array([0, 1, 4, 4, 4]), np.array([0, 1, 2, 2, 2]), np.array([1, 5, 3, 2, 3])),
    )
    assert len(knowledge) == 4, "a fact stands once"
    words = fact_words(knowledge)
    assert words == [[], ["LIVES_IN=Town:1"], ["MADE=Brand:7"], ["MADE=Brand:7"]]


@pytest.mark.parametrize("change", ["relation", "tail", "entity"])
def test_a_digest_tells_facts_apart(change: str) -> None:
    def facts(entity: str = "a", relation: str = "R", tail: int = 1) -> Knowledge:
        ends = np.array([0]), np.array([0]), np.array([tail])
        return Knowledge.of((1, 1), Vocabulary([entity]), (relation,), ends)

    other = {"relation": facts(relation="S"), "tail": facts(tail=2), "entity": facts("b")}[change]
    assert facts().digest() == facts().digest()
    assert facts().digest() != other.digest()
